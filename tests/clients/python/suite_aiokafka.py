"""aiokafka: produce and await each acknowledgement, then assign, seek and read."""
import asyncio
import sys

import records
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

bootstrap, topic, codec, size = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
limit = size + 1_000_000


async def produce():
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, compression_type=None if codec == "none" else codec, acks="all",
        enable_idempotence=True, linger_ms=20, max_request_size=limit)
    await producer.start()
    try:
        pending = [
            await producer.send(
                topic, partition=0, key=records.key(number), value=records.value(number, size),
                headers=records.headers(number), timestamp_ms=records.timestamp(number))
            for number in range(records.SMALL + 1)
        ]
        acknowledged = [(await one).offset for one in pending]
    finally:
        await producer.stop()
    if acknowledged != list(range(records.SMALL + 1)):
        raise SystemExit(f"acknowledged offsets are {acknowledged}")


async def consume():
    partition = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest",
        max_partition_fetch_bytes=limit, check_crcs=True)
    await consumer.start()
    try:
        consumer.assign([partition])
        consumer.seek(partition, 0)
        for number in range(records.SMALL + 1):
            await read_one(consumer, number)
        consumer.seek(partition, 20)
        await read_one(consumer, 20)
        ends = await consumer.end_offsets([partition])
        if ends[partition] != records.SMALL + 1:
            raise SystemExit(f"the end offset is {ends[partition]}")
        found = await consumer.offsets_for_times({partition: records.timestamp(7)})
        if found[partition].offset != 7:
            raise SystemExit(f"the offset for record 7's timestamp is {found[partition]}")
    finally:
        await consumer.stop()


async def read_one(consumer, number):
    message = await asyncio.wait_for(consumer.getone(), 30)
    records.check(number, size, (
        message.offset, message.key, message.value, list(message.headers), message.timestamp))


asyncio.run(produce())
asyncio.run(consume())
