//! One connection under load: one task sends what is queued, one takes what arrives.

use super::kafka::{FetchOptions, KafkaCodec};
use super::native::NativeCodec;
use super::{Event, Layout, Target};
use crate::bench::settings::Protocol;
use anyhow::{Context, Result, anyhow, bail};
use bytes::{Bytes, BytesMut};
use ringlog_reactor::local::Notify;
use ringlog_reactor::{Reactor, Receive, Stream, Task};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// What one receive of the native protocol takes at most.
const RECEIVE_BYTES: usize = 64 << 10;
/// From this many missing bytes on, an answer is awaited as a whole.
const AWAIT_WHOLE: usize = 32 << 10;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Smaller pieces are not worth keeping for the next batch.
const REUSED_FROM: usize = 128;
/// Buffers kept for the next batches; more than are ever in flight on one connection.
const SPARE_MAX: usize = 64;

enum Codec {
    Kafka(KafkaCodec),
    Native(NativeCodec),
}

pub(crate) struct Link {
    reactor: Reactor,
    stream: Stream,
    codec: RefCell<Codec>,
    output: Notify,
    /// Everything that was queued has been given to the kernel.
    sent: Notify,
    is_sending: Cell<bool>,
    spare: RefCell<Vec<BytesMut>>,
    fault: RefCell<Option<String>>,
}

impl Link {
    pub(crate) async fn open(
        reactor: &Reactor,
        layout: &Rc<Layout>,
        target: &Target,
        window: u64,
    ) -> Result<Rc<Link>> {
        let opening = Link::open_unbounded(reactor, layout, target, window);
        match reactor.timeout(CONNECT_TIMEOUT, opening).await {
            Ok(link) => link,
            Err(_) => bail!("no answer from {} in {} s", target.address, CONNECT_TIMEOUT.as_secs()),
        }
    }

    async fn open_unbounded(
        reactor: &Reactor,
        layout: &Rc<Layout>,
        target: &Target,
        window: u64,
    ) -> Result<Rc<Link>> {
        let to = || format!("cannot connect to {}", target.address);
        let stream = reactor.connect(target.address).await.with_context(to)?;
        stream.set_nodelay(true).with_context(to)?;
        let codec = match layout.protocol {
            Protocol::Kafka => Codec::Kafka(KafkaCodec::new(layout.clone())),
            Protocol::Native => Codec::Native(NativeCodec::new(layout.clone(), target.shard, window)),
        };
        let link = Rc::new(Link {
            reactor: reactor.clone(),
            stream,
            codec: RefCell::new(codec),
            output: Notify::new(),
            sent: Notify::new(),
            is_sending: Cell::new(false),
            spare: RefCell::default(),
            fault: RefCell::default(),
        });
        link.greet().await.with_context(|| format!("{} does not answer as expected", target.address))?;
        Ok(link)
    }

    /// A native connection begins with a greeting.
    async fn greet(&self) -> Result<()> {
        let output = self.take_output();
        self.stream.send(output).await?;
        let mut buffer = self.reactor.buffer(4096);
        while !self.is_greeted() {
            buffer.clear();
            let received;
            (received, buffer) = self.stream.receive(buffer, Receive::Some).await;
            if received? == 0 {
                bail!("closed during the greeting: is this a native listener?");
            }
            match &mut *self.codec.borrow_mut() {
                Codec::Native(codec) => codec.receive(&buffer, &mut |_| {})?,
                Codec::Kafka(_) => {}
            }
        }
        Ok(())
    }

    fn is_greeted(&self) -> bool {
        match &*self.codec.borrow() {
            Codec::Native(codec) => codec.is_greeted(),
            Codec::Kafka(_) => true,
        }
    }

