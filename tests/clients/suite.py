#!/usr/bin/env python3
"""Runs real Kafka clients and tools against a broker; README.md tells what each does.

Called by `cargo xtask clients`, which builds the executable first. Prints a line per case and ends with
`N passed, N failed`; the exit status is 0 only if all passed.
"""
import argparse
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import admin_cases
import compaction_cases
import consumer_protocol_cases
import group_cases
import kcat_cases
import stored
import tool_cases
from cases import Case, Suite

HERE = Path(__file__).resolve().parent
WORK = HERE / ".work"
PEERS = HERE.parent.parent / "benches" / "peers"
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
DEFAULT_SIZE = 1_000_000
RAISED_SIZE = 4 << 20
CLIENTS = ["java", "java-2.1", "confluent", "librdkafka-1.8", "aiokafka", "kafka-python", "franz-go", "kafkajs"]
OTHERS = ["kcat", "tools", "compaction", "consumer-protocol", "groups"]


def main():
    options = parse()
    WORK.mkdir(exist_ok=True)
    wanted = options.only or CLIENTS + OTHERS
    prepare(wanted)
    if options.bootstrap:
        failed = run_cases(options.bootstrap, wanted, options.member)
    else:
        with Broker(options.ringlog) as broker:
            failed = run_cases(broker.kafka, wanted, options.member, broker)
    sys.exit(1 if failed else 0)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ringlog", type=Path, help="the executable to start a broker with")
    parser.add_argument("--bootstrap", help="a broker that is already there, HOST:PORT")
    parser.add_argument("--only", action="append", choices=CLIENTS + OTHERS, help="run only these")
    parser.add_argument("--member", action="append", help="of the groups only those with this in their name")
    options = parser.parse_args()
    if not options.ringlog and not options.bootstrap:
        parser.error("give --ringlog or --bootstrap")
    return options


def prepare(wanted):
    """Fetches what the wanted clients need, through the ordinary package managers, once."""
    if {"confluent", "aiokafka", "kafka-python", "kafkajs", "consumer-protocol", "groups"} & set(wanted):
        python = WORK / "venv"
        requirements = HERE / "python" / "requirements.txt"
        stamp = python / ".requirements"
        if not stamp.exists() or stamp.read_text() != requirements.read_text():
            call([sys.executable, "-m", "venv", python])
            call([python / "bin" / "pip", "install", "--quiet", "-r", requirements])
            stamp.write_text(requirements.read_text())
    if {"franz-go", "groups"} & set(wanted):
        call(["go", "build", "-o", WORK / "franz", "."], cwd=HERE / "go")
        call(["go", "build", "-o", WORK / "franz-member", "./member"], cwd=HERE / "go")
    if {"kafkajs", "groups"} & set(wanted):
        folder = WORK / "javascript"
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "suite.mjs", "member.mjs"):
            shutil.copy(HERE / "javascript" / name, folder)
        if not (folder / "node_modules").exists():
            call(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder)
    if {"java", "tools", "compaction", "consumer-protocol", "groups"} & set(wanted):
        call([PEERS / "kafka.sh", "libs"], stdout=subprocess.DEVNULL)
    if "groups" in wanted:
        # Compiled once: many of them are started.
        call(["javac", "-d", WORK / "java-member", "-cp", classpath(), HERE / "java" / "Member.java"])
    if "java-2.1" in wanted:
        copy = ["mvn", "-q", "-B", "-f", HERE / "java" / "old-client.xml", "dependency:copy-dependencies"]
        call(copy + [f"-DoutputDirectory={WORK / 'java-2.1'}"])
    if "librdkafka-1.8" in wanted:
        build = ["cargo", "build", "--quiet", "--release", "--target-dir", WORK / "librdkafka-1.8"]
        call(build, cwd=HERE / "librdkafka-1.8")
    if {"kcat", "groups"} & set(wanted) and not shutil.which("kcat"):
        call(["apt-get", "update", "-qq"])
        call(["apt-get", "install", "-y", "-qq", "kcat"], stdout=subprocess.DEVNULL)


def call(command, **keywords):
    subprocess.run([str(word) for word in command], check=True, **keywords)


def run_cases(bootstrap, wanted, members=None, broker=None):
    suite = Suite(bootstrap, PEERS / "kafka.sh", broker)
    for client in CLIENTS:
        if client in wanted:
            # kafkajs ships no zstd codec, and none without native code is published for it.
            for codec in CODECS[:4] if client == "kafkajs" else CODECS:
                suite.run(client_case(suite, client, codec, DEFAULT_SIZE))
            suite.run(client_case(suite, client, "none", RAISED_SIZE))
    if "kcat" in wanted:
        for case in kcat_cases.cases(suite, CODECS):
            suite.run(case)
    if "tools" in wanted:
        for case in tool_cases.cases(suite) + admin_cases.cases(suite):
            suite.run(case)
    if "compaction" in wanted:
        for case in compaction_cases.cases(suite, HERE, WORK):
            suite.run(case)
    if "consumer-protocol" in wanted:
        for case in consumer_protocol_cases.cases(suite, *group_programs()):
            suite.run(case)
    if "groups" in wanted:
        crowd = [WORK / "venv" / "bin" / "python", HERE / "python" / "crowd_confluent.py"]
        for case in group_cases.cases(suite, group_members(), crowd):
            if not members or any(member in case.name for member in members):
                suite.run(case)
    print(f"{suite.passed} passed, {suite.failed} failed", flush=True)
    return suite.failed


