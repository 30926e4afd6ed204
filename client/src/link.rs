//! One connection, driven: a task receives, a task sends, callers wait for their answers.

use crate::ClientError;
use crate::core::{ConnectionCore, ConnectionEvent};
use bytes::Bytes;
use core::time::Duration;
use ringlog_model::{LeaderEpoch, ShardId};
use ringlog_native::body::{Deliver, HelloReply, Produce, Subscribe, SubscribeReply};
use ringlog_native::{Body, Correlation, ErrorBody, Frame};
use ringlog_reactor::local::{Notify, OneshotReceiver, OneshotSender, oneshot};
use ringlog_reactor::{Reactor, Receive, Stream, Task};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

/// Room for one receive. Deliveries are larger, but arrive in pieces of about this size anyway.
const RECEIVE_BYTES: usize = 256 * 1024;

/// What a link is opened with.
#[derive(Clone, Debug)]
pub(crate) struct LinkOptions {
    pub(crate) client: String,
    pub(crate) body_limit: usize,
    pub(crate) connect_timeout: Duration,
}

/// A connection. Clones share it; it closes when the last one goes.
#[derive(Clone)]
pub(crate) struct Link {
    shared: Rc<Shared>,
    _tasks: Rc<[Task<()>; 2]>,
}

struct Shared {
    reactor: Reactor,
    address: SocketAddr,
    stream: Stream,
    core: RefCell<ConnectionCore>,
    output: Notify,
    /// What was taken from the core is not all with the kernel yet.
    is_sending: Cell<bool>,
    sent: Notify,
    greeting: RefCell<Option<Waiting<HelloReply>>>,
    waiting: RefCell<BTreeMap<Correlation, Waiting<Frame>>>,
    subscriptions: RefCell<BTreeMap<Correlation, Rc<Inbox>>>,
    fault: RefCell<Option<ClientError>>,
    greeted: Cell<Option<HelloReply>>,
}

type Waiting<T> = OneshotSender<Result<T, ClientError>>;
/// The answer to one request.
pub(crate) type Answer = OneshotReceiver<Result<Frame, ClientError>>;

/// What a subscription has been sent. Bounded by the credit it was granted.
#[derive(Default)]
pub(crate) struct Inbox {
    arrived: RefCell<VecDeque<Result<(Deliver, Bytes), ClientError>>>,
    changed: Notify,
}

impl Inbox {
    /// The next delivery; an error is the last thing that comes.
    pub(crate) async fn next(&self) -> Result<(Deliver, Bytes), ClientError> {
        loop {
            let changed = self.changed.notified();
            if let Some(arrived) = self.arrived.borrow_mut().pop_front() {
                return arrived;
            }
            changed.await;
        }
    }

    fn put(&self, arrived: Result<(Deliver, Bytes), ClientError>) {
        self.arrived.borrow_mut().push_back(arrived);
        self.changed.notify_all();
    }
}

impl Link {
    /// Connects, greets, and waits for the greeting's answer.
    pub(crate) async fn open(
        reactor: &Reactor,
        address: SocketAddr,
        shard: Option<ShardId>,
        options: &LinkOptions,
    ) -> Result<Link, ClientError> {
        let milliseconds = options.connect_timeout.as_millis() as u64;
        let opening = Link::open_unbounded(reactor, address, shard, options);
        match reactor.timeout(options.connect_timeout, opening).await {
            Ok(opened) => opened,
            Err(_) => {
                Err(ClientError::Connect { address, reason: format!("no answer in {milliseconds} ms") })
            }
        }
    }

