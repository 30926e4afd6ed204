"""Members of groups: they join, leave, crash and come back, and the broker crashes; nothing is left out."""
import os
import re
import signal
import subprocess
import threading
import time

from cases import Case, require

PARTITIONS = 6
PATIENCE = 60
# What a member prints when the broker answers nobody for a while is its own affair.
SILENT = subprocess.DEVNULL


class Member:
    """A running member: what it has read, and how many partitions it has."""

    def __init__(self, command, topic, group, bootstrap, strategy):
        self.read = []
        self.assigned = None
        words = [str(word) for word in command] + [bootstrap, topic, group, strategy]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=SILENT, text=True)
        self.reader = threading.Thread(target=self.follow, daemon=True)
        self.reader.start()

    def follow(self):
        for line in self.process.stdout:
            what, _, rest = line.strip().partition(" ")
            if what == "read":
                self.read.append(rest)
            elif what == "assigned":
                self.assigned = int(rest)

    def leave(self):
        self.end(signal.SIGTERM)

    def crash(self):
        self.end(signal.SIGKILL)

    def end(self, how):
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the member did not leave within 30 s") from None
        finally:
            self.reader.join(5)


class Scenario:
    def __init__(self, suite, command, name, strategy):
        self.suite, self.command, self.strategy = suite, command, strategy
        name = name.replace(" ", "-")
        self.topic, self.group = f"group-{name}", f"members-{name}"
        self.members, self.produced = [], 0
        suite.create_topic(self.topic, {}, PARTITIONS)

    def start(self, command=None):
        member = Member(command or self.command, self.topic, self.group, self.suite.bootstrap, self.strategy)
        self.members.append(member)
        return member

    def produce(self, count=60):
        values = [str(self.produced + number) for number in range(count)]
        for partition in range(PARTITIONS):
            lines = "\n".join(values[partition::PARTITIONS]) + "\n"
            self.suite.program(
                ["kcat", "-q", "-b", self.suite.bootstrap, "-P", "-t", self.topic, "-p", str(partition)], lines.encode())
        self.produced += count

    def until(self, what, holds):
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                state = [(member.assigned, len(member.read), member.process.poll()) for member in self.members]
                raise AssertionError(f"{what} did not happen within {PATIENCE} s: {state}")
            time.sleep(0.05)

    def until_read(self):
        wanted = {str(number) for number in range(self.produced)}
        self.until(f"{self.produced} records read", lambda: wanted <= {
            value for member in self.members for value in list(member.read)})

    def until_shared(self, *members):
        def shared():
            counts = [member.assigned or 0 for member in members]
            return sum(counts) == PARTITIONS and all(counts)
        self.until("the partitions shared", shared)

    def run(self):
        try:
            self.steps()
        finally:
            for member in self.members:
                member.process.kill()

    def steps(self):
        self.produce()
        first = self.start()
        self.until_read()
        second = self.start()
        self.until_shared(first, second)
        self.produce()
        self.until_read()
        # A crash: the others take over when the session has ended.
        second.crash()
        self.until_shared(first)
        self.produce()
        self.until_read()
        # A rolling restart.
        third = self.start()
        self.until_shared(first, third)
        first.leave()
        self.until_shared(third)
        fourth = self.start()
        self.until_shared(third, fourth)
        self.produce()
        self.until_read()
        # The broker dies and comes back; members find it again.
        if self.suite.broker:
            self.suite.broker.crash_node()
            self.produce()
            self.until_read()
            self.until_shared(third, fourth)
        third.leave()
        fourth.leave()
        self.check_position()
        # The position goes on: only what is new is read.
        self.produce(6)
        fifth = self.start()
        self.until_read()
        require("records read by the last member", sorted(fifth.read, key=int), [
            str(self.produced - 6 + number) for number in range(6)])
        fifth.leave()

    def check_position(self):
        at = ["--bootstrap-server", self.suite.bootstrap, "--group", self.group]
        said = self.suite.tool("consumer-groups", *at, "--describe")
        lags = re.findall(rf"^{self.group}\s+{self.topic}\s+\d+\s+(\d+)\s+(\d+)\s+(\d+)\s", said, re.M)
        require("partitions with a position", len(lags), PARTITIONS)
        require("lag", {lag for _, _, lag in lags}, {"0"})


class KilledBroker(Scenario):
    """A group of the newer protocol with members of two clients, which stay who they are while the node is killed again and again."""

    KILLS = 3

    def __init__(self, suite, members):
        super().__init__(suite, members[0], "killed broker", "consumer")
        self.commands = members

    def steps(self):
        self.produce()
        members = [self.start(self.commands[number % len(self.commands)]) for number in range(3)]
        self.until_shared(*members)
        self.until_read()
        before = self.member_ids()
        require("members", len(before), len(members))
        for _ in range(self.KILLS):
            # While members read and commit.
            self.produce(300)
            self.suite.broker.crash_node()
            self.produce()
            self.until_read()
            self.until_shared(*members)
        require("members after the kills", self.member_ids(), before)
        # And in the middle of a rebalance.
        late = self.start(self.commands[1])
        self.suite.broker.crash_node()
        self.until_shared(*members, late)
        self.produce()
        self.until_read()
        for member in [*members, late]:
            member.leave()
        self.check_position()

    def member_ids(self):
        at = ["--bootstrap-server", self.suite.bootstrap, "--group", self.group]
        said = self.suite.tool("consumer-groups", *at, "--describe", "--members")
        return sorted(re.findall(rf"^{self.group}\s+(\S+)\s", said, re.M))