    /// Starts the two tasks. `on` is told what arrives, and must leave what it leads to on this link to another task;
    /// `on_end` is told why the connection has ended.
    pub(crate) fn start(
        self: &Rc<Link>,
        on: impl FnMut(Event<'_>) + 'static,
        on_end: impl Fn(String) + 'static,
    ) -> [Task<()>; 2] {
        let on_end = Rc::new(on_end);
        let (link, end) = (self.clone(), on_end.clone());
        let sends = self.reactor.spawn(async move {
            let ended = link.send_all().await;
            link.failed(&ended, &*end);
        });
        let (link, end) = (self.clone(), on_end);
        let receives = self.reactor.spawn(async move {
            let ended = link.receive_all(on).await;
            link.failed(&ended, &*end);
        });
        [sends, receives]
    }

    fn failed(&self, ended: &Result<()>, on_end: &dyn Fn(String)) {
        let reason = match ended {
            Ok(()) => "the broker closed the connection".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        // The first reason is the one that counts; the other task only follows.
        if self.fault.borrow().is_none() {
            *self.fault.borrow_mut() = Some(reason.clone());
            on_end(reason);
        }
        self.sent.notify_all();
    }

    pub(crate) fn produce(&self, place: usize, ticket: u64, acks: i16, batch: Bytes) -> Result<()> {
        self.queue(|codec| match codec {
            Codec::Kafka(codec) => codec.produce(place, ticket, acks, batch),
            Codec::Native(codec) => {
                codec.produce(place, ticket, acks, batch);
                Ok(())
            }
        })
    }

    /// Asks for records: Kafka once, native until the subscription ends.
    pub(crate) fn fetch(&self, positions: &[(usize, i64)], options: &FetchOptions) -> Result<()> {
        self.queue(|codec| match codec {
            Codec::Kafka(codec) => codec.fetch(positions, options),
            Codec::Native(codec) => {
                let bytes = u32::try_from(options.partition_bytes).unwrap_or(u32::MAX);
                positions.iter().for_each(|&(place, offset)| codec.subscribe(place, offset, bytes));
                Ok(())
            }
        })
    }

    /// Whether `on_end` has been told why.
    pub(crate) fn has_ended(&self) -> bool {
        self.fault.borrow().is_some()
    }

    pub(crate) fn ping(&self, ticket: u64) -> Result<()> {
        self.queue(|codec| match codec {
            Codec::Kafka(codec) => codec.ping(ticket),
            Codec::Native(codec) => {
                codec.ping(ticket);
                Ok(())
            }
        })
    }

    fn queue(&self, put: impl FnOnce(&mut Codec) -> Result<()>) -> Result<()> {
        if let Some(fault) = &*self.fault.borrow() {
            return Err(anyhow!("{fault}"));
        }
        put(&mut self.codec.borrow_mut())?;
        self.output.notify_all();
        Ok(())
    }

    /// Memory for the next batch; that of an earlier one if the kernel is done with it.
    pub(crate) fn batch_buffer(&self, capacity: usize) -> BytesMut {
        self.spare.borrow_mut().pop().unwrap_or_else(|| BytesMut::with_capacity(capacity))
    }

    /// Waits until everything queued so far is with the kernel, or can no longer get there.
    pub(crate) async fn all_sent(&self) {
        loop {
            let sent = self.sent.notified();
            if self.fault.borrow().is_some() || (!self.is_sending.get() && !self.has_output()) {
                return;
            }
            sent.await;
        }
    }

    fn has_output(&self) -> bool {
        match &*self.codec.borrow() {
            Codec::Kafka(codec) => codec.has_output(),
            Codec::Native(codec) => codec.has_output(),
        }
    }

    fn take_output(&self) -> Vec<Bytes> {
        match &mut *self.codec.borrow_mut() {
            Codec::Kafka(codec) => codec.take_output(),
            Codec::Native(codec) => codec.take_output(),
        }
    }

    async fn send_all(&self) -> Result<()> {
        loop {
            let changed = self.output.notified();
            let parts = self.take_output();
            if parts.is_empty() {
                changed.await;
                continue;
            }
            let batches: Vec<Bytes> =
                parts.iter().filter(|part| part.len() >= REUSED_FROM).cloned().collect();
            self.is_sending.set(true);
            let sent = self.stream.send(parts).await;
            self.is_sending.set(false);
            sent?;
            self.reuse(batches);
            self.sent.notify_all();
        }
    }

    fn reuse(&self, batches: Vec<Bytes>) {
        let mut spare = self.spare.borrow_mut();
        for batch in batches {
            if spare.len() < SPARE_MAX
                && let Ok(mut buffer) = batch.try_into_mut()
            {
                buffer.clear();
                spare.push(buffer);
            }
        }
    }

    async fn receive_all(&self, mut on: impl FnMut(Event<'_>)) -> Result<()> {
        let mut buffer = self.reactor.buffer(512);
        loop {
            let (taken, needed) = match &mut *self.codec.borrow_mut() {
                Codec::Kafka(codec) => codec.receive(&buffer, &mut on)?,
                Codec::Native(codec) => {
                    codec.receive(&buffer, &mut on)?;
                    (buffer.len(), RECEIVE_BYTES)
                }
            };
            // Grants, or what the events have led to.
            self.output.notify_all();
            buffer.consume_front(taken);
            if buffer.capacity() < needed {
                let mut larger = self.reactor.buffer(needed.next_power_of_two().max(4096));
                larger.extend_from_slice(&buffer);
                buffer = larger;
            }
            let missing = needed - buffer.len();
            let is_whole = matches!(&*self.codec.borrow(), Codec::Kafka(_)) && missing >= AWAIT_WHOLE;
            let amount = if is_whole { Receive::All(missing) } else { Receive::Some };
            let received;
            (received, buffer) = self.stream.receive(buffer, amount).await;
            if received? == 0 {
                return Ok(());
            }
        }
    }
}