    async fn open_unbounded(
        reactor: &Reactor,
        address: SocketAddr,
        shard: Option<ShardId>,
        options: &LinkOptions,
    ) -> Result<Link, ClientError> {
        let refused = |error: std::io::Error| ClientError::Connect { address, reason: reason_of(&error) };
        let stream = reactor.connect(address).await.map_err(refused)?;
        stream.set_nodelay(true).map_err(refused)?;
        let (greeting, greeted) = oneshot();
        let shared = Rc::new(Shared {
            reactor: reactor.clone(),
            address,
            stream,
            core: RefCell::new(ConnectionCore::new(&options.client, shard, options.body_limit)),
            output: Notify::new(),
            is_sending: Cell::new(false),
            sent: Notify::new(),
            greeting: RefCell::new(Some(greeting)),
            waiting: RefCell::default(),
            subscriptions: RefCell::default(),
            fault: RefCell::default(),
            greeted: Cell::default(),
        });
        let receives = reactor.spawn(receive(shared.clone()));
        let sends = reactor.spawn(send(shared.clone()));
        let link = Link { shared, _tasks: Rc::new([receives, sends]) };
        let greeting =
            greeted.await.unwrap_or_else(|_| Err(link.shared.lost("closed during the greeting")))?;
        link.shared.greeted.set(Some(greeting));
        Ok(link)
    }

    /// What the node said of itself.
    pub(crate) fn greeting(&self) -> HelloReply {
        self.shared.greeted.get().expect("a link is given out once greeted")
    }

    pub(crate) fn is_open(&self) -> bool {
        self.shared.fault.borrow().is_none()
    }

    /// Asks and waits for the answer.
    pub(crate) async fn ask<Q: Body, A: Body>(
        &self,
        question: &Q,
        epoch: LeaderEpoch,
        timeout: Duration,
    ) -> Result<A, ClientError> {
        let correlation = self.queue(|core| core.ask(question, epoch))?;
        let answer = self.await_answer(correlation);
        Ok(self.within(timeout, correlation, answer).await?.decode()?)
    }

    /// Queues an append; the answer comes later, or never with `acks` 0.
    pub(crate) fn produce(
        &self,
        epoch: LeaderEpoch,
        body: &Produce,
        batch: Bytes,
    ) -> Result<Option<(Correlation, Answer)>, ClientError> {
        let correlation = self.queue(|core| core.produce(epoch, body, batch))?;
        Ok(correlation.map(|correlation| (correlation, self.await_answer(correlation))))
    }

    /// Opens a subscription whose deliveries come into `inbox`.
    pub(crate) async fn subscribe(
        &self,
        body: &Subscribe,
        epoch: LeaderEpoch,
        inbox: Rc<Inbox>,
        timeout: Duration,
    ) -> Result<(Correlation, SubscribeReply), ClientError> {
        let correlation = self.queue(|core| core.ask(body, epoch))?;
        // Before the answer: the first delivery may stand right behind it.
        self.shared.subscriptions.borrow_mut().insert(correlation, inbox);
        let answer = self.await_answer(correlation);
        let opened = match self.within(timeout, correlation, answer).await {
            Ok(frame) => frame.decode().map_err(ClientError::from),
            Err(error) => Err(error),
        };
        if opened.is_err() {
            self.shared.subscriptions.borrow_mut().remove(&correlation);
        }
        Ok((correlation, opened?))
    }

    /// Grants a subscription more bytes. On a closed link there is nothing to grant.
    pub(crate) fn grant(&self, subscription: Correlation, bytes: u64) {
        let _ = self.queue(|core| core.grant(subscription, bytes));
    }

    /// Waits until everything queued so far is with the kernel, or can no longer get there.
    pub(crate) async fn sent(&self) {
        loop {
            let sent = self.shared.sent.notified();
            let is_quiet = self.shared.core.borrow().has_no_output() && !self.shared.is_sending.get();
            if is_quiet || !self.is_open() {
                return;
            }
            sent.await;
        }
    }

    /// Waits for an answer, and forgets it when its time is over.
    pub(crate) async fn within(
        &self,
        timeout: Duration,
        correlation: Correlation,
        answer: Answer,
    ) -> Result<Frame, ClientError> {
        match self.shared.reactor.timeout(timeout, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(self.shared.lost("closed")),
            Err(_) => {
                self.shared.waiting.borrow_mut().remove(&correlation);
                Err(ClientError::TimedOut { milliseconds: timeout.as_millis() as u64 })
            }
        }
    }

