//! One generator thread: its share of the producers and consumers, on a reactor of its own.

use super::connections::Connections;
use super::consumer::{Consumer, Member};
use super::context::{Context, Report, Shared};
use super::producer::Producer;
use anyhow::Result;
use ringlog_reactor::{Options, Reactor, Task};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

const SECOND: u64 = 1_000_000_000;

/// Starts thread `number`.
pub(crate) fn start(
    shared: Arc<Shared>,
    number: usize,
    reports: Sender<Report>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(format!("bench-{number}")).spawn(move || {
        let options = Options { name: format!("bench-{number}"), registered_bytes: 0, ..Options::default() };
        let body = {
            let (shared, reports) = (shared.clone(), reports.clone());
            move |reactor: Reactor| async move { run(&reactor, &shared, number, &reports).await }
        };
        if let Err(error) = ringlog_reactor::run(options, body) {
            shared.end.store(true, std::sync::atomic::Ordering::Relaxed);
            let mut summary = super::context::Summary::default();
            summary.faults.push(format!("cannot start a reactor: {error}"));
            let _ = reports.send(Report::Finished(Box::new(summary)));
        }
    })
}

async fn run(reactor: &Reactor, shared: &Arc<Shared>, number: usize, reports: &Sender<Report>) {
    let context = Context::new(reactor, shared);
    let polls = reactor.spawn(context.clone().poll());
    match open(&context, number).await {
        Err(error) => context.fail(format!("{error:#}")),
        Ok(crew) => {
            // Who conducts has gone if this fails, and then there is nobody to tell.
            let _ = reports.send(Report::Ready);
            crew.work(&context, reports).await;
        }
    }
    drop(polls);
    let mut summary = context.summary.take();
    summary.tail = context.statistics.take();
    let _ = reports.send(Report::Finished(Box::new(summary)));
}

/// This thread's share.
struct Crew {
    producers: Vec<Producer>,
    consumers: Vec<Consumer>,
    connections: Option<Connections>,
}

async fn open(context: &Rc<Context>, thread: usize) -> Result<Crew> {
    let job = &context.shared.job;
    let threads = job.settings.threads;
    let mut crew = Crew { producers: Vec::new(), consumers: Vec::new(), connections: None };
    let members: Vec<Member> = (0..job.groups * job.consumers)
        .filter(|member| member % threads == thread)
        .map(|member| Member { group: member / job.consumers, number: member % job.consumers })
        .collect();
    let mut memberships = match &job.settings.group {
        Some(group) if job.groups > 0 => super::group::join(context, group, &members).await?,
        _ => Vec::new(),
    };
    for member in members.into_iter().rev() {
        crew.consumers.push(Consumer::open(context, member, memberships.pop()).await?);
    }
    for producer in (0..job.producers).filter(|producer| producer % threads == thread) {
        crew.producers.push(Producer::open(context, producer).await?);
    }
    if job.connections > 0 {
        crew.connections = Some(Connections::open(context, (thread, threads)).await?);
    }
    Ok(crew)
}

impl Crew {
    async fn work(self, context: &Rc<Context>, reports: &Sender<Report>) {
        let reactor = &context.reactor;
        let ticks = reactor.spawn(tick(context.clone(), reports.clone()));
        let mut producing: Vec<Task<()>> =
            self.producers.into_iter().map(|producer| reactor.spawn(producer.run())).collect();
        producing.extend(self.connections.map(|connections| reactor.spawn(connections.run())));
        let consuming: Vec<Task<()>> =
            self.consumers.into_iter().map(|consumer| reactor.spawn(consumer.run())).collect();
        for task in producing {
            task.await;
        }
        let acknowledged = std::mem::take(&mut context.summary.borrow_mut().acknowledged);
        let _ = reports.send(Report::Produced(acknowledged));
        for task in consuming {
            task.await;
        }
        drop(ticks);
    }
}

/// Hands over the statistics at every full second of the measurement.
async fn tick(context: Rc<Context>, reports: Sender<Report>) {
    context.started().await;
    let Some(timeline) = context.shared.timeline.get().copied() else { return };
    let mut number = 0;
    while timeline.measure_from + (number + 1) * SECOND <= timeline.stop {
        context.reactor.sleep_until(timeline.measure_from + (number + 1) * SECOND).await;
        let interval = context.statistics.take();
        let _ = reports.send(Report::Second(number, Box::new(interval)));
        number += 1;
    }
}
