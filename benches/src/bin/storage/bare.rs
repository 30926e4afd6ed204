//! The floor: direct writes into preallocated files, a sync of each.

use crate::{Load, Measured};
use anyhow::Result;
use bytes::Bytes;
use ringlog_reactor::{File, OpenOptions, Reactor};
use std::path::Path;

/// Bytes of a file that are preallocated at a time.
const STEP: u64 = 64 << 20;

struct Partition {
    file: File,
    position: u64,
    allocated: u64,
}

pub(crate) async fn measure(reactor: &Reactor, data: &Path, load: Load) -> Result<Measured> {
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
        partitions.push(Partition { file, position: 0, allocated: step });
    }
    let mut measured = Measured::default();
    let begin = reactor.now_nanos();
    while ((reactor.now_nanos() - begin) as f64) < load.seconds * 1e9 {
        let round = reactor.now_nanos();
        let tasks: Vec<_> = partitions
            .drain(..)
            .map(|partition| reactor.spawn(round_of(partition, batch.clone(), load.depth, step)))
            .collect();
        for task in tasks {
            partitions.push(task.await?);
        }
        measured.rounds.push(reactor.now_nanos() - round);
        measured.bytes += (load.partitions * load.depth * load.batch) as u64;
    }
    measured.seconds = (reactor.now_nanos() - begin) as f64 / 1e9;
    Ok(measured)
}

async fn round_of(mut partition: Partition, batch: Bytes, depth: usize, step: u64) -> Result<Partition> {
    let length = (batch.len() * depth) as u64;
    if partition.position + length > partition.allocated {
        partition.file.allocate(partition.allocated, step).await?;
        partition.allocated += step;
    }
    partition.file.write_all_at(vec![batch; depth], partition.position).await?;
    partition.file.sync_data().await?;
    partition.position += length;
    Ok(partition)
}
