//! DescribeCluster: the nodes, as the client's listener sees them (KIP-700, KIP-919).

use super::{
    Answer, Asked,
    topics::{CLUSTER_OPERATIONS, OPERATIONS_UNKNOWN},
};
use crate::options::HostPort;
use ringlog_kafka::{
    ErrorCode,
    messages::{
        DescribeClusterRequest, DescribeClusterResponse, describe_cluster_response::DescribeClusterBroker,
    },
};
use ringlog_model::NodeId;

/// The endpoint type "brokers".
const BROKERS: i8 = 1;

pub(super) fn answer(asked: &Asked, request: &DescribeClusterRequest) -> Answer {
    if request.endpoint_type != BROKERS {
        return asked.respond(&DescribeClusterResponse {
            error_code: ErrorCode::MISMATCHED_ENDPOINT_TYPE,
            error_message: Some("this listener is for clients of brokers, not of controllers"),
            endpoint_type: request.endpoint_type,
            ..DescribeClusterResponse::default()
        });
    }
    let shard = asked.shard();
    let view = shard.view();
    let listener = &shard.node.listeners[asked.connection.listener];
    let nodes = listener.reachable_nodes(&view.image, shard.node.node);
    let cluster = view.image.cluster().map(|cluster| cluster.0.to_string()).unwrap_or_default();
    let fenced: Vec<_> = view
        .image
        .nodes()
        .filter(|node| request.include_fenced_brokers && !node.is_alive() && node.id != shard.node.node)
        .filter_map(|node| Some((node.id, listener.address_of(node, shard.node.node)?)))
        .collect();
    let brokers = nodes.iter().map(|(id, address)| broker(*id, address, false));
    let brokers = brokers.chain(fenced.iter().map(|(id, address)| broker(*id, address, true)));
    let asks_for_operations = request.include_cluster_authorized_operations;
    asked.respond(&DescribeClusterResponse {
        endpoint_type: BROKERS,
        cluster_id: &cluster,
        controller_id: nodes.first().map_or(NodeId::NONE, |(id, _)| *id).0,
        brokers: brokers.collect(),
        cluster_authorized_operations: if asks_for_operations {
            CLUSTER_OPERATIONS
        } else {
            OPERATIONS_UNKNOWN
        },
        ..DescribeClusterResponse::default()
    })
}

fn broker(id: NodeId, address: &HostPort, is_fenced: bool) -> DescribeClusterBroker<'_> {
    DescribeClusterBroker {
        broker_id: id.0,
        host: &address.host,
        port: i32::from(address.port),
        rack: None,
        is_fenced,
    }
}
