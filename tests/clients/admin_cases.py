"""Kafka's own tools of administration, unchanged, with what they print."""
import json
import re
import tempfile

from cases import Case, require


def cases(suite):
    return [
        Case("kafka-topics --alter and overrides", lambda: alter_topics(suite)),
        Case("kafka-configs of topics", lambda: topic_configs(suite)),
        Case("kafka-configs of brokers", lambda: broker_configs(suite)),
        Case("kafka-configs of groups", lambda: group_configs(suite)),
        Case("kafka-delete-records and kafka-log-dirs", lambda: records_and_directories(suite)),
        Case("kafka-console-producer and kafka-console-consumer", lambda: console(suite)),
        Case("kafka-verifiable-producer", lambda: verifiable_producer(suite)),
        Case("kafka-verifiable-consumer", lambda: verifiable_consumer(suite)),
        Case("kafka-consumer-perf-test", lambda: consumer_perf(suite)),
        Case("kafka-e2e-latency", lambda: end_to_end_latency(suite)),
        Case("kafka-cluster", lambda: cluster(suite)),
        Case("kafka-leader-election", lambda: leader_election(suite)),
        Case("kafka-transactions describe-producers", lambda: producers(suite)),
        Case("kafka-metadata-quorum", lambda: quorum(suite)),
        Case("kafka-reassign-partitions", lambda: reassignments(suite)),
        Case("kafka-configs of users, clients and addresses", lambda: entities(suite)),
        Case("kafka-consumer-groups --delete-offsets", lambda: offsets_deleted(suite)),
        Case("internal topics and names that collide", lambda: names(suite)),
    ]


def contains(said, *wanted):
    for words in wanted:
        if words not in said:
            raise AssertionError(f"{words!r} is not in: {said}")


def refuse(suite, words, *command):
    """The tool says these words, whatever its exit status."""
    try:
        said = suite.tool(*command)
    except AssertionError as refusal:
        said = str(refusal)
    contains(said, words)


def written(text):
    """A file with this text, for tools that want one."""
    file = tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False)
    with file:
        file.write(text)
    return file.name


def produce(suite, topic, count):
    suite.tool("producer-perf-test", "--topic", topic, "--num-records", str(count), "--record-size", "100",
               "--throughput", "-1", "--producer-props", f"bootstrap.servers={suite.bootstrap}", "acks=all")


def alter_topics(suite):
    at = ["topics", "--bootstrap-server", suite.bootstrap]
    suite.create_topic("admin-grow", {"retention.ms": "5000000"}, partitions=2)
    suite.tool(*at, "--alter", "--topic", "admin-grow", "--partitions", "5")
    contains(suite.tool(*at, "--describe", "--topic", "admin-grow"), "PartitionCount: 5", "Partition: 4\tLeader: ")
    contains(suite.tool(*at, "--describe", "--topics-with-overrides"), "Topic: admin-grow", "retention.ms=5000000")
    require("under-replicated", suite.tool(*at, "--describe", "--under-replicated-partitions").strip(), "")
    refuse(suite, "would not be an increase", *at, "--alter", "--topic", "admin-grow", "--partitions", "3")
    refuse(suite, "already has 5 partition(s)", *at, "--alter", "--topic", "admin-grow", "--partitions", "5")
    refuse(suite, "Unknown topic config name: no.such", *at, "--create", "--topic", "x", "--config", "no.such=1")


def topic_configs(suite):
    at = ["configs", "--bootstrap-server", suite.bootstrap]
    topic = ["--topic", "admin-configs"]
    suite.create_topic("admin-configs", {}, partitions=1)
    said = suite.tool(*at, "--alter", *topic, "--add-config", "retention.ms=7777,cleanup.policy=[compact,delete]")
    contains(said, "Completed updating config for topic admin-configs.")
    said = suite.tool(*at, "--describe", *topic)
    contains(said, "Dynamic configs for topic admin-configs are:", "retention.ms=7777 sensitive=false",
             "DYNAMIC_TOPIC_CONFIG:retention.ms=7777", "cleanup.policy=compact,delete sensitive=false",
             "DEFAULT_CONFIG:log.cleanup.policy=delete")
    every = suite.tool(*at, "--describe", "--all", *topic)
    contains(every, "All configs for topic admin-configs are:", "segment.bytes=1073741824",
             "max.message.bytes=1048588 sensitive=false synonyms={DEFAULT_CONFIG:message.max.bytes=1048588}")
    if every.count("sensitive=false") < 33:
        raise AssertionError(f"configs are missing: {every}")
    suite.tool(*at, "--alter", *topic, "--delete-config", "retention.ms,cleanup.policy")
    if "retention.ms" in suite.tool(*at, "--describe", *topic):
        raise AssertionError("the config is still set after its deletion")
    refuse(suite, "Invalid value 17 for configuration segment.bytes: Value must be at least 1048576",
           *at, "--alter", *topic, "--add-config", "segment.bytes=17")
    refuse(suite, "Unknown topic config name: no.such", *at, "--alter", *topic, "--add-config", "no.such=1")


