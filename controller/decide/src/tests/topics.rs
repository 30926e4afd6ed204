use super::*;

const DEFAULTS: TopicDefaults = TopicDefaults { partitions: 3, replication_factor: 2 };

fn create(image: &Image, topic: &NewTopic) -> Result<Decision<CreatedTopic>, Refusal> {
    create_topic(image, topic, topic_id(50), DEFAULTS)
}

fn manual(assignments: &[(i32, &[i32])]) -> NewTopic {
    let assignments = assignments.iter().map(|(index, ids)| (PartitionIndex(*index), nodes(ids))).collect();
    NewTopic {
        name: "t".into(),
        replication: Replication::Manual { assignments, partitions: -1, replication_factor: -1 },
        configs: vec![],
    }
}

#[test]
fn defaults_fill_in_what_is_minus_one() {
    let image = cluster(&[1, 2, 3]);
    let decision = create(&image, &counted("t", -1, -1)).unwrap();
    assert_eq!(decision.reply, CreatedTopic { topic: topic_id(50), partitions: 3, replication_factor: 2 });
    let after = decision.applied_to(&image).unwrap();
    let topic = after.topic_by_name("t").unwrap();
    assert_eq!((topic.id, topic.partitions.len()), (topic_id(50), 3));
    for partition in &topic.partitions {
        assert_eq!(partition.leader, Some(partition.replicas[0]));
        assert_eq!(partition.isr, partition.replicas);
        assert_eq!((partition.leader_epoch, partition.partition_epoch), (LeaderEpoch(0), 0));
    }
}

#[test]
fn leaders_and_followers_are_spread_evenly() {
    let image = cluster(&[1, 2, 3, 4]);
    let after = create(&image, &counted("t", 24, 3)).unwrap().applied_to(&image).unwrap();
    let partitions = &after.topic_by_name("t").unwrap().partitions;
    for node in nodes(&[1, 2, 3, 4]) {
        assert_eq!(partitions.iter().filter(|partition| partition.replicas[0] == node).count(), 6);
        assert_eq!(partitions.iter().filter(|partition| partition.is_replica(node)).count(), 18);
    }
    for partition in partitions {
        let mut distinct = partition.replicas.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 3);
    }
}

#[test]
fn names_are_checked_as_kafka_checks_them() {
    let image = with_topic(&cluster(&[1, 2]), 9, "a.b", &[state(&[1], &[1], Some(1), (0, 0))]);
    let long = "x".repeat(250);
    let cases = [
        ("", "Topic name is invalid: the empty string is not allowed".to_string()),
        (".", "Topic name is invalid: '.' or '..' is not allowed".to_string()),
        ("..", "Topic name is invalid: '.' or '..' is not allowed".to_string()),
        (
            &long,
            format!("Topic name is invalid: the length of '{long}' is longer than the max allowed length 249"),
        ),
        (
            "a b",
            "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' \
             and '-'"
                .to_string(),
        ),
        (
            "größe",
            "Topic name is invalid: 'größe' contains one or more characters other than ASCII alphanumerics, '.', '_' \
             and '-'"
                .to_string(),
        ),
        ("a_b", "Topic 'a_b' collides with existing topic: a.b".to_string()),
    ];
    for (name, message) in cases {
        let refusal = create(&image, &counted(name, 1, 1)).unwrap_err();
        assert!(matches!(refusal, Refusal::InvalidTopicName(_)));
        assert_eq!(text(&refusal), message);
    }
    assert_eq!(create(&image, &counted("a.b", 1, 1)), Err(Refusal::TopicExists("a.b".into())));
    for name in ["x".repeat(249).as_str(), "...", "A-z_0.9", "a-b", "ab"] {
        assert!(create(&image, &counted(name, 1, 1)).is_ok(), "{name}");
    }
}

#[test]
fn counts_are_checked_as_kafka_checks_them() {
    let image = cluster(&[1]);
    let factor = "Replication factor must be larger than 0, or -1 to use the default value.";
    let partitions = "Number of partitions was set to an invalid non-positive value.";
    let cases = [
        (counted("t", 1, 0), Refusal::InvalidReplicationFactor(factor.into())),
        (counted("t", 1, -2), Refusal::InvalidReplicationFactor(factor.into())),
        (counted("t", 0, 1), Refusal::InvalidPartitions(partitions.into())),
        (counted("t", -2, 1), Refusal::InvalidPartitions(partitions.into())),
        (
            counted("t", 10_001, 1),
            Refusal::InvalidPartitions("A topic has at most 10000 partitions, 10001 were asked for.".into()),
        ),
        (
            counted("t", 1, 3),
            Refusal::InvalidReplicationFactor(
                "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached \
                 because only 1 broker(s) are registered."
                    .into(),
            ),
        ),
        // The default of two is more than there are nodes as well.
        (
            counted("t", 1, -1),
            Refusal::InvalidReplicationFactor(
                "Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be reached \
                 because only 1 broker(s) are registered."
                    .into(),
            ),
        ),
    ];
    for (topic, refusal) in cases {
        assert_eq!(create(&image, &topic), Err(refusal));
    }
    let fenced = fence_node(&image, NodeId(1), uuid(11)).unwrap().applied_to(&image).unwrap();
    assert_eq!(
        text(&create(&fenced, &counted("t", 1, 1)).unwrap_err()),
        "Unable to replicate the partition 1 time(s): All brokers are currently fenced."
    );
    assert!(create(&image, &counted("t", 10_000, 1)).is_ok());
}

