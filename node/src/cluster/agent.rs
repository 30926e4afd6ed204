/// What the agent needs to know.
#[derive(Clone, Debug)]
pub(crate) struct AgentOptions {
    /// The node's id.
    pub(crate) node: NodeId,
    /// This life of the node: drawn at the start of the process.
    pub(crate) incarnation: Uuid,
    /// Drawn once for the node's data directories and kept there: tells a restarted node from a second one that was
    /// given the same id.
    pub(crate) storage: Uuid,
    /// The cluster the data directories belong to; `None` for new ones.
    pub(crate) cluster: Option<ClusterId>,
    /// Where the node is reached, advertised addresses, by listener name.
    pub(crate) listeners: Vec<ListenerAddress>,
    /// The controllers, in any order.
    pub(crate) controllers: Vec<SocketAddr>,
    /// Where the newest image is kept: a file in the first data directory.
    pub(crate) image_file: PathBuf,
}

/// How much a view is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Freshness {
    /// Nothing is known yet.
    Nothing,
    /// Read from the node's own disk; no controller has confirmed it in this life of the node. Partitions of which this
    /// node holds the only replica may be served: nobody else can lead them.
    Saved,
    /// From a controller that this life of the node is (or was) registered with. Stays so while the controller is away:
    /// losing it stops no partition that is led already.
    Live,
}

/// The metadata as this node knows it. Cheap to clone; may be sent to other shards.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// What holds.
    pub(crate) image: Image,
    /// How far the image has come: the controller's position, larger is newer.
    pub(crate) position: u64,
    /// Where it is from.
    pub(crate) freshness: Freshness,
    /// Counts the views of this life: pass it to [`Agent::changed`].
    pub(crate) version: u64,
}

impl Agent {
    /// Reads the saved image and begins to look for a controller. Returns at once.
    pub(crate) fn start(reactor: &Reactor, options: AgentOptions) -> Agent;
    /// The newest view.
    pub(crate) fn view(&self) -> View;
    /// Waits for a view newer than `version` (0 to begin with: the first view may be `Freshness::Nothing`).
    pub(crate) async fn changed(&self, version: u64) -> View;
    /// Whether a controller holds this node for alive right now.
    pub(crate) fn is_connected(&self) -> bool;
    /// Creates topics; the view contains them when this returns. Retriable error while no controller answers.
    pub(crate) async fn create_topics(&self, request: &CreateTopicsV1, patience: Duration) -> Result<CreateTopicsReplyV1, ClusterError>;
    /// Deletes topics; the view lacks them when this returns.
    pub(crate) async fn delete_topics(&self, request: &DeleteTopicsV1, patience: Duration) -> Result<DeleteTopicsReplyV1, ClusterError>;
    /// A block of producer ids that nobody else gets.
    pub(crate) async fn allocate_producer_ids(&self, patience: Duration) -> Result<Range<ProducerId> as (first, count), ClusterError>;
    /// Tells the controller that the node stops, so that others lead at once; ends the tasks.
    pub(crate) async fn stop(&self);
}

/// Why the controller did not do what was asked. (error.rs)
pub(crate) enum ClusterError {
    /// No controller that leads answered in time. Retriable; it is unknown whether a request that was sent takes effect.
    Unavailable,
    /// The controller refused: see the kind (ringlog_native::cluster::RefusalKind) and the message.
    Refused(RefusalV1),
    /// The agent stops.
    Stopping,
}
