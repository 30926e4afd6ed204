"""Compaction compared with Apache Kafka's: the same history of keys goes to both, and the same records must be left."""
import shutil
import socket
import subprocess

from cases import Case

SETTINGS = ["log.cleaner.backoff.ms=500", "log.initial.task.delay.ms=500"]


def cases(suite, here, work):
    peer = Peer(suite.kafka_tools, work / "compaction-peer")
    return [
        Case("compaction leaves the records that Apache Kafka leaves", lambda: compare(suite, here, peer, "keep")),
        Case("compaction drops tombstones as Apache Kafka does", lambda: compare(suite, here, peer, "drop")),
        Case("compaction's peer stops", peer.stop),
    ]


def compare(suite, here, peer, mode):
    program = ["java", f"-Dlog4j2.configurationFile=file:{suite.kafka_tools.parent}/log4j2.properties", "-cp",
               suite.program([suite.kafka_tools, "classpath"]).decode().strip(), here / "java" / "Compaction.java"]
    topic = f"compaction-{mode}"
    ours = left(suite.program(program + [suite.bootstrap, topic, mode], timeout=300))
    theirs = left(suite.program(program + [peer.start(suite), topic, mode], timeout=300))
    if not theirs:
        raise AssertionError("nothing was left to compare")
    if ours != theirs:
        only = [sorted(mine - other)[:5] for mine, other in ((ours, theirs), (theirs, ours))]
        raise AssertionError(f"only in Ringlog {only[0]}, only in Apache Kafka {only[1]}")
    tombstones = sum(line.endswith(b" null") for line in ours)
    if (tombstones > 0) != (mode == "keep"):
        raise AssertionError(f"{tombstones} tombstones are left")


def left(printed):
    return set(printed.strip().splitlines())


class Peer:
    """An Apache Kafka of its own, started with the first case and ended by the last."""

    def __init__(self, script, data):
        self.script = script
        self.data = data
        self.bootstrap = None

    def start(self, suite):
        if self.bootstrap is None:
            shutil.rmtree(self.data, ignore_errors=True)
            port = free_ports()
            suite.program([self.script, "start", port, self.data, *SETTINGS], timeout=300)
            self.bootstrap = f"127.0.0.1:{port}"
        return self.bootstrap

    def stop(self):
        if self.bootstrap is not None:
            subprocess.run([str(self.script), "stop", str(self.data)], check=True)


def free_ports():
    """A port such that the next one is free as well: the peer's controller takes that."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no two neighbouring ports are free")