def broker_configs(suite):
    at = ["configs", "--bootstrap-server", suite.bootstrap]
    said = suite.tool(*at, "--alter", "--broker-defaults", "--add-config", "log.retention.bytes=123456789")
    contains(said, "Completed updating default config for brokers in the cluster.")
    suite.tool(*at, "--alter", "--broker", "1", "--add-config", "log.roll.ms=8888888")
    contains(suite.tool(*at, "--describe", "--broker-defaults"), "log.retention.bytes=123456789")
    contains(suite.tool(*at, "--describe", "--broker", "1"), "Dynamic configs for broker 1 are:", "log.roll.ms=8888888",
             "DYNAMIC_BROKER_CONFIG:log.roll.ms=8888888")
    contains(suite.tool(*at, "--describe", "--all", "--broker", "1"), "All configs for broker 1 are:", "node.id=1",
             "num.partitions=", "log.dirs=", "STATIC_BROKER_CONFIG:advertised.listeners=")
    suite.create_topic("admin-defaults", {}, partitions=1)
    contains(suite.tool(*at, "--describe", "--all", "--topic", "admin-defaults"),
             "retention.bytes=123456789", "segment.ms=8888888")
    suite.tool(*at, "--alter", "--broker-defaults", "--delete-config", "log.retention.bytes")
    suite.tool(*at, "--alter", "--broker", "1", "--delete-config", "log.roll.ms")
    contains(suite.tool(*at, "--describe", "--all", "--topic", "admin-defaults"), "retention.bytes=-1")
    refuse(suite, "Cannot update these configs dynamically", *at, "--alter", "--broker", "1", "--add-config",
           "num.partitions=3")


def group_configs(suite):
    at = ["configs", "--bootstrap-server", suite.bootstrap]
    group = ["--group", "admin-group"]
    said = suite.tool(*at, "--alter", *group, "--add-config", "consumer.session.timeout.ms=50000")
    contains(said, "Completed updating config for group admin-group.")
    contains(suite.tool(*at, "--describe", *group), "Dynamic configs for group admin-group are:",
             "consumer.session.timeout.ms=50000", "DEFAULT_CONFIG:group.consumer.session.timeout.ms=45000")
    refuse(suite, "must be greater than or equal to group.consumer.min.session.timeout.ms", *at, "--alter", *group,
           "--add-config", "consumer.session.timeout.ms=1")
    suite.tool(*at, "--alter", *group, "--delete-config", "consumer.session.timeout.ms")


def records_and_directories(suite):
    suite.create_topic("admin-records", {}, partitions=1)
    produce(suite, "admin-records", 1000)
    wish = {"version": 1, "partitions": [{"topic": "admin-records", "partition": 0, "offset": 400}]}
    at = ["--bootstrap-server", suite.bootstrap]
    said = suite.tool("delete-records", *at, "--offset-json-file", written(json.dumps(wish)))
    contains(said, "partition: admin-records-0\tlow_watermark: 400")
    first = suite.tool("get-offsets", *at, "--topic", "admin-records", "--time", "earliest")
    require("the first offset", first.strip(), "admin-records:0:400")
    wish["partitions"][0]["offset"] = 5000
    refuse(suite, "not within the range of offsets", "delete-records", *at, "--offset-json-file", written(json.dumps(wish)))
    wish["partitions"][0]["offset"] = -1
    said = suite.tool("delete-records", *at, "--offset-json-file", written(json.dumps(wish)))
    contains(said, "low_watermark: 1000")

    said = suite.tool("log-dirs", *at, "--describe", "--topic-list", "admin-records")
    report = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
    directory = report["brokers"][0]["logDirs"][0]
    require("the directory's error", directory["error"], None)
    partition = directory["partitions"][0]
    require("the partition", (partition["partition"], partition["offsetLag"], partition["isFuture"]),
            ("admin-records-0", 0, False))
    if partition["size"] <= 0:
        raise AssertionError(f"the partition takes no space: {partition}")