def cases(suite, members, crowd):
    """`members`: (name, command, strategy) of each client; `crowd`: the program with many members."""
    def scenario(name, command, strategy):
        return Case(f"group of {name}", lambda: Scenario(suite, command, name, strategy).run())

    found = [scenario(*member) for member in members]
    newer = [command for _, command, strategy in members if strategy == "consumer"]
    if suite.broker and len(newer) > 1:
        found.append(Case("killed broker under java and confluent consumer", lambda: KilledBroker(suite, newer).run()))
    found.append(Case("kafka-consumer-groups", lambda: consumer_groups(suite)))
    found.append(Case("kafka-console-consumer in a group", lambda: console_consumer(suite)))
    if crowd:
        found.append(Case("100 members on 200 partitions", lambda: crowded(suite, crowd)))
    return found


def fill(suite, topic, partitions, count):
    suite.create_topic(topic, {}, partitions)
    for partition in range(partitions):
        lines = "\n".join(f"{partition}-{number}" for number in range(count)) + "\n"
        suite.program(["kcat", "-q", "-b", suite.bootstrap, "-P", "-t", topic, "-p", str(partition)], lines.encode())


def consumer_groups(suite):
    at = ["consumer-groups", "--bootstrap-server", suite.bootstrap]
    fill(suite, "tool-groups", 2, 10)
    reset = [*at, "--group", "tool-group", "--topic", "tool-groups", "--reset-offsets", "--execute"]

    def positions():
        said = suite.tool(*at, "--describe", "--group", "tool-group")
        return [int(offset) for offset in re.findall(r"^tool-group\s+tool-groups\s+\d+\s+(\d+)", said, re.M)]

    for how, wanted in [
        (["--to-earliest"], [0, 0]), (["--to-latest"], [10, 10]), (["--shift-by", "-3"], [7, 7]),
        (["--to-offset", "5"], [5, 5]), (["--to-datetime", "2020-01-01T00:00:00.000"], [0, 0]),
        (["--by-duration", "PT0S"], [10, 10]), (["--to-current"], [10, 10]),
    ]:
        suite.tool(*reset, *how)
        require(f"positions after {how}", positions(), wanted)
    listed = suite.tool(*at, "--list").split()
    if "tool-group" not in listed:
        raise AssertionError(f"the groups are {listed}")
    if not re.search(r"tool-group\s.*Empty", suite.tool(*at, "--describe", "--group", "tool-group", "--state")):
        raise AssertionError("the group should be empty")
    suite.tool(*at, "--delete-offsets", "--group", "tool-group", "--topic", "tool-groups:1")
    require("positions after one was deleted", positions(), [10])
    suite.tool(*at, "--delete", "--group", "tool-group")
    if "tool-group" in suite.tool(*at, "--list").split():
        raise AssertionError("the group is still listed")


def console_consumer(suite):
    fill(suite, "tool-console", 2, 5)
    command = [
        "console-consumer", "--bootstrap-server", suite.bootstrap, "--topic", "tool-console", "--group", "tool-console",
        "--from-beginning", "--timeout-ms", "8000"]
    require("records", len(suite.tool(*command, "--max-messages", "10").split()), 10)
    suite.program(["kcat", "-q", "-b", suite.bootstrap, "-P", "-t", "tool-console", "-p", "0"], b"last\n")
    require("records after the position", suite.tool(*command, "--max-messages", "1").split(), ["last"])


def crowded(suite, crowd):
    suite.create_topic("group-crowd", {}, 200)
    lines = "".join(f"{number}\n" for number in range(2000)).encode()
    suite.program(["kcat", "-q", "-b", suite.bootstrap, "-P", "-t", "group-crowd"], lines)
    said = suite.program([*crowd, suite.bootstrap, "group-crowd", "crowd", "100", "200"], timeout=240)
    if b"100 members own 200 partitions" not in said:
        raise AssertionError(said)


def crash_child(parent, word):
    """Kills the child of `parent` whose command line has this word, by its process id."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as stat:
                mother = int(stat.read().rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{entry}/cmdline", "rb") as line:
                words = line.read().split(b"\0")
        except OSError:
            continue
        if mother == parent and word.encode() in words:
            os.kill(int(entry), signal.SIGKILL)
            return
    raise AssertionError(f"process {parent} has no child that runs {word!r}")
