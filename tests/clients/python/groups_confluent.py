"""confluent-kafka (librdkafka) in a group of the newer protocol (KIP-848): two members, a rebalance, committed positions."""
import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap = sys.argv[1]
TOPIC = GROUP = "confluent-newer"
PARTITIONS = 4
COUNT = 400


class Member:
    def __init__(self):
        self.assigned = set()
        self.seen = set()
        self.consumer = Consumer({
            "bootstrap.servers": bootstrap,
            "group.id": GROUP,
            "group.protocol": "consumer",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        })
        self.consumer.subscribe([TOPIC], on_assign=self.assign, on_revoke=self.revoke, on_lost=self.lost)

    def assign(self, consumer, partitions):
        self.assigned |= {one.partition for one in partitions}
        consumer.incremental_assign(partitions)

    def revoke(self, consumer, partitions):
        self.assigned -= {one.partition for one in partitions}
        consumer.incremental_unassign(partitions)

    def lost(self, consumer, partitions):
        raise SystemExit(f"lost {partitions}")

    def poll(self):
        message = self.consumer.poll(0.05)
        if message is None:
            return
        if message.error():
            raise KafkaException(message.error())
        self.seen.add((message.partition(), message.offset()))
        self.consumer.commit(message=message, asynchronous=False)


def until(what, members, condition):
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"never came: {what}; {[sorted(one.assigned) for one in members]}")
        for member in members:
            member.poll()


def produce():
    producer = Producer({"bootstrap.servers": bootstrap})
    for number in range(COUNT):
        producer.produce(TOPIC, partition=number % PARTITIONS, value=str(number))
    if producer.flush(60) != 0:
        raise SystemExit("not everything was delivered within 60 s")


admin = AdminClient({"bootstrap.servers": bootstrap})
admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result()
produce()
first = Member()
until("the first reads all", [first], lambda: len(first.seen) == COUNT)
second = Member()
until("both share", [first, second], lambda: (len(first.assigned), len(second.assigned)) == (2, 2))
if first.assigned & second.assigned:
    raise SystemExit(f"both read {first.assigned & second.assigned}")
produce()
until("both read all", [first, second], lambda: len(first.seen | second.seen) == 2 * COUNT)
if first.seen & second.seen:
    raise SystemExit(f"read twice: {sorted(first.seen & second.seen)}")
first.consumer.close()
until("the second has all", [second], lambda: len(second.assigned) == PARTITIONS)
second.consumer.close()
third = Member()
until("the third has all", [third], lambda: len(third.assigned) == PARTITIONS)
produce()
until("the third goes on where the others ended", [third], lambda: len(third.seen) >= COUNT)
if len(third.seen) != COUNT:
    raise SystemExit(f"the third read {len(third.seen)} records")
third.consumer.close()
