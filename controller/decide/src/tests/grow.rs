use super::*;

fn growth(topic: &str, count: i32, assignments: Option<&[&[i32]]>) -> Growth {
    let assignments = assignments.map(|all| all.iter().map(|replicas| nodes(replicas)).collect());
    Growth { topic: topic.into(), count, assignments }
}

fn image() -> Image {
    let one = state(&[1, 2], &[1, 2], Some(1), (3, 4));
    with_topic(&cluster(&[1, 2, 3]), 1, "orders", &[one.clone(), one])
}

#[test]
fn new_partitions_follow_on_those_there_are() {
    let image = image();
    let grown = grow_topic(&image, &growth("orders", 5, None)).unwrap().applied_to(&image).unwrap();
    let topic = grown.topic_by_name("orders").unwrap();
    assert_eq!(topic.partitions.len(), 5);
    assert_eq!(topic.partitions[..2], image.topic_by_name("orders").unwrap().partitions[..]);
    for partition in &topic.partitions[2..] {
        assert_eq!((partition.replicas.len(), &partition.isr), (2, &partition.replicas));
        assert_eq!((partition.leader, partition.leader_epoch), (Some(partition.replicas[0]), LeaderEpoch(0)));
    }
    let manual = growth("orders", 3, Some(&[&[3, 1]]));
    let grown = grow_topic(&image, &manual).unwrap().applied_to(&image).unwrap();
    assert_eq!(partition_of(&grown, 1, 2).replicas, nodes(&[3, 1]));
}

#[test]
fn growth_that_cannot_be_is_refused() {
    let image = image();
    let cases: Vec<(Growth, &str)> = vec![
        (
            growth("__consumer_offsets", 60, None),
            "The topic __consumer_offsets keeps the number of its partitions, by which groups find their offsets.",
        ),
        (growth("nope", 5, None), "This server does not host this topic-partition."),
        (growth("orders", 2, None), "Topic already has 2 partition(s)."),
        (
            growth("orders", 1, None),
            "The topic orders currently has 2 partition(s); 1 would not be an increase.",
        ),
        (
            growth("orders", i32::MIN, None),
            "The topic orders currently has 2 partition(s); -2147483648 would not be an increase.",
        ),
        (
            growth("orders", i32::MAX, None),
            "A topic has at most 10000 partitions, 2147483647 were asked for.",
        ),
        (
            growth("orders", 4, Some(&[&[1, 2]])),
            "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.",
        ),
        (
            growth("orders", 3, Some(&[&[1]])),
            "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent with \
             previous partitions, which have 2 replica(s).",
        ),
        (
            growth("orders", 3, Some(&[&[1, 9]])),
            "The manual partition assignment includes broker 9, but no such broker is registered.",
        ),
        (
            growth("orders", 3, Some(&[&[1, 1]])),
            "The manual partition assignment includes the broker 1 more than once.",
        ),
        (
            growth("orders", 3, Some(&[&[]])),
            "The manual partition assignment includes an empty replica list.",
        ),
    ];
    for (growth, words) in cases {
        assert_eq!(text(&grow_topic(&image, &growth).unwrap_err()), words);
    }
}
