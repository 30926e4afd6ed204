//! Consumer groups, for people and tools.

use super::{Session, plain, reply::Refused};
use crate::{
    api::error::{of_coordination, of_group},
    groups::{NoFacts, describe_group, list_groups, unexpected_answer},
};
use bytes::Bytes;
use ringlog_coordinator::{CommitOffset, DeleteOffsets, Name, OffsetCommit, Request, Response};
use ringlog_native::{
    Correlation, ErrorCode, Frame,
    body::{
        GroupCommit, GroupCommitReply, GroupDelete, GroupDeleteReply, GroupDescribe, GroupDescribeReply,
        GroupForget, GroupForgetReply, GroupListReply, GroupMember, GroupOffset, GroupSummary,
    },
};
use std::rc::Rc;

impl From<NoFacts> for Refused {
    fn from(reason: NoFacts) -> Refused {
        let (code, message) = match reason {
            NoFacts::Refused(refusal) => (of_group(&refusal), refusal.to_string()),
            NoFacts::Unavailable(why) => {
                (of_coordination(&Err(why)), "the group's coordinator is not available now".to_owned())
            }
        };
        Refused { code: ErrorCode::from_number(code.0), message }
    }
}

pub(super) async fn list(session: &Rc<Session>, correlation: Correlation) -> Result<Bytes, Refused> {
    let shard = session.shard();
    let mut groups = Vec::new();
    if let Some(topic) = shard.offsets_topic() {
        for (partition, state) in topic.partitions() {
            if state.leader == Some(shard.node.node) {
                let ask = |request| shard.coordinate_at(partition, request);
                groups.extend(list_groups(ask).await?);
            }
        }
    }
    groups.sort_by(|left, right| left.group.cmp(&right.group));
    let groups = groups.into_iter().map(|group| GroupSummary {
        group: group.group.to_string(),
        state: group.state.name().to_owned(),
        kind: group.group_type.to_string(),
    });
    Ok(plain(correlation, &GroupListReply { groups: groups.collect() }))
}

pub(super) async fn describe(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<GroupDescribe>()?;
    let shard = session.shard();
    let ask = |request| shard.coordinate(&asked.group, request);
    let facts = match shard.offsets_topic() {
        Some(_) => describe_group(&asked.group, ask).await?,
        // Nobody has ever committed anything.
        None => return Err(NoFacts::Refused(ringlog_coordinator::Refusal::GroupIdNotFound).into()),
    };
    let named = |partitions: Vec<(Name, i32)>| {
        partitions.into_iter().map(|(topic, partition)| (topic.to_string(), partition)).collect()
    };
    let members = facts.members.into_iter().map(|member| GroupMember {
        member: member.member.to_string(),
        client: member.client.to_string(),
        host: member.host.to_string(),
        partitions: named(member.partitions),
    });
    let offsets = facts.offsets.into_iter().map(|(topic, partition, offset)| GroupOffset {
        topic: topic.to_string(),
        partition,
        offset,
    });
    let reply = GroupDescribeReply {
        state: facts.state.name().to_owned(),
        kind: if facts.is_consumer { "consumer" } else { "classic" }.to_owned(),
        assignor: facts.assignor.to_string(),
        members: members.collect(),
        offsets: offsets.collect(),
    };
    Ok(plain(frame.header.correlation, &reply))
}

pub(super) async fn commit(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<GroupCommit>()?;
    let shard = session.shard();
    shard.ensure_offsets_topic().await.map_err(|error| super::reply::error_of(&error))?;
    let view = shard.view();
    let offsets = asked.offsets.into_iter().map(|offset| CommitOffset {
        topic_id: view.image.topic_by_name(&offset.topic).map(|topic| topic.id).unwrap_or_default(),
        topic: offset.topic.as_str().into(),
        partition: offset.partition,
        offset: offset.offset,
        leader_epoch: None,
        metadata: Name::from(""),
    });
    let request = OffsetCommit {
        group: asked.group.as_str().into(),
        member: Name::from(""),
        instance: None,
        generation: -1,
        version: 9,
        retention_ms: None,
        offsets: offsets.collect(),
    };
    match shard.coordinate(&asked.group, Request::OffsetCommit(request)).await {
        Ok(Response::OffsetCommit(results)) => {
            if let Some(refusal) = results.into_iter().find_map(Result::err) {
                return Err(NoFacts::Refused(refusal).into());
            }
            Ok(plain(frame.header.correlation, &GroupCommitReply))
        }
        other => Err(unexpected_answer(other).into()),
    }
}

pub(super) async fn delete(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<GroupDelete>()?;
    let request = Request::DeleteGroup { group: asked.group.as_str().into() };
    match session.shard().coordinate(&asked.group, request).await {
        Ok(Response::DeleteGroup(Ok(()))) => Ok(plain(frame.header.correlation, &GroupDeleteReply)),
        Ok(Response::DeleteGroup(Err(refusal))) => Err(NoFacts::Refused(refusal).into()),
        other => Err(unexpected_answer(other).into()),
    }
}

pub(super) async fn forget(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<GroupForget>()?;
    let partitions = asked.partitions.iter().map(|(topic, partition)| (topic.as_str().into(), *partition));
    let request = DeleteOffsets { group: asked.group.as_str().into(), partitions: partitions.collect() };
    match session.shard().coordinate(&asked.group, Request::OffsetDelete(request)).await {
        Ok(Response::OffsetDelete(Ok(results))) => match results.into_iter().find_map(Result::err) {
            Some(refusal) => Err(NoFacts::Refused(refusal).into()),
            None => Ok(plain(frame.header.correlation, &GroupForgetReply)),
        },
        Ok(Response::OffsetDelete(Err(refusal))) => Err(NoFacts::Refused(refusal).into()),
        other => Err(unexpected_answer(other).into()),
    }
}
