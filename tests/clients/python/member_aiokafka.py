"""aiokafka as a member of a group: prints what it is given and what it reads, commits, leaves at SIGTERM."""
import asyncio
import signal
import sys

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

bootstrap, topic, group = sys.argv[1:4]


def say(*words):
    print(*words, flush=True)


async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
        session_timeout_ms=6000, heartbeat_interval_ms=500)
    await consumer.start()
    assigned = None
    while not stop.is_set():
        batches = await consumer.getmany(timeout_ms=200)
        if len(consumer.assignment()) != assigned:
            assigned = len(consumer.assignment())
            say("assigned", assigned)
        for messages in batches.values():
            for message in messages:
                say("read", message.value.decode())
        try:
            if batches:
                await consumer.commit()
        except KafkaError as error:
            say("commit failed:", error)
    await consumer.stop()
    say("left")


asyncio.run(main())
