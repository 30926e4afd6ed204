//! Starting and stopping a node: on shard 0, in order.

use crate::{
    administration::Administrator,
    cluster::{Agent, AgentOptions, Freshness},
    connection::{Accepting, accept},
    control::{self, ControlThread, Opened, Visible},
    error::NodeError,
    listener::{ListenerInfo, Protocol},
    metrics::{ShardMetrics, ShardParts},
    new_configs::{self, NewConfigs},
    options::{ListenerOptions, NodeOptions, ReadyAddresses, ReadyCallback},
    shard::{DirectoryStart, MAILBOX_CAPACITY, NodeShared, OpenShard, ShardMessage, ShardStart, owner},
    signal::Signal,
};
use core::{net::SocketAddr, time::Duration};
use futures_lite::future;
use ringlog_image::ListenerAddress;
use ringlog_model::{ClusterId, ShardId, Uuid};
use ringlog_reactor::{LaunchOptions, Listener, LocalBoxFuture, Reactor, Task, mailbox, reply};
use ringlog_storage::{Directory, DirectoryConfig, Identity, RecoveredLog};
use std::{
    io,
    path::Path,
    rc::Rc,
    sync::{Arc, atomic::Ordering},
};

/// How long a starting node waits for the controller before it serves by the metadata on its own disk.
const PREFER_LIVE: Duration = Duration::from_secs(1);

/// The file in the first data directory that tells a restarted node from a second one with the same id.
const STORAGE_ID_FILE: &str = "node.storage-id";
/// The file in the first data directory with the newest metadata.
const IMAGE_FILE: &str = "node.metadata";

/// Runs a node on this thread as its shard 0, until [`Reactor::shutdown_requested`]; further shards are launched from
/// here. `ready` is called once, when the node serves.
///
/// # Errors
/// [`NodeError`] if it cannot start, or did not stop in order.
pub fn run(
    reactor: Reactor,
    options: NodeOptions,
    ready: ReadyCallback,
) -> LocalBoxFuture<Result<(), NodeError>> {
    // Boxed here, so that all below is compiled with this crate and not with the executable.
    Box::pin(open_and_serve(reactor, options, ready))
}

async fn open_and_serve(
    reactor: Reactor,
    options: NodeOptions,
    ready: ReadyCallback,
) -> Result<(), NodeError> {
    if options.data.is_empty() || options.shards == 0 {
        return Err(NodeError::Options("a node needs a data directory and at least one shard".into()));
    }
    let visible = visible(&options);
    // Before the logs are recovered, which may take long: health and readiness are asked for meanwhile.
    let control = start_control(&options, &visible)?;
    let listeners = bind(&reactor, &options)?;
    let mut data = Data::open(&reactor, &options).await?;
    let admin = control.as_ref().map(ControlThread::address);
    let shards =
        start_shards(&reactor, &options, admin, &listeners, &mut data, visible.shards.clone()).await?;
    // Set once: this is the only place.
    let _ = visible.opened.set(Opened { node: shards.node.clone(), parts: shards.parts.clone() });
    visible.readiness.recovered.store(true, Ordering::Relaxed);
    Node { reactor, options, listeners, data, shards, visible, control }.serve(ready).await
}

fn visible(options: &NodeOptions) -> Visible {
    Visible {
        shards: (0..options.shards).map(|_| Arc::new(ShardMetrics::default())).collect(),
        directories: options.data.clone().into(),
        begun: options.admin.map(|_| control::now()),
        log_levels: options.log_levels.clone(),
        ..Visible::default()
    }
}

/// A listener with what it tells its clients.
struct Bound {
    info: ListenerInfo,
    listener: Listener,
}

