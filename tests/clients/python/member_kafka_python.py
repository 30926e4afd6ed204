"""kafka-python as a member of a group: prints what it is given and what it reads, commits, leaves at SIGTERM."""
import signal
import sys

from kafka import KafkaConsumer
from kafka.errors import KafkaError

bootstrap, topic, group = sys.argv[1:4]
running = True


def stop(*_):
    global running
    running = False


def say(*words):
    print(*words, flush=True)


signal.signal(signal.SIGTERM, stop)
consumer = KafkaConsumer(
    topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
    session_timeout_ms=6000, heartbeat_interval_ms=500)
assigned = None
while running:
    batches = consumer.poll(timeout_ms=200)
    if len(consumer.assignment()) != assigned:
        assigned = len(consumer.assignment())
        say("assigned", assigned)
    for messages in batches.values():
        for message in messages:
            say("read", message.value.decode())
    try:
        if batches:
            consumer.commit()
    except KafkaError as error:
        say("commit failed:", error)
consumer.close(autocommit=False)
say("left")
