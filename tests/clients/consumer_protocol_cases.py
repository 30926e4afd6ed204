"""Groups of the newer consumer protocol (KIP-848), alone and mixed with classic members, by Java and librdkafka clients."""
import re

from cases import Case

SCENARIOS = [
    "grow-and-shrink", "new-partitions", "range", "pattern", "upgrade-and-downgrade", "classic-into-newer",
    "static-members",
]


def cases(suite, java, python):
    """`java` runs ConsumerGroups.java, `python` the interpreter that has confluent-kafka; None leaves those cases out."""
    made = []
    if java:
        made += [Case(f"java groups: {name}", lambda name=name: scenario(suite, java, name)) for name in SCENARIOS]
    if python:
        made.append(Case("confluent group of the newer protocol", lambda: confluent(suite, python)))
    made.append(Case("kafka-consumer-groups of both protocols", lambda: tool(suite)))
    return made


def scenario(suite, java, name):
    suite.program([*java, suite.bootstrap, name], timeout=240)


def confluent(suite, python):
    suite.program([*python, suite.bootstrap], timeout=180)


def tool(suite):
    """What the tool says of the groups that the scenarios left."""
    at = ["--bootstrap-server", suite.bootstrap]
    listed = suite.tool("consumer-groups", *at, "--list", "--type")
    if not re.search(r"^java-range\s+Consumer\s*$", listed, re.M):
        raise AssertionError(f"the group is not listed as one of the newer protocol: {listed}")
    state = suite.tool("consumer-groups", *at, "--describe", "--group", "java-range", "--state")
    if not re.search(r"^java-range\s.*\brange\b.*\bEmpty\b", state, re.M) and "Empty" not in state:
        raise AssertionError(f"the state is not told: {state}")
    members = suite.tool("consumer-groups", *at, "--describe", "--group", "java-range", "--members")
    offsets = suite.tool("consumer-groups", *at, "--describe", "--group", "java-grow-and-shrink")
    if not re.search(r"^java-grow-and-shrink\s+java-grow-and-shrink\s+0\s+(\d+)\s+\1\s+0", offsets, re.M):
        raise AssertionError(f"the positions are not at the end: {offsets}")
    deleted = suite.tool("consumer-groups", *at, "--delete", "--group", "java-range")
    if "successful" not in deleted:
        raise AssertionError(f"{deleted} after {members}")
