"""Many members of one group in one process: COUNT consumers that share a topic until each partition has one owner."""
import sys
import time

from confluent_kafka import Consumer

bootstrap, topic, group, count, partitions = *sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5])
settings = {
    "bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest",
    "partition.assignment.strategy": "cooperative-sticky", "session.timeout.ms": 45000, "enable.auto.commit": False,
}
consumers = [Consumer(settings) for _ in range(count)]
for consumer in consumers:
    consumer.subscribe([topic])
values, deadline, stable_since = set(), time.monotonic() + 150, None
while True:
    if time.monotonic() > deadline:
        raise SystemExit(f"not shared in time: {sorted(len(one.assignment()) for one in consumers)}")
    for consumer in consumers:
        message = consumer.poll(0.001)
        if message is not None and not message.error():
            values.add(message.value().decode())
    owned = [(one.topic, one.partition) for consumer in consumers for one in consumer.assignment()]
    shared = len(owned) == partitions and len(set(owned)) == partitions and all(one.assignment() for one in consumers)
    stable_since = (stable_since or time.monotonic()) if shared else None
    if stable_since and time.monotonic() > stable_since + 2 and len(values) >= partitions:
        break
print(f"{count} members own {partitions} partitions; {len(values)} records read")
for consumer in consumers:
    consumer.close()
