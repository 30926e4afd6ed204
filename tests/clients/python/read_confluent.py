"""confluent-kafka: reads back and checks the records that another client wrote."""
import sys

import records
from confluent_kafka import Consumer, TopicPartition

bootstrap, topic, size = sys.argv[1], sys.argv[2], int(sys.argv[4])
limit = size + 1_000_000
consumer = Consumer({
    "bootstrap.servers": bootstrap,
    "group.id": "unused",
    "enable.auto.commit": False,
    "check.crcs": True,
    "fetch.message.max.bytes": limit,
    "fetch.max.bytes": 2 * limit,
    "receive.message.max.bytes": 3 * limit,
})
consumer.assign([TopicPartition(topic, 0, 0)])
for number in range(records.SMALL + 1):
    message = consumer.poll(30)
    if message is None or message.error():
        raise SystemExit(f"record {number} did not come: {message and message.error()}")
    records.check(number, size, (
        message.offset(), message.key(), message.value(), message.headers() or [], message.timestamp()[1]))
consumer.close()
