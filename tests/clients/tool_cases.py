"""Kafka's own command-line tools, unchanged, with what they print."""
import re

from cases import Case, require


def cases(suite):
    return [
        Case("kafka-topics", lambda: topics(suite)),
        Case("kafka-producer-perf-test and kafka-get-offsets", lambda: perf_and_offsets(suite)),
        Case("kafka-broker-api-versions", lambda: api_versions(suite)),
    ]


def topics(suite):
    at = ["--bootstrap-server", suite.bootstrap]
    made = suite.tool("topics", *at, "--create", "--topic", "tool-topic", "--partitions", "3",
                      "--config", "max.message.bytes=2000000")
    require("create", made.strip(), "Created topic tool-topic.")
    names = suite.tool("topics", *at, "--list").split("\n")
    if "tool-topic" not in names:
        raise AssertionError(f"the list is {names}")
    described = suite.tool("topics", *at, "--describe", "--topic", "tool-topic")
    first = described.split("\n")[0]
    for part in ("Topic: tool-topic", "PartitionCount: 3", "ReplicationFactor: 1", "max.message.bytes=2000000"):
        if part not in first:
            raise AssertionError(f"{part!r} is not in {first!r}")
    for partition in range(3):
        if not re.search(rf"Partition: {partition}\s+Leader: (\d+)\s+Replicas: \1\s+Isr: \1", described):
            raise AssertionError(f"partition {partition} is not described: {described}")
    refuse(suite, "already exists", "topics", *at, "--create", "--topic", "tool-topic")
    refuse(suite, "replication factor", "topics", *at, "--create", "--topic", "too-many", "--replication-factor", "3")
    refuse(suite, "Topic name is invalid", "topics", *at, "--create", "--topic", "no spaces", "--partitions", "1")
    suite.tool("topics", *at, "--delete", "--topic", "tool-topic")
    names = suite.tool("topics", *at, "--list").split("\n")
    if "tool-topic" in names:
        raise AssertionError("the topic is still listed after its deletion")
    refuse(suite, "does not exist", "topics", *at, "--describe", "--topic", "tool-topic")


def refuse(suite, words, *command):
    try:
        said = suite.tool(*command)
    except AssertionError as refusal:
        said = str(refusal)
        if words.lower() in said.lower():
            return
    raise AssertionError(f"expected a refusal with {words!r}, but got: {said}")


def perf_and_offsets(suite):
    suite.create_topic("tool-perf", {}, partitions=4)
    said = suite.tool(
        "producer-perf-test", "--topic", "tool-perf", "--num-records", "20000", "--record-size", "500",
        "--throughput", "-1", "--producer-props", f"bootstrap.servers={suite.bootstrap}", "acks=all")
    if not re.search(r"20000 records sent", said):
        raise AssertionError(said)
    at = ["--bootstrap-server", suite.bootstrap, "--topic", "tool-perf"]
    latest = offsets(suite.tool("get-offsets", *at))
    require("number of partitions", len(latest), 4)
    require("sum of the end offsets", sum(latest.values()), 20000)
    require("earliest", offsets(suite.tool("get-offsets", *at, "--time", "earliest")), dict.fromkeys(range(4), 0))
    newest = offsets(suite.tool("get-offsets", *at, "--time", "max-timestamp"))
    if not all(0 <= offset < latest[partition] for partition, offset in newest.items()):
        raise AssertionError(f"the offsets of the largest timestamps are {newest}, the ends {latest}")


def offsets(lines):
    return {int(partition): int(offset) for _, partition, offset in (line.rsplit(":", 2) for line in lines.split())}


def api_versions(suite):
    said = suite.tool("broker-api-versions", "--bootstrap-server", suite.bootstrap)
    for api in ("Produce(0)", "Fetch(1)", "ListOffsets(2)", "Metadata(3)", "ApiVersions(18)", "CreateTopics(19)"):
        if api not in said:
            raise AssertionError(f"{api} is not among: {said}")
    if "UNSUPPORTED" in said.split("Fetch(1)")[1].split("\n")[0]:
        raise AssertionError("Fetch is not usable")