def client_case(suite, client, codec, size):
    topic = f"{client}-{codec}-{size}"

    def run():
        limits = {"max.message.bytes": str(size + 2_000_000)} if size > DEFAULT_SIZE else {}
        suite.create_topic(topic, limits)
        arguments = [suite.bootstrap, topic, codec, str(size)]
        suite.program(program(client) + arguments)
        if client == "kafkajs":
            suite.program(reader() + arguments)
        found = stored.codecs(suite.bootstrap, topic)
        if found != {codec}:
            raise AssertionError(f"the stored batches have the codecs {sorted(found)}")

    return Case(f"{client} {codec} {size} bytes", run)


def program(client):
    python = [str(WORK / "venv" / "bin" / "python")]
    java = [f"-Dlog4j2.configurationFile=file:{PEERS}/log4j2.properties", str(HERE / "java" / "Suite.java")]
    return {
        "java": ["java", "-cp", classpath() if client == "java" else ""] + java,
        "java-2.1": ["java", "-cp", f"{WORK / 'java-2.1'}/*"] + java,
        "confluent": python + [str(HERE / "python" / "suite_confluent.py")],
        "aiokafka": python + [str(HERE / "python" / "suite_aiokafka.py")],
        "kafka-python": python + [str(HERE / "python" / "suite_kafka_python.py")],
        "librdkafka-1.8": [str(WORK / "librdkafka-1.8" / "release" / "suite-librdkafka-old")],
        "franz-go": [str(WORK / "franz")],
        "kafkajs": ["node", str(WORK / "javascript" / "suite.mjs")],
    }[client]


def group_programs():
    """The programs of groups of the newer protocol: Java's, confluent-kafka's."""
    log = f"-Dlog4j2.configurationFile=file:{PEERS}/log4j2.properties"
    java = ["java", "-cp", classpath(), log, str(HERE / "java" / "ConsumerGroups.java")]
    return java, [str(WORK / "venv" / "bin" / "python"), str(HERE / "python" / "groups_confluent.py")]


def group_members():
    """The clients that join groups: name, program, strategy. The newer protocol is called `consumer`."""
    python = WORK / "venv" / "bin" / "python"
    java = ["java", "-Xmx256m", "-cp", f"{WORK / 'java-member'}:{classpath()}",
            f"-Dlog4j2.configurationFile=file:{PEERS}/log4j2.properties", "Member"]
    confluent = [python, HERE / "python" / "member_confluent.py"]
    found = [("java " + strategy, java, strategy) for strategy in ("range", "cooperative-sticky", "consumer")]
    found += [("confluent " + strategy, confluent, strategy) for strategy in ("range", "cooperative-sticky", "consumer")]
    return found + [
        ("aiokafka", [python, HERE / "python" / "member_aiokafka.py"], "range"),
        ("kafka-python", [python, HERE / "python" / "member_kafka_python.py"], "range"),
        ("franz-go", [WORK / "franz-member"], "cooperative-sticky"),
        ("kafkajs", ["node", WORK / "javascript" / "member.mjs"], "range"),
    ]


def reader():
    """The client that reads back what a client without plain consumption wrote."""
    return [str(WORK / "venv" / "bin" / "python"), str(HERE / "python" / "read_confluent.py")]


@functools.cache
def classpath():
    return subprocess.run([str(PEERS / "kafka.sh"), "classpath"], check=True, capture_output=True, text=True).stdout.strip()


class Broker:
    """`ringlog dev` on free ports with its data in a folder of its own, ended by its process id."""

    def __init__(self, executable):
        self.executable = executable
        self.data = WORK / "data"

    def __enter__(self):
        shutil.rmtree(self.data, ignore_errors=True)
        ports = ["--kafka", "127.0.0.1:0", "--native", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
        self.errors = open(WORK / "broker.txt", "wb")
        self.process = subprocess.Popen(
            [str(self.executable), "dev", "--data", str(self.data), *ports],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        for line in self.process.stdout:
            if line.startswith("ringlog ready: "):
                addresses = dict(pair.split("=") for pair in line.split(": ", 1)[1].split())
                self.kafka = addresses["kafka"]
                return self
        raise SystemExit(f"the broker did not start; see {WORK / 'broker.txt'}")

    def crash_node(self):
        """Kills the node without warning; `dev` starts it again at the same address."""
        group_cases.crash_child(self.process.pid, "node")
        deadline = time.monotonic() + 30
        for wanted in (False, True):
            while self.listens() != wanted:
                if time.monotonic() > deadline:
                    raise AssertionError("the node did not go and come back within 30 s")
                time.sleep(0.05)

    def listens(self):
        host, port = self.kafka.rsplit(":", 1)
        try:
            socket.create_connection((host, int(port)), 1).close()
            return True
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise SystemExit("the broker did not stop within 30 s of SIGTERM")
        if status != 0:
            raise SystemExit(f"the broker ended with status {status}; see {WORK / 'broker.txt'}")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    started = time.monotonic()
    try:
        main()
    finally:
        print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
