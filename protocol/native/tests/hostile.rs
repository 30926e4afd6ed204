//! Hostile bytes against every decoder of the client listener, under a memory limit: no panic, and nothing allocated
//! that the frame could not hold.

use ringlog_native::body::*;
use ringlog_native::{Body, ErrorBody, Frame, FrameBuffer};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A small generator of our own: the same bytes on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

fn decode_as_everything(bytes: &[u8]) {
    fn quietly<B: Body>(bytes: &[u8]) {
        let _ = B::decode(bytes);
    }
    quietly::<Hello>(bytes);
    quietly::<HelloReply>(bytes);
    quietly::<Ping>(bytes);
    quietly::<ShardMap>(bytes);
    quietly::<ShardMapReply>(bytes);
    quietly::<Produce>(bytes);
    quietly::<Receipt>(bytes);
    quietly::<InitProducerReply>(bytes);
    quietly::<Subscribe>(bytes);
    quietly::<SubscribeReply>(bytes);
    quietly::<Deliver>(bytes);
    quietly::<Credit>(bytes);
    quietly::<Unsubscribe>(bytes);
    quietly::<ListOffsets>(bytes);
    quietly::<ListOffsetsReply>(bytes);
    quietly::<TopicCreate>(bytes);
    quietly::<TopicCreateReply>(bytes);
    quietly::<TopicListReply>(bytes);
    quietly::<TopicDescribe>(bytes);
    quietly::<TopicDescribeReply>(bytes);
    quietly::<TopicDelete>(bytes);
    quietly::<TopicGrow>(bytes);
    quietly::<ConfigAlter>(bytes);
    quietly::<ConfigDescribe>(bytes);
    quietly::<ConfigDescribeReply>(bytes);
    let _ = ErrorBody::decode(bytes);
}

#[test]
fn hostile_bytes_neither_panic_nor_allocate_beyond_their_frame() {
    // Generous for the test harness, and far below the 4 billion elements that a length can claim.
    let limit = Rlimit { current: Some(512 << 20), maximum: getrlimit(Resource::As).maximum };
    setrlimit(Resource::As, limit).expect("a lower limit is always allowed");

    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let valid = [
        ringlog_native::request(
            ringlog_native::Correlation(1),
            &ShardMap { topics: vec!["topic".into(); 3] },
        ),
        ringlog_native::request(
            ringlog_native::Correlation(2),
            &TopicCreate {
                name: "topic".into(),
                partitions: 3,
                replication_factor: 1,
                configs: vec![("name".into(), "value".into()); 2],
            },
        ),
    ];
    for round in 0..60_000 {
        let mut bytes = valid[round % valid.len()].to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] = [0, 0xff, 0x7f, 0x80, random.next() as u8][random.below(5)];
        }
        bytes.truncate(random.below(bytes.len() + 1));
        decode_as_everything(&bytes);
        decode_as_everything(bytes.get(32..).unwrap_or_default());
        let _ = Frame::parse(bytes.clone().into(), 1 << 20);
        let mut buffer = FrameBuffer::new(1 << 20);
        buffer.push(&bytes);
        while let Ok(Some(frame)) = buffer.next_frame() {
            let _ = frame.error();
        }
    }
    // Every list length at its largest.
    for length in 4..64 {
        decode_as_everything(&vec![0xff; length]);
    }
}
