//! A registered node follows the metadata: the whole image first, then what changes.

use super::connection::Outbound;
use crate::quorum::{CommittedLog, Quorum};
use ringlog_image::{MetadataRecord, encode_records};
use ringlog_native::cluster::{self, ImageDeltaV1, ImagePartV1, PART_BYTES_MAX};
use ringlog_native::{Correlation, Flags};

/// Pushes carry no correlation of a request.
const PUSHED: Correlation = Correlation(0);

/// Pushes until the connection is gone.
pub(super) async fn follow(quorum: Quorum, outbound: Outbound) {
    let metadata = quorum.metadata();
    let Some(mut position) = send_image(&quorum, &outbound).await else { return };
    loop {
        metadata.changed_since(position).await;
        let Some(deltas) = metadata.deltas_since(position) else {
            // Too far behind: begin again.
            match send_image(&quorum, &outbound).await {
                Some(reached) => position = reached,
                None => return,
            }
            continue;
        };
        for delta in deltas {
            let body = ImageDeltaV1 {
                after: delta.after,
                position: delta.position,
                records: delta.records.to_vec(),
            };
            if !outbound.send(cluster::frame(Flags::RESPONSE, PUSHED, &body)).await {
                return;
            }
            position = delta.position;
        }
    }
}

/// Sends the whole image in parts; gives its position, or nothing if the connection is gone.
async fn send_image(quorum: &Quorum, outbound: &Outbound) -> Option<u64> {
    let (image, position) = quorum.metadata().get();
    let parts = parts(&image.records());
    let count = parts.len();
    for (part, records) in parts.into_iter().enumerate() {
        let body = ImagePartV1 {
            position,
            part: u32::try_from(part).expect("an image has far fewer parts"),
            last: part + 1 == count,
            records,
        };
        if !outbound.send(cluster::frame(Flags::RESPONSE, PUSHED, &body)).await {
            return None;
        }
    }
    Some(position)
}

/// Whole records, in parts of about [`PART_BYTES_MAX`]; at least one part.
fn parts(records: &[MetadataRecord]) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    for record in records {
        let bytes = encode_records(std::slice::from_ref(record));
        let last = parts.last_mut().expect("there is always a part");
        if !last.is_empty() && last.len() + bytes.len() > PART_BYTES_MAX {
            parts.push(bytes);
        } else {
            last.extend_from_slice(&bytes);
        }
    }
    parts
}
