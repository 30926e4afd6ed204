//! Configs, and more partitions: forwarded to the controller, described from this node's view.

use super::{
    Session, plain,
    reply::{Refused, error_of, refusal_of},
};
use crate::{api, refusal::Refusal};
use bytes::Bytes;
use ringlog_native::{
    ErrorCode, Frame,
    body::{
        ConfigAlter, ConfigAlterReply, ConfigDescribe, ConfigDescribeReply, ConfigHolder, ConfigValue,
        TopicGrow, TopicGrowReply,
    },
    cluster::{
        AlterConfigsV1, AlterResourceV1, ConfigChangeV1, ConfigOperationV1, CreatePartitionsV1, GrowTopicV1,
        ResourceKindV1,
    },
};
use std::rc::Rc;

pub(super) async fn grow(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<TopicGrow>()?;
    let topic = GrowTopicV1 { name: asked.name, count: asked.partitions, assignments: None };
    let request = CreatePartitionsV1 { topics: vec![topic], validate_only: false };
    let mut reply = session.shard().create_partitions(request).await.map_err(|error| error_of(&error))?;
    match reply.refusals.pop().ok_or(Refusal::Stopping)? {
        Some(refusal) => Err(refusal_of(&refusal)),
        None => Ok(plain(frame.header.correlation, &TopicGrowReply)),
    }
}

pub(super) async fn alter(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let ConfigAlter { holder, name, set, delete } = frame.decode::<ConfigAlter>()?;
    let set = set.into_iter().map(|(name, value)| ConfigChangeV1 {
        name,
        operation: ConfigOperationV1::Set as u8,
        value: Some(value),
    });
    let delete = delete.into_iter().map(|name| ConfigChangeV1 {
        name,
        operation: ConfigOperationV1::Delete as u8,
        value: None,
    });
    let kind = match holder {
        ConfigHolder::AllNodes => ResourceKindV1::AllNodes,
        ConfigHolder::Node => ResourceKindV1::Node,
        ConfigHolder::Group => ResourceKindV1::Group,
        ConfigHolder::Topic => ResourceKindV1::Topic,
    };
    let resource =
        AlterResourceV1 { kind: kind as u8, name, replace: false, changes: set.chain(delete).collect() };
    let request = AlterConfigsV1 { resources: vec![resource], validate_only: false };
    let mut reply = session.shard().alter_configs(request).await.map_err(|error| error_of(&error))?;
    match reply.refusals.pop().ok_or(Refusal::Stopping)? {
        Some(refusal) => Err(refusal_of(&refusal)),
        None => Ok(plain(frame.header.correlation, &ConfigAlterReply)),
    }
}

pub(super) fn describe(session: &Rc<Session>, frame: &Frame) -> Result<Bytes, Refused> {
    let asked = frame.decode::<ConfigDescribe>()?;
    let name = match asked.holder {
        ConfigHolder::AllNodes => "",
        _ => &asked.name,
    };
    let resource_type = match asked.holder {
        ConfigHolder::AllNodes | ConfigHolder::Node => api::resource::NODE,
        ConfigHolder::Group => api::resource::GROUP,
        ConfigHolder::Topic => api::resource::TOPIC,
    };
    let found = api::config_values(session.shard(), resource_type, name);
    let found = found.map_err(|(code, message)| Refused { code: ErrorCode::from_number(code.0), message })?;
    let configs = found.into_iter().map(|(name, value, source)| ConfigValue {
        name,
        value: value.unwrap_or_default(),
        source: u16::try_from(source).unwrap_or(0),
    });
    Ok(plain(frame.header.correlation, &ConfigDescribeReply { configs: configs.collect() }))
}
