//! The floor: direct writes into preallocated files, a sync of each.

use crate::{Load, Measured, Meter};
use anyhow::Result;
use bytes::Bytes;
use ringlog_reactor::local::Semaphore;
use ringlog_reactor::{File, OpenOptions, Reactor};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

/// Bytes of a file that are preallocated at a time.
const STEP: u64 = 64 << 20;

struct Partition {
    file: File,
    position: u64,
    allocated: u64,
    dsync: bool,
}

pub(crate) async fn measure(reactor: &Reactor, data: &Path, load: Load, dsync: bool) -> Result<Measured> {
    let mut buffer = reactor.disk_buffer(load.batch);
    buffer.extend_from_slice(&vec![7; load.batch]);
    let batch = buffer.freeze();
    let step = STEP.min((8 << 30) / load.partitions as u64).max(load.batch as u64 * 2);
    let mut partitions = Vec::new();
    for number in 0..load.partitions {
        let options = OpenOptions::new().write(true).create(true).direct(true);
        let file = reactor.open(&data.join(format!("bare-{number}")), options).await?;
        file.allocate(0, step).await?;
        file.sync_all().await?;
        partitions.push(Partition { file, position: 0, allocated: step, dsync });
    }
    let room = Rc::new(Semaphore::new((load.in_flight as usize / load.batch).max(1)));
    let meter = Rc::new(RefCell::new(Meter::new(reactor, load)));
    let tasks: Vec<_> = partitions
        .into_iter()
        .map(|partition| {
            let (meter, room) = (meter.clone(), room.clone());
            reactor.spawn(append_on(reactor.clone(), partition, batch.clone(), step, meter, room))
        })
        .collect();
    for task in tasks {
        task.await?;
    }
    let meter = Rc::into_inner(meter).expect("the tasks have ended");
    Ok(meter.into_inner().finish())
}

async fn append_on(
    reactor: Reactor,
    mut partition: Partition,
    batch: Bytes,
    step: u64,
    meter: Rc<RefCell<Meter>>,
    room: Rc<Semaphore>,
) -> Result<()> {
    loop {
        let begun = reactor.now_nanos();
        let _turn = room.acquire(1).await;
        let length = batch.len() as u64;
        if partition.position + length > partition.allocated {
            partition.file.allocate(partition.allocated, step).await?;
            partition.allocated += step;
        }
        if partition.dsync {
            partition.file.write_at_dsync(batch.clone(), partition.position).await?;
        } else {
            partition.file.write_at(batch.clone(), partition.position).await?;
            partition.file.sync_data().await?;
        }
        partition.position += length;
        if !meter.borrow_mut().count(batch.len(), begun) {
            return Ok(());
        }
    }
}
