//! What members of classic groups say to each other through the broker.

use crate::member::{MemberPlan, MemberProtocol};

/// How subscriptions and assignments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Our own, which the broker does not understand.
    Own,
    /// That of Kafka's consumers, so that the broker can carry the group over to the newer protocol.
    Consumer,
}

impl Dialect {
    pub(crate) fn of(plan: &MemberPlan) -> Dialect {
        if plan.protocol == MemberProtocol::Classic { Dialect::Own } else { Dialect::Consumer }
    }

    pub(crate) fn protocol_type(self) -> &'static str {
        match self {
            Dialect::Own => "simulated",
            Dialect::Consumer => "consumer",
        }
    }

    pub(crate) fn assignor(self) -> &'static str {
        match self {
            Dialect::Own => "turns",
            Dialect::Consumer => "range",
        }
    }

    /// Version 0: topics and no data of the assignor's.
    pub(crate) fn subscription(self, topic: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self == Dialect::Consumer {
            put_topic(&mut bytes, topic);
            bytes.extend((-1i32).to_be_bytes());
        }
        bytes
    }

    pub(crate) fn assignment(self, topic: &str, partitions: &[i32]) -> Vec<u8> {
        if self == Dialect::Own {
            return partitions.iter().map(|partition| *partition as u8).collect();
        }
        let mut bytes = Vec::new();
        put_topic(&mut bytes, topic);
        bytes.extend((partitions.len() as i32).to_be_bytes());
        bytes.extend(partitions.iter().flat_map(|partition| partition.to_be_bytes()));
        bytes.extend((-1i32).to_be_bytes());
        bytes
    }

    /// The partitions of the one topic that there is; none if the bytes make no sense.
    pub(crate) fn read_assignment(self, bytes: &[u8]) -> Option<Vec<i32>> {
        if self == Dialect::Own {
            return Some(bytes.iter().map(|partition| i32::from(*partition)).collect());
        }
        // Version, count of topics.
        let mut rest = bytes.get(2..)?;
        if bytes.is_empty() || take(&mut rest)? == 0 {
            return Some(Vec::new());
        }
        let name = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
        rest = rest.get(2 + name..)?;
        let count = take(&mut rest)?;
        (0..count).map(|_| take(&mut rest)).collect()
    }
}

/// Version 0, and a list of one topic.
fn put_topic(bytes: &mut Vec<u8>, topic: &str) {
    bytes.extend(0i16.to_be_bytes());
    bytes.extend(1i32.to_be_bytes());
    bytes.extend((topic.len() as u16).to_be_bytes());
    bytes.extend(topic.as_bytes());
}

fn take(rest: &mut &[u8]) -> Option<i32> {
    let (number, behind) = rest.split_first_chunk::<4>()?;
    *rest = behind;
    Some(i32::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_read_as_they_were_written() {
        for dialect in [Dialect::Own, Dialect::Consumer] {
            let written = dialect.assignment("topic", &[1, 5]);
            assert_eq!(dialect.read_assignment(&written), Some(vec![1, 5]));
        }
        assert_eq!(
            Dialect::Consumer.read_assignment(&[0, 0, 0, 0, 0, 0, 255, 255, 255, 255]),
            Some(Vec::new())
        );
        assert_eq!(Dialect::Consumer.read_assignment(&[0]), None);
    }
}
