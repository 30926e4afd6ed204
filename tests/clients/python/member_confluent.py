"""confluent-kafka as a member of a group: prints what it is given and what it reads, commits, leaves at SIGTERM."""
import signal
import sys

from confluent_kafka import Consumer, KafkaException

bootstrap, topic, group, strategy = sys.argv[1:5]
running = True


def stop(*_):
    global running
    running = False


def say(*words):
    print(*words, flush=True)


signal.signal(signal.SIGTERM, stop)
settings = {
    "bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False,
}
if strategy == "consumer":
    settings |= {"group.protocol": "consumer"}
else:
    settings |= {
        "partition.assignment.strategy": strategy, "session.timeout.ms": 6000, "heartbeat.interval.ms": 500,
    }
consumer = Consumer(settings)
consumer.subscribe([topic])
assigned = None
while running:
    message = consumer.poll(0.2)
    count = len(consumer.assignment())
    if count != assigned:
        assigned = count
        say("assigned", count)
    if message is None or message.error():
        continue
    say("read", message.value().decode())
    try:
        consumer.commit(message, asynchronous=False)
    except KafkaException as error:
        say("commit failed:", error)
consumer.close()
say("left")