fn bind(reactor: &Reactor, options: &NodeOptions) -> Result<Vec<Bound>, NodeError> {
    let kafka = options.kafka.iter().map(|listener| (Protocol::Kafka, listener));
    let native = options.native.iter().map(|listener| (Protocol::Native, listener));
    let mut bound: Vec<Bound> = Vec::new();
    for (protocol, wanted) in kafka.chain(native) {
        match bind_one(reactor, protocol, wanted, &bound) {
            Ok(listener) => bound.push(listener),
            Err(NodeError::Listen { source, .. }) if wanted.optional => {
                tracing::debug!(address = %wanted.bind, error = %source, "left out an optional listener");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(bound)
}

fn bind_one(
    reactor: &Reactor,
    protocol: Protocol,
    wanted: &ListenerOptions,
    earlier: &[Bound],
) -> Result<Bound, NodeError> {
    let mut address = wanted.bind;
    let sibling = earlier.iter().find(|bound| bound.info.name == wanted.name);
    if let (0, Some(sibling)) = (address.port(), sibling) {
        // The same listener on another local address: clients are told one port.
        address.set_port(sibling.listener.local_address().port());
    }
    let name = wanted.name.clone();
    let listener = reactor.listen(address).map_err(|source| NodeError::Listen {
        name: name.clone(),
        address,
        source,
    })?;
    let advertised = match sibling {
        Some(sibling) if wanted.advertised.is_none() => sibling.info.advertised.clone(),
        _ => wanted
            .advertised(listener.local_address())
            .ok_or(NodeError::WildcardWithoutAdvertised { name: name.clone(), address })?,
    };
    Ok(Bound { info: ListenerInfo { name, protocol, advertised }, listener })
}

/// The node's data directories, locked for its life.
struct Data {
    directories: Vec<Directory>,
    /// The logs of each directory, until the shards have them.
    logs: Vec<Vec<RecoveredLog>>,
    storage: Uuid,
    cluster: Option<ClusterId>,
}

impl Data {
    async fn open(reactor: &Reactor, options: &NodeOptions) -> Result<Data, NodeError> {
        let mut directories: Vec<Directory> = Vec::new();
        let mut logs = Vec::new();
        let mut cluster = None;
        for path in &options.data {
            let config = DirectoryConfig {
                domains: options.shards,
                reserve_bytes: options.reserve_bytes,
                ..DirectoryConfig::new(path)
            };
            let opened = Directory::open(reactor, config).await?;
            let report = &opened.report;
            tracing::info!(path = %path.display(), logs = opened.logs.len(), clean = report.clean, ?report, "opened");
            if let Some(identity) = opened.directory.identity() {
                check_identity(path, identity, options, cluster)?;
                cluster = Some(identity.cluster);
            }
            directories.push(opened.directory);
            logs.push(opened.logs);
        }
        let storage = storage_id(reactor, &options.data[0].join(STORAGE_ID_FILE)).await?;
        Ok(Data { directories, logs, storage, cluster })
    }

    /// Writes down whose data this is, once the cluster is known.
    async fn identify(&mut self, reactor: &Reactor, identity: Identity) -> Result<(), NodeError> {
        for directory in &mut self.directories {
            if directory.identity().is_none() {
                directory.set_identity(reactor, identity).await?;
            }
        }
        Ok(())
    }
}

fn check_identity(
    path: &Path,
    found: Identity,
    options: &NodeOptions,
    cluster: Option<ClusterId>,
) -> Result<(), NodeError> {
    let expected = Identity { node: options.node_id, cluster: cluster.unwrap_or(found.cluster) };
    if found == expected {
        return Ok(());
    }
    Err(NodeError::Options(format!(
        "data directory {} belongs to node {} of cluster {}, not to node {} of cluster {}",
        path.display(),
        found.node,
        found.cluster,
        expected.node,
        expected.cluster
    )))
}

async fn storage_id(reactor: &Reactor, path: &Path) -> Result<Uuid, NodeError> {
    let failed = |action| move |source: io::Error| NodeError::File { action, path: path.to_owned(), source };
    match reactor.read_file(path).await {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let parsed =
                text.trim().parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error));
            parsed.map_err(failed("reading"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let id = random_uuid(reactor);
            let written = reactor.write_file_durably(path, format!("{id}\n").as_bytes()).await;
            written.map_err(failed("writing"))?;
            Ok(id)
        }
        Err(error) => Err(failed("reading")(error)),
    }
}

fn random_uuid(reactor: &Reactor) -> Uuid {
    let (high, low) = (reactor.random_u64(), reactor.random_u64());
    Uuid::from_random(u128::from(high) << 64 | u128::from(low))
}

/// The shards: 0 is open on this thread, the others run on theirs.
struct Shards {
    first: OpenShard,
    node: Arc<NodeShared>,
    /// What the shards' executors and stores know of themselves, by shard.
    parts: Vec<ShardParts>,
    others: Vec<Task<Result<(), NodeError>>>,
    /// Set when a shard ends, which none may as long as the node serves.
    a_shard_ended: Rc<Signal>,
}

async fn start_shards(
    reactor: &Reactor,
    options: &NodeOptions,
    admin: Option<SocketAddr>,
    listeners: &[Bound],
    data: &mut Data,
    counters: Arc<[Arc<ShardMetrics>]>,
) -> Result<Shards, NodeError> {
    let count = usize::from(options.shards);
    let (mailboxes, receivers): (Vec<_>, Vec<_>) =
        (0..count).map(|_| mailbox::bounded(MAILBOX_CAPACITY)).unzip();
    let node = Arc::new(NodeShared {
        node: options.node_id,
        limits: options.limits.clone(),
        defaults: options.defaults.clone(),
        configs: options.configs.clone(),
        admin,
        housekeeping: options.housekeeping.clone(),
        groups: options.groups.clone(),
        listeners: listeners.iter().map(|bound| bound.info.clone()).collect(),
        directories: options.data.clone().into(),
        log_levels: options.log_levels.clone(),
        mailboxes,
        counters,
    });
    let mut starts = distribute(options, &node, data, receivers);
    let first = starts.remove(0);
    let mut opening = Vec::new();
    let mut others = Vec::new();
    let a_shard_ended = Rc::new(Signal::default());
    for start in starts {
        let number = start.id.0;
        let (opened, waiting) = reply::channel::<ShardParts>();
        let (ended, end) = reply::channel::<Result<(), NodeError>>();
        let launch = LaunchOptions {
            name: format!("shard-{number}"),
            pin: options.processors.get(usize::from(number)).copied(),
        };
        let body = move |reactor: Reactor| {
            let body = async move {
                let result = match OpenShard::open(reactor, start).await {
                    Ok(shard) => {
                        let _ = opened.send(shard.parts());
                        shard.serve(|_| {}).await
                    }
                    Err(error) => Err(error),
                };
                let _ = ended.send(result);
            };
            Box::pin(body) as ringlog_reactor::LocalBoxFuture<()>
        };
        let handle = reactor
            .launch(launch, body)
            .map_err(|error| NodeError::Shard { shard: number, reason: error.to_string() })?;
        opening.push(waiting);
        let a_shard_ended = a_shard_ended.clone();
        others.push(reactor.spawn(async move {
            let result = end.await;
            let joined = handle.join().await;
            a_shard_ended.set();
            match (result, joined) {
                (Ok(result), Ok(())) => result,
                _ => Err(NodeError::Shard { shard: number, reason: "its thread panicked".into() }),
            }
        }));
    }
    let first = OpenShard::open(reactor.clone(), first).await?;
    let mut parts = vec![first.parts()];
    for (waiting, other) in opening.into_iter().zip(0..) {
        let Ok(part) = waiting.await else {
            // It ended before it was open: its end says why.
            let ended: Task<Result<(), NodeError>> = others.remove(other);
            let reason = "it ended while it was starting".to_owned();
            return Err(ended.await.err().unwrap_or(NodeError::Shard { shard: 0, reason }));
        };
        parts.push(part);
    }
    Ok(Shards { first, node, parts, others, a_shard_ended })
}

/// Gives each shard its logs.
fn distribute(
    options: &NodeOptions,
    node: &Arc<NodeShared>,
    data: &mut Data,
    receivers: Vec<mailbox::Receiver<ShardMessage>>,
) -> Vec<ShardStart> {
    let mut starts: Vec<ShardStart> = (0..options.shards)
        .zip(receivers)
        .map(|(id, mailbox)| ShardStart {
            id: ShardId(id),
            node: node.clone(),
            store_config: options.store.clone(),
            directories: Vec::new(),
            mailbox,
        })
        .collect();
    for (directory, logs) in data.directories.iter().zip(std::mem::take(&mut data.logs)) {
        for start in &mut starts {
            let (handle, unused) = (directory.handle(), directory.unused_log_id());
            start.directories.push(DirectoryStart { handle, logs: Vec::new(), unused });
        }
        for log in logs {
            let to = usize::from(owner(log.partition(), options.shards).0);
            let part = starts[to].directories.last_mut().expect("pushed above");
            part.logs.push(log);
        }
    }
    starts
}

/// A node whose shards are open.
struct Node {
    reactor: Reactor,
    options: NodeOptions,
    listeners: Vec<Bound>,
    data: Data,
    shards: Shards,
    visible: Visible,
    control: Option<ControlThread>,
}

impl Node {
    async fn serve(self, ready: ReadyCallback) -> Result<(), NodeError> {
        let Node { reactor, options, listeners, mut data, shards, visible, control } = self;
        let Shards { first, node, others, a_shard_ended, .. } = shards;
        let agent = Agent::start(&reactor, agent_options(&reactor, &options, &listeners, &data));
        let shard = first.shard.clone();
        let administrator = Administrator::new(shard.clone(), agent);
        let serving = reactor.spawn({
            let (reactor, administrator) = (reactor.clone(), administrator.clone());
            first.serve(move |wanted| {
                let administrator = administrator.clone();
                reactor.spawn(async move { administrator.administer(wanted).await }).detach();
            })
        });
        let _following = reactor.spawn({
            let administrator = administrator.clone();
            async move { administrator.follow().await }
        });
        let (new_configs, said_anew) = new_configs::way();
        let _renewing = reactor.spawn({
            let administrator = administrator.clone();
            async move { administrator.renew(said_anew).await }
        });

        let addresses = addresses(&listeners, control.as_ref(), new_configs);
        let working = async {
            serves(&reactor, &administrator).await;
            let accepting = Accepting::new(node.mailboxes.len());
            let _accepts: Vec<_> = listeners
                .into_iter()
                .enumerate()
                .map(|(index, bound)| {
                    reactor.spawn(accept(shard.clone(), accepting.clone(), bound.listener, index))
                })
                .collect();
            visible.readiness.serving.store(true, Ordering::Relaxed);
            ready(&addresses);
            identify_when_live(&reactor, &options, &administrator, &mut data).await?;
            visible.readiness.registered.store(true, Ordering::Relaxed);
            future::pending().await
        };
        let stopping = async {
            future::or(reactor.shutdown_requested(), a_shard_ended.wait()).await;
            Ok(())
        };
        let result = future::or(stopping, working).await;
        visible.readiness.stopping.store(true, Ordering::Relaxed);
        stop(&node, &administrator).await;
        let mut results = vec![result, serving.await];
        for other in others {
            results.push(other.await);
        }
        drop(data);
        results.into_iter().collect()
    }
}

fn start_control(options: &NodeOptions, visible: &Visible) -> Result<Option<ControlThread>, NodeError> {
    let Some(address) = options.admin else { return Ok(None) };
    let started = ControlThread::start(address, visible.clone());
    started.map(Some).map_err(|source| NodeError::Listen { name: "ADMIN".into(), address, source })
}

fn agent_options(reactor: &Reactor, options: &NodeOptions, listeners: &[Bound], data: &Data) -> AgentOptions {
    let mut told: Vec<ListenerAddress> = Vec::new();
    for ListenerInfo { name, advertised, .. } in listeners.iter().map(|bound| &bound.info) {
        if !told.iter().any(|address| address.name == *name) {
            let (host, port) = (advertised.host.clone(), advertised.port);
            told.push(ListenerAddress { name: name.clone(), host, port });
        }
    }
    AgentOptions {
        node: options.node_id,
        incarnation: random_uuid(reactor),
        storage: data.storage,
        cluster: data.cluster,
        listeners: told,
        controllers: options.controllers.clone(),
        image_file: options.data[0].join(IMAGE_FILE),
        start: options.configs.clone(),
    }
}

fn addresses(
    listeners: &[Bound],
    control: Option<&ControlThread>,
    new_configs: NewConfigs,
) -> ReadyAddresses {
    let of = |protocol| -> Vec<SocketAddr> {
        let of_protocol = listeners.iter().filter(|bound| bound.info.protocol == protocol);
        of_protocol.map(|bound| bound.listener.local_address()).collect()
    };
    ReadyAddresses {
        kafka: of(Protocol::Kafka),
        native: of(Protocol::Native),
        admin: control.map(ControlThread::address),
        new_configs,
    }
}

/// Waits until the shards serve by metadata: the controller's, or what this node has on its own disk if no controller
/// answers soon.
async fn serves(reactor: &Reactor, administrator: &Administrator) {
    let live = reactor.timeout(PREFER_LIVE, administrator.serves(Freshness::Live)).await;
    if live.is_err() {
        administrator.serves(Freshness::Saved).await;
    }
}

async fn identify_when_live(
    reactor: &Reactor,
    options: &NodeOptions,
    administrator: &Administrator,
    data: &mut Data,
) -> Result<(), NodeError> {
    administrator.serves(Freshness::Live).await;
    match administrator.agent().view().image.cluster() {
        Some(cluster) => data.identify(reactor, Identity { cluster, node: options.node_id }).await,
        None => Ok(()),
    }
}

async fn stop(node: &Arc<NodeShared>, administrator: &Rc<Administrator>) {
    let mut waiting = Vec::new();
    for mailbox in &node.mailboxes {
        let (done, stopped) = reply::channel();
        if mailbox.send(ShardMessage::StopServing(done)).await.is_ok() {
            waiting.push(stopped);
        }
    }
    for stopped in waiting {
        let _ = stopped.await;
    }
    administrator.agent().stop().await;
    for mailbox in &node.mailboxes {
        let _ = mailbox.send(ShardMessage::Stop).await;
    }
}
