use super::error::SessionError;
use super::follower::Follower;
use super::saved;
use ringlog_image::{Image, MetadataRecord, encode_records};
use ringlog_model::{ClusterId, TopicId, Uuid};
use ringlog_native::cluster::{ImageDeltaV1, ImagePartV1};

fn formed() -> MetadataRecord {
    MetadataRecord::ClusterFormed { cluster: ClusterId(Uuid([1; 16])), format: 1 }
}

fn topic(number: u8) -> MetadataRecord {
    MetadataRecord::TopicCreated { topic: TopicId(Uuid([number; 16])), name: format!("t{number}") }
}

fn part(position: u64, part: u32, last: bool, records: &[MetadataRecord]) -> ImagePartV1 {
    ImagePartV1 { position, part, last, records: encode_records(records) }
}

fn delta(after: u64, position: u64, records: &[MetadataRecord]) -> ImageDeltaV1 {
    ImageDeltaV1 { after, position, records: encode_records(records) }
}

fn image(records: &[MetadataRecord]) -> Image {
    let mut image = Image::default();
    for record in records {
        image.apply(record).unwrap();
    }
    image
}

#[test]
fn an_image_in_parts_is_whole_with_the_last_one_and_changes_follow_on_it() {
    let mut follower = Follower::default();
    assert_eq!(follower.part(part(7, 0, false, &[formed()])).unwrap(), None);
    let whole = follower.part(part(7, 1, true, &[topic(1)])).unwrap();
    assert_eq!(whole, Some((image(&[formed(), topic(1)]), 7)));
    let changed = follower.delta(delta(7, 9, &[topic(2)])).unwrap();
    assert_eq!(changed, (image(&[formed(), topic(1), topic(2)]), 9));
    // A new image replaces everything.
    assert_eq!(follower.part(part(12, 0, true, &[formed()])).unwrap(), Some((image(&[formed()]), 12)));
    assert_eq!(follower.delta(delta(12, 13, &[topic(3)])).unwrap().1, 13);
}

#[test]
fn what_does_not_follow_on_ends_the_connection() {
    let out_of_step = |result: Result<(), SessionError>| matches!(result, Err(SessionError::OutOfStep(_)));
    let mut early = Follower::default();
    assert!(out_of_step(early.delta(delta(0, 1, &[formed()])).map(drop)));
    let mut gap = Follower::default();
    gap.part(part(7, 0, false, &[formed()])).unwrap();
    assert!(out_of_step(gap.part(part(7, 2, true, &[topic(1)])).map(drop)));
    let mut mixed = Follower::default();
    mixed.part(part(7, 0, false, &[formed()])).unwrap();
    assert!(out_of_step(mixed.part(part(8, 1, true, &[topic(1)])).map(drop)));
    let mut late = Follower::default();
    late.part(part(7, 0, true, &[formed()])).unwrap();
    assert!(out_of_step(late.delta(delta(8, 9, &[topic(1)])).map(drop)));
    // Records that are cut short, of a newer release, or that contradict the image.
    for records in [vec![1, 0, 0], vec![99, 0, 0, 0, 0, 0, 0, 0]] {
        let mut damaged = Follower::default();
        let part = ImagePartV1 { records, ..part(7, 0, true, &[]) };
        assert!(out_of_step(damaged.part(part).map(drop)));
    }
    let deletion = MetadataRecord::TopicDeleted { topic: TopicId(Uuid([5; 16])) };
    let mut contradicted = Follower::default();
    assert!(out_of_step(contradicted.part(part(7, 0, true, &[deletion])).map(drop)));
}

#[test]
fn the_saved_image_comes_back_and_a_damaged_one_does_not() {
    let whole = image(&[formed(), topic(1), topic(2)]);
    let bytes = saved::encode(&whole, 42);
    assert_eq!(saved::decode(&bytes), Some((whole, 42)));
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        assert_eq!(saved::decode(&damaged), None, "byte {at}");
        assert_eq!(saved::decode(&bytes[..at]), None);
    }
}

/// The file's bytes of version 1. If this fails, do not edit the bytes: a new version is needed.
#[test]
fn golden_bytes_of_the_saved_image() {
    let bytes: String =
        saved::encode(&image(&[formed()]), 3).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        bytes,
        "524c494d010003000000000000008902abb90100000012000000010101010101010101010101010101010100"
    );
}
