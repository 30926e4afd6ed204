"""confluent-kafka (librdkafka): produce with callbacks, then assign, seek and consume."""
import sys

import records
from confluent_kafka import Consumer, Producer, TopicPartition

bootstrap, topic, codec, size = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
limit = size + 1_000_000

producer = Producer({
    "bootstrap.servers": bootstrap,
    "compression.type": codec,
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 20,
    "message.max.bytes": limit,
})
acknowledged = []


def delivered(error, message):
    if error is not None:
        raise SystemExit(f"delivery failed: {error}")
    acknowledged.append(message.offset())


for number in range(records.SMALL + 1):
    producer.produce(
        topic, partition=0, key=records.key(number), value=records.value(number, size),
        headers=records.headers(number), timestamp=records.timestamp(number), on_delivery=delivered)
if producer.flush(60) != 0:
    raise SystemExit("not everything was delivered within 60 s")
if acknowledged != list(range(records.SMALL + 1)):
    raise SystemExit(f"acknowledged offsets are {acknowledged}")

consumer = Consumer({
    "bootstrap.servers": bootstrap,
    "group.id": "unused",
    "enable.auto.commit": False,
    "check.crcs": True,
    "fetch.message.max.bytes": limit,
    "fetch.max.bytes": 2 * limit,
    "receive.message.max.bytes": 3 * limit,
})


def read_one(number):
    message = consumer.poll(30)
    if message is None or message.error():
        raise SystemExit(f"record {number} did not come: {message and message.error()}")
    records.check(number, size, (
        message.offset(), message.key(), message.value(), message.headers() or [], message.timestamp()[1]))


consumer.assign([TopicPartition(topic, 0, 0)])
for number in range(records.SMALL + 1):
    read_one(number)
consumer.seek(TopicPartition(topic, 0, 20))
read_one(20)
low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0))
if (low, high) != (0, records.SMALL + 1):
    raise SystemExit(f"watermarks are {low} and {high}")
found = consumer.offsets_for_times([TopicPartition(topic, 0, records.timestamp(7))], 30)[0].offset
if found != 7:
    raise SystemExit(f"the offset for record 7's timestamp is {found}")
consumer.close()