def console(suite):
    suite.create_topic("admin-console", {}, partitions=1)
    at = ["--bootstrap-server", suite.bootstrap, "--topic", "admin-console"]
    lines = "".join(f"key{number}:value{number}\n" for number in range(20))
    suite.program([suite.kafka_tools, "tool", "console-producer", *at, "--reader-property", "parse.key=true",
                   "--reader-property", "key.separator=:"], stdin=lines.encode())
    said = suite.tool("console-consumer", *at, "--partition", "0", "--offset", "earliest", "--max-messages", "20",
                      "--formatter-property", "print.key=true", "--formatter-property", "key.separator=:")
    if not said.startswith(lines):
        raise AssertionError(f"read back: {said}")
    said = suite.tool("console-consumer", *at, "--from-beginning", "--max-messages", "20", "--group", "admin-console")
    require("values read by the group", said.count("value"), 20)


def verifiable_producer(suite):
    suite.create_topic("admin-verifiable", {}, partitions=2)
    said = suite.tool("org.apache.kafka.tools.VerifiableProducer", "--bootstrap-server", suite.bootstrap, "--topic",
                      "admin-verifiable", "--max-messages", "500", "--acks", "-1")
    require("acknowledged", said.count('"name":"producer_send_success"'), 500)
    contains(said, '"sent":500', '"acked":500')


def verifiable_consumer(suite):
    said = suite.tool("org.apache.kafka.tools.VerifiableConsumer", "--bootstrap-server", suite.bootstrap, "--topic",
                      "admin-verifiable", "--group-id", "admin-verifiable", "--max-messages", "500",
                      "--reset-policy", "earliest")
    counts = [json.loads(line)["count"] for line in said.splitlines() if '"records_consumed"' in line]
    require("consumed", sum(counts), 500)
    contains(said, '"name":"offsets_committed"', '"success":true')


def consumer_perf(suite):
    suite.create_topic("admin-perf", {}, partitions=2)
    produce(suite, "admin-perf", 20000)
    said = suite.tool("consumer-perf-test", "--bootstrap-server", suite.bootstrap, "--topic", "admin-perf",
                      "--num-records", "20000", "--timeout", "30000", "--group", "admin-perf")
    contains(said, "data.consumed.in.MB")
    consumed = said.strip().splitlines()[-1].split(", ")[4]
    if int(consumed) < 20000:
        raise AssertionError(said)


def end_to_end_latency(suite):
    suite.create_topic("admin-latency", {}, partitions=1)
    said = suite.tool("org.apache.kafka.tools.EndToEndLatency", "--bootstrap-server", suite.bootstrap, "--topic",
                      "admin-latency", "--num-records", "200", "--producer-acks", "all", "--record-size", "100")
    contains(said, "Avg latency:")
    if not re.search(r"Percentiles: 50th = \d+, 99th = \d+, 99.9th = \d+", said):
        raise AssertionError(said)


def cluster(suite):
    tool = "org.apache.kafka.tools.ClusterTool"
    said = suite.tool(tool, "cluster-id", "--bootstrap-server", suite.bootstrap)
    if not re.search(r"Cluster ID: [A-Za-z0-9_-]{22}\s", said):
        raise AssertionError(said)
    said = suite.tool(tool, "list-endpoints", "--bootstrap-server", suite.bootstrap)
    contains(said, suite.bootstrap.split(":")[0], suite.bootstrap.split(":")[1], "broker")
    refuse(suite, "99", tool, "unregister", "--bootstrap-server", suite.bootstrap, "--id", "99")


def leader_election(suite):
    suite.create_topic("admin-election", {}, partitions=1)
    said = suite.tool("org.apache.kafka.tools.LeaderElectionCommand", "--bootstrap-server", suite.bootstrap,
                      "--election-type", "preferred", "--topic", "admin-election", "--partition", "0")
    contains(said, "Valid replica already elected for partitions admin-election-0")


