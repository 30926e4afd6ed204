//! What a shard asks the controller for, through shard 0.

use super::{Administration, Shard, ShardMessage};
use crate::cluster::ClusterError;
use ringlog_image::config::{ConfigMap, validate_group_bounds};
use ringlog_model::ShardId;
use ringlog_native::cluster::{
    AlterConfigsReplyV1, AlterConfigsV1, AlterResourceV1, ConfigOperationV1, CreatePartitionsReplyV1,
    CreatePartitionsV1, CreateTopicsReplyV1, CreateTopicsV1, DeleteTopicsReplyV1, DeleteTopicsV1,
    DescribeQuorumReplyV1, DescribeQuorumV1, ElectLeadersReplyV1, ElectLeadersV1, ForgetNodeReplyV1,
    ForgetNodeV1, RefusalKind, RefusalV1, ResourceKindV1,
};
use ringlog_reactor::reply::{self, ReplySender};

/// The shard with the controller's connection.
const ADMINISTRATOR: ShardId = ShardId(0);

/// A number of partitions or replicas that is left to the node.
const UNSAID: i32 = -1;

/// The refusal of what is beyond this node's bounds for consumer groups, which the controller does not know.
fn beyond_bounds(resource: &AlterResourceV1, start: &ConfigMap) -> Option<RefusalV1> {
    if resource.kind != ResourceKindV1::Group as u8 {
        return None;
    }
    let set = resource.changes.iter().filter(|change| change.operation == ConfigOperationV1::Set as u8);
    let mut checked = set.map(|change| {
        validate_group_bounds(start, &change.name, change.value.as_deref().unwrap_or_default())
    });
    let refused = checked.find_map(Result::err)?;
    Some(RefusalV1 { kind: RefusalKind::InvalidConfig as u16, message: refused.to_string(), leader: None })
}

impl Shard {
    /// Creates topics; returns when this node serves its partitions of them.
    pub(crate) async fn create_topics(
        &self,
        mut request: CreateTopicsV1,
    ) -> Result<CreateTopicsReplyV1, ClusterError> {
        // Who was asked says what holds where nothing is said; an assignment says it all.
        let defaults = &self.node.defaults;
        for topic in request.topics.iter_mut().filter(|topic| topic.assignments.is_empty()) {
            if topic.partitions == UNSAID {
                topic.partitions = defaults.partitions;
            }
            if i32::from(topic.replication_factor) == UNSAID {
                topic.replication_factor = defaults.replication_factor;
            }
        }
        self.administer(|reply| Administration::CreateTopics(request, reply)).await
    }

    /// Deletes topics; returns when this node no longer serves them.
    pub(crate) async fn delete_topics(
        &self,
        request: DeleteTopicsV1,
    ) -> Result<DeleteTopicsReplyV1, ClusterError> {
        self.administer(|reply| Administration::DeleteTopics(request, reply)).await
    }

    /// Changes configs; returns when this node's shards obey them.
    pub(crate) async fn alter_configs(
        &self,
        mut request: AlterConfigsV1,
    ) -> Result<AlterConfigsReplyV1, ClusterError> {
        let start = self.view().start.clone();
        let refused: Vec<_> =
            request.resources.iter().map(|resource| beyond_bounds(resource, &start)).collect();
        let mut refusals = refused.iter();
        request.resources.retain(|_| refusals.next().is_some_and(Option::is_none));
        let mut reply = if request.resources.is_empty() {
            AlterConfigsReplyV1 { position: 0, refusals: Vec::new() }
        } else {
            self.administer(|reply| Administration::AlterConfigs(request, reply)).await?
        };
        let mut answered = core::mem::take(&mut reply.refusals).into_iter();
        reply.refusals =
            refused.into_iter().map(|refused| refused.or_else(|| answered.next().flatten())).collect();
        Ok(reply)
    }

    /// Gives topics more partitions; returns when this node serves its part of them.
    pub(crate) async fn create_partitions(
        &self,
        request: CreatePartitionsV1,
    ) -> Result<CreatePartitionsReplyV1, ClusterError> {
        self.administer(|reply| Administration::CreatePartitions(request, reply)).await
    }

    /// Elects leaders anew; returns when this node's shards know.
    pub(crate) async fn elect_leaders(
        &self,
        request: ElectLeadersV1,
    ) -> Result<ElectLeadersReplyV1, ClusterError> {
        self.administer(|reply| Administration::ElectLeaders(request, reply)).await
    }

    /// Has a node forgotten.
    pub(crate) async fn forget_node(&self, request: ForgetNodeV1) -> Result<ForgetNodeReplyV1, ClusterError> {
        self.administer(|reply| Administration::ForgetNode(request, reply)).await
    }

    /// What the controller that leads knows of the quorum.
    pub(crate) async fn describe_quorum(&self) -> Result<DescribeQuorumReplyV1, ClusterError> {
        let request = DescribeQuorumV1 { node: self.node.node.0 };
        self.administer(|reply| Administration::DescribeQuorum(request, reply)).await
    }

    /// A producer id that nobody else has.
    pub(crate) async fn producer_id(&self) -> Result<i64, ClusterError> {
        self.administer(Administration::ProducerId).await
    }

    async fn administer<T: Send>(
        &self,
        wish: impl FnOnce(ReplySender<Result<T, ClusterError>>) -> Administration,
    ) -> Result<T, ClusterError> {
        let (sender, receiver) = reply::channel();
        self.send(ADMINISTRATOR, ShardMessage::Administer(wish(sender))).await;
        receiver.await.unwrap_or(Err(ClusterError::Stopping))
    }
}