    fn queue<T>(&self, put: impl FnOnce(&mut ConnectionCore) -> T) -> Result<T, ClientError> {
        if let Some(fault) = &*self.shared.fault.borrow() {
            return Err(fault.clone());
        }
        let queued = put(&mut self.shared.core.borrow_mut());
        self.shared.output.notify_all();
        Ok(queued)
    }

    fn await_answer(&self, correlation: Correlation) -> Answer {
        let (sender, receiver) = oneshot();
        self.shared.waiting.borrow_mut().insert(correlation, sender);
        receiver
    }
}

async fn send(shared: Rc<Shared>) {
    loop {
        let changed = shared.output.notified();
        let parts = shared.core.borrow_mut().take_output();
        if parts.is_empty() {
            changed.await;
            continue;
        }
        shared.is_sending.set(true);
        let sent = shared.stream.send(parts).await;
        shared.is_sending.set(false);
        if let Err(error) = sent {
            return shared.fail(shared.lost(&reason_of(&error)));
        }
        shared.sent.notify_all();
    }
}

async fn receive(shared: Rc<Shared>) {
    let mut buffer = shared.reactor.buffer(RECEIVE_BYTES);
    loop {
        buffer.clear();
        let received;
        (received, buffer) = shared.stream.receive(buffer, Receive::Some).await;
        match received {
            Ok(0) => return shared.fail(shared.lost("closed by the node")),
            Ok(_) => {}
            Err(error) => return shared.fail(shared.lost(&reason_of(&error))),
        }
        let taken = shared.core.borrow_mut().receive(&buffer);
        shared.dispatch();
        if let Err(fault) = taken {
            let address = shared.address;
            return shared.fail(match fault {
                crate::core::ConnectionFault::Frame(source) => ClientError::Protocol { address, source },
                crate::core::ConnectionFault::Body(error) => ClientError::Reply(error),
            });
        }
    }
}

impl Shared {
    fn dispatch(&self) {
        loop {
            let Some(event) = self.core.borrow_mut().next_event() else { return };
            match event {
                ConnectionEvent::Greeted(reply) => self.answer_greeting(Ok(reply)),
                ConnectionEvent::Unwelcome(error) => self.answer_greeting(Err(ClientError::Refused(error))),
                ConnectionEvent::Reply { correlation, outcome } => self.answer(correlation, outcome),
                ConnectionEvent::Delivery { subscription, deliver, records } => {
                    if let Some(inbox) = self.subscriptions.borrow().get(&subscription) {
                        inbox.put(Ok((deliver, records)));
                    }
                }
                ConnectionEvent::Ended { subscription, error } => {
                    if let Some(inbox) = self.subscriptions.borrow_mut().remove(&subscription) {
                        inbox.put(Err(ClientError::Refused(error)));
                    }
                }
            }
        }
    }

    fn answer_greeting(&self, reply: Result<HelloReply, ClientError>) {
        if let Some(waiting) = self.greeting.borrow_mut().take() {
            let _ = waiting.send(reply);
        }
    }

    fn answer(&self, correlation: Correlation, outcome: Result<Frame, ErrorBody>) {
        // An answer that nobody waits for any more came after its time.
        if let Some(waiting) = self.waiting.borrow_mut().remove(&correlation) {
            let _ = waiting.send(outcome.map_err(ClientError::Refused));
        }
    }

    fn lost(&self, reason: &str) -> ClientError {
        ClientError::Lost { address: self.address, reason: reason.to_owned() }
    }

    /// Tells everybody who waits. The first reason is the one that counts.
    fn fail(&self, error: ClientError) {
        self.fault.borrow_mut().get_or_insert_with(|| error.clone());
        self.answer_greeting(Err(error.clone()));
        self.sent.notify_all();
        for waiting in std::mem::take(&mut *self.waiting.borrow_mut()).into_values() {
            let _ = waiting.send(Err(error.clone()));
        }
        for inbox in std::mem::take(&mut *self.subscriptions.borrow_mut()).into_values() {
            inbox.put(Err(error.clone()));
        }
    }
}

/// The operating system's words without its error number.
fn reason_of(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
