//! Groups as people look at them: what several requests to a coordinator tell of one group.

use super::Unavailable;
use ringlog_coordinator::{
    DescribedConsumerGroup, DescribedGroup, FetchOffsets, GroupState, ListGroups, ListedGroup, Name, Refusal,
    Request, Response,
};
use ringlog_kafka::{Decode, Reader, messages::ConsumerProtocolAssignment};
use ringlog_model::Offset;

/// Classic groups say that they do not exist instead of being dead from this version of DescribeGroups on.
const DESCRIBE_VERSION: i16 = 6;

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupFacts {
    pub(crate) state: GroupState,
    /// Of the newer protocol.
    pub(crate) is_consumer: bool,
    pub(crate) assignor: Name,
    pub(crate) members: Vec<MemberFacts>,
    /// By topic and partition.
    pub(crate) offsets: Vec<(Name, i32, Offset)>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberFacts {
    pub(crate) member: Name,
    pub(crate) client: Name,
    pub(crate) host: Name,
    pub(crate) partitions: Vec<(Name, i32)>,
}

/// Why nothing can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoFacts {
    Unavailable(Unavailable),
    Refused(Refusal),
}

/// What a coordinator answers to.
type Answer = Result<Response, Unavailable>;

/// The groups of one coordinator.
pub(crate) async fn list<F: Future<Output = Answer>>(
    ask: impl Fn(Request) -> F,
) -> Result<Vec<ListedGroup>, NoFacts> {
    match ask(Request::ListGroups(ListGroups::default())).await {
        Ok(Response::ListGroups(listed)) => Ok(listed),
        other => Err(unexpected(other)),
    }
}

/// One group, of its coordinator.
pub(crate) async fn describe<F: Future<Output = Answer>>(
    group: &str,
    ask: impl Fn(Request) -> F,
) -> Result<GroupFacts, NoFacts> {
    let name: Name = group.into();
    let classic = ask(Request::DescribeGroup { group: name.clone(), version: DESCRIBE_VERSION }).await;
    let mut facts = match classic {
        Ok(Response::DescribeGroup(Ok(described))) => of_classic(described),
        Ok(Response::DescribeGroup(Err(Refusal::GroupIdNotFound))) => {
            match ask(Request::DescribeConsumerGroup { group: name.clone() }).await {
                Ok(Response::DescribeConsumerGroup(Ok(described))) => of_consumer(described),
                Ok(Response::DescribeConsumerGroup(Err(refusal))) => return Err(NoFacts::Refused(refusal)),
                other => return Err(unexpected(other)),
            }
        }
        Ok(Response::DescribeGroup(Err(refusal))) => return Err(NoFacts::Refused(refusal)),
        other => return Err(unexpected(other)),
    };
    let fetch = FetchOffsets { group: name, member: None, member_epoch: -1, topics: None };
    match ask(Request::OffsetFetch(fetch)).await {
        Ok(Response::OffsetFetch(Ok(topics))) => {
            for topic in topics {
                let there = topic.partitions.into_iter().filter(|partition| partition.offset.0 >= 0);
                facts.offsets.extend(
                    there.map(|partition| (topic.topic.clone(), partition.partition, partition.offset)),
                );
            }
        }
        Ok(Response::OffsetFetch(Err(refusal))) => return Err(NoFacts::Refused(refusal)),
        other => return Err(unexpected(other)),
    }
    facts.offsets.sort_unstable();
    Ok(facts)
}

/// An answer to another question cannot come; one that cannot be had is said so.
pub(crate) fn unexpected(answer: Answer) -> NoFacts {
    NoFacts::Unavailable(answer.err().unwrap_or(Unavailable::NotAvailable))
}

fn of_classic(group: DescribedGroup) -> GroupFacts {
    let members = group.members.into_iter().map(|member| MemberFacts {
        partitions: assigned(&member.assignment),
        member: member.member,
        client: member.client_id,
        host: member.client_host,
    });
    GroupFacts {
        state: group.state,
        is_consumer: false,
        assignor: group.protocol_name,
        members: members.collect(),
        offsets: Vec::new(),
    }
}

/// The partitions in the assignment of a consumer; of another kind of member nothing is known.
fn assigned(assignment: &[u8]) -> Vec<(Name, i32)> {
    let Some((version, body)) = assignment.split_first_chunk::<2>() else { return Vec::new() };
    let version = i16::from_be_bytes(*version);
    let mut reader = Reader::new(body);
    let Ok(assignment) = ConsumerProtocolAssignment::decode(&mut reader, version.clamp(0, 3)) else {
        return Vec::new();
    };
    let topics = assignment.assigned_partitions.into_iter();
    topics
        .flat_map(|topic| {
            let name: Name = topic.topic.into();
            topic.partitions.into_iter().map(move |partition| (name.clone(), partition))
        })
        .collect()
}

fn of_consumer(group: DescribedConsumerGroup) -> GroupFacts {
    let members = group.members.into_iter().map(|member| MemberFacts {
        partitions: member
            .assignment
            .into_iter()
            .flat_map(|(_, topic, partitions)| {
                partitions.into_iter().map(move |partition| (topic.clone(), partition))
            })
            .collect(),
        member: member.member,
        client: member.client_id,
        host: member.client_host,
    });
    GroupFacts {
        state: group.state,
        is_consumer: true,
        assignor: group.assignor,
        members: members.collect(),
        offsets: Vec::new(),
    }
}
