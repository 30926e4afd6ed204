"""kafka-python: produce and wait for each acknowledgement, then assign, seek and iterate."""
import sys

import records
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

bootstrap, topic, codec, size = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
limit = size + 1_000_000

producer = KafkaProducer(
    bootstrap_servers=bootstrap, compression_type=None if codec == "none" else codec, acks="all", linger_ms=20,
    max_request_size=limit, buffer_memory=4 * limit)
pending = [
    producer.send(
        topic, partition=0, key=records.key(number), value=records.value(number, size),
        headers=records.headers(number), timestamp_ms=records.timestamp(number))
    for number in range(records.SMALL + 1)
]
acknowledged = [one.get(60).offset for one in pending]
producer.close()
if acknowledged != list(range(records.SMALL + 1)):
    raise SystemExit(f"acknowledged offsets are {acknowledged}")

partition = TopicPartition(topic, 0)
consumer = KafkaConsumer(
    bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", consumer_timeout_ms=30_000,
    max_partition_fetch_bytes=limit, check_crcs=True)
consumer.assign([partition])


def read_one(number):
    message = next(consumer)
    records.check(number, size, (
        message.offset, message.key, message.value, list(message.headers), message.timestamp))


consumer.seek(partition, 0)
for number in range(records.SMALL + 1):
    read_one(number)
consumer.seek(partition, 20)
read_one(20)
found = consumer.offsets_for_times({partition: records.timestamp(7)})
if found[partition].offset != 7:
    raise SystemExit(f"the offset for record 7's timestamp is {found[partition]}")
consumer.close()