#[test]
fn manual_assignments_are_taken_as_they_are() {
    let image = cluster(&[1, 2, 3]);
    let image = fence_node(&image, NodeId(3), uuid(13)).unwrap().applied_to(&image).unwrap();
    // In any order; a fenced replica is not in sync and does not lead.
    let decision = create(&image, &manual(&[(1, &[3, 1]), (0, &[2, 3])])).unwrap();
    assert_eq!((decision.reply.partitions, decision.reply.replication_factor), (2, 2));
    let after = decision.applied_to(&image).unwrap();
    assert_eq!(partition_of(&after, 50, 0), state(&[2, 3], &[2], Some(2), (0, 0)));
    assert_eq!(partition_of(&after, 50, 1), state(&[3, 1], &[1], Some(1), (0, 0)));
}

/// Partitions with their replicas, as a client assigns them.
type Assignment = [(i32, &'static [i32])];

#[test]
fn manual_assignments_that_cannot_be_are_refused() {
    let image = cluster(&[1, 2, 3]);
    let image = fence_node(&image, NodeId(3), uuid(13)).unwrap().applied_to(&image).unwrap();
    let cases: [(&Assignment, &str); 8] = [
        (&[(0, &[])], "The manual partition assignment includes an empty replica list."),
        (
            &[(0, &[9])],
            "The manual partition assignment includes broker 9, but no such broker is registered.",
        ),
        (&[(0, &[1, 1])], "The manual partition assignment includes the broker 1 more than once."),
        (&[(1, &[1])], "partitions should be a consecutive 0-based integer sequence"),
        (&[(0, &[1]), (2, &[1])], "partitions should be a consecutive 0-based integer sequence"),
        (&[(0, &[1]), (0, &[2])], "Found multiple manual partition assignments for partition 0"),
        (
            &[(0, &[1]), (1, &[1, 2])],
            "The manual partition assignment includes a partition with 2 replica(s), but this is not consistent with \
             previous partitions, which have 1 replica(s).",
        ),
        (
            &[(0, &[3])],
            "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled \
             shutdown.",
        ),
    ];
    for (assignments, message) in cases {
        let refusal = create(&image, &manual(assignments)).unwrap_err();
        assert_eq!(refusal, Refusal::InvalidReplicaAssignment(message.into()));
    }
    let with_counts = |partitions, replication_factor| NewTopic {
        replication: Replication::Manual {
            assignments: vec![(PartitionIndex(0), nodes(&[1]))],
            partitions,
            replication_factor,
        },
        ..counted("t", 1, 1)
    };
    assert_eq!(
        text(&create(&image, &with_counts(-1, 1)).unwrap_err()),
        "A manual partition assignment was specified, but replication factor was not set to -1."
    );
    assert_eq!(
        text(&create(&image, &with_counts(1, -1)).unwrap_err()),
        "A manual partition assignment was specified, but numPartitions was not set to -1."
    );
}

#[test]
fn configs_are_checked_and_the_last_of_two_counts() {
    let image = cluster(&[1]);
    let with = |configs: &[(&str, Option<&str>)]| NewTopic {
        configs: configs
            .iter()
            .map(|(name, value)| ((*name).to_string(), value.map(ToString::to_string)))
            .collect(),
        ..counted("t", 1, 1)
    };
    for bad in [("no.such", Some("1")), ("segment.bytes", Some("1")), ("segment.ms", None)] {
        let refusal = create(&image, &with(&[bad])).unwrap_err();
        assert!(matches!(refusal, Refusal::InvalidConfig(_)), "{bad:?}");
    }
    let twice = with(&[("segment.ms", Some("5")), ("segment.ms", Some("6"))]);
    let after = create(&image, &twice).unwrap().applied_to(&image).unwrap();
    assert_eq!(after.topic_by_name("t").unwrap().configs["segment.ms"], "6");
}

#[test]
fn topics_are_deleted_by_name_or_by_id() {
    let image = with_topic(&cluster(&[1]), 9, "a", &[state(&[1], &[1], Some(1), (0, 0))]);
    for reference in [TopicReference::Name("a".into()), TopicReference::Id(topic_id(9))] {
        let decision = delete_topic(&image, &reference).unwrap();
        assert_eq!(decision.reply, (topic_id(9), "a".to_string()));
        assert_eq!(decision.applied_to(&image).unwrap().topic_count(), 0);
    }
    assert_eq!(
        delete_topic(&image, &TopicReference::Name("b".into())),
        Err(Refusal::UnknownTopic("b".into()))
    );
    assert_eq!(
        delete_topic(&image, &TopicReference::Id(topic_id(8))),
        Err(Refusal::UnknownTopicId(topic_id(8)))
    );
}