def producers(suite):
    suite.create_topic("admin-producers", {}, partitions=1)
    produce(suite, "admin-producers", 100)
    said = suite.tool("org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", suite.bootstrap,
                      "describe-producers", "--topic", "admin-producers", "--partition", "0")
    head, row = said.strip().splitlines()[-2:]
    require("the head", head.split(), ["ProducerId", "ProducerEpoch", "LatestCoordinatorEpoch", "LastSequence",
                                      "LastTimestamp", "CurrentTransactionStartOffset"])
    require("the last sequence", row.split()[3], "99")


def quorum(suite):
    at = ["org.apache.kafka.tools.MetadataQuorumCommand", "--bootstrap-server", suite.bootstrap, "describe"]
    said = suite.tool(*at, "--status")
    contains(said, "LeaderId:               1", "MaxFollowerLag:         0", '"endpoints": ["CONTROLLER://127.0.0.1:')
    if not re.search(r"HighWatermark: +[1-9]", said):
        raise AssertionError(said)
    head, *rows = suite.tool(*at, "--replication").strip().splitlines()
    require("the head", head.split()[:4], ["NodeId", "DirectoryId", "LogEndOffset", "Lag"])
    require("who takes part", [(row.split()[0], row.split()[-1]) for row in rows], [("1", "Leader"), ("1", "Observer")])


def reassignments(suite):
    at = ["org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "--bootstrap-server", suite.bootstrap]
    suite.create_topic("admin-moves", {}, partitions=2)
    contains(suite.tool(*at, "--list"), "No partition reassignments found.")
    said = suite.tool(*at, "--generate", "--broker-list", "1", "--topics-to-move-json-file",
                      written(json.dumps({"topics": [{"topic": "admin-moves"}], "version": 1})))
    plan = json.loads(next(line for line in said.splitlines() if '"any"' in line))
    require("partitions of the plan", len(plan["partitions"]), 2)
    same = ["--reassignment-json-file", written(json.dumps(plan))]
    contains(suite.tool(*at, "--execute", *same), "Successfully started partition reassignments for admin-moves-0,admin-moves-1")
    contains(suite.tool(*at, "--verify", *same), "Reassignment of partition admin-moves-0 is completed.",
             "Reassignment of partition admin-moves-1 is completed.")
    contains(suite.tool(*at, "--cancel", *same), "None of the specified partition reassignments are active.")
    plan["partitions"][0]["log_dirs"] = ["/nowhere"]
    refuse(suite, "LogDirNotFoundException", *at, "--execute", "--reassignment-json-file", written(json.dumps(plan)))


def entities(suite):
    at = ["configs", "--bootstrap-server", suite.bootstrap]
    for entity in (["--user", "bob"], ["--user-defaults"], ["--client", "c"], ["--client-defaults"], ["--ip-defaults"]):
        require(f"what is said of {entity}", suite.tool(*at, "--describe", *entity).strip(), "")
    refuse(suite, "Quotas of clients are not supported by this broker.", *at, "--alter", "--client", "c",
           "--add-config", "producer_byte_rate=1000")


def offsets_deleted(suite):
    suite.create_topic("admin-offsets", {}, partitions=1)
    produce(suite, "admin-offsets", 10)
    suite.tool("console-consumer", "--bootstrap-server", suite.bootstrap, "--topic", "admin-offsets", "--from-beginning",
               "--max-messages", "10", "--group", "admin-offsets")
    at = ["consumer-groups", "--bootstrap-server", suite.bootstrap]
    said = suite.tool(*at, "--delete-offsets", "--group", "admin-offsets", "--topic", "admin-offsets")
    contains(said, "Request succeeded for deleting offsets from group admin-offsets", "Successful")


def names(suite):
    at = ["topics", "--bootstrap-server", suite.bootstrap]
    suite.create_topic("admin.names", {}, partitions=1)
    refuse(suite, "Topic 'admin_names' collides with existing topic: admin.names", *at, "--create", "--topic", "admin_names")
    refuse(suite, "keeps the number of its partitions", *at, "--alter", "--topic", "__consumer_offsets", "--partitions", "60")
