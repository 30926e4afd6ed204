//! The whole state of a log, as catalogs and checkpoints hold it. Since version 2 it says how far the log is compacted, and
//! which segments are.

use super::entry::{decode_config, encode_config};
use super::{Decoder, Encoder, FormatError};
use crate::state::{FileId, LogState, SegmentState};
use ringlog_model::{LeaderEpoch, LogId, Offset, PartitionId, PartitionIndex, Timestamp, TopicId, Uuid};

/// What an owner left with a log: opaque bytes that describe it up to an offset.
pub type Attachment = (Offset, Vec<u8>);

/// Writes a state with its attachment.
pub fn encode(out: &mut Encoder, state: &LogState, attachment: Option<&Attachment>) {
    out.u64(state.log.0);
    out.u64(state.version);
    out.u64(state.incarnation);
    out.raw(&state.partition.topic.0.0);
    out.i32(state.partition.index.0);
    out.sized(state.topic.as_bytes());
    encode_config(out, &state.config);
    out.i64(state.start.0);
    out.i64(state.end.0);
    out.i64(state.clean.0);
    out.u32(u32::try_from(state.epochs.len()).expect("fewer epochs than 2^32"));
    for &(epoch, first) in &state.epochs {
        out.i32(epoch.0);
        out.i64(first.0);
    }
    out.u32(u32::try_from(state.segments.len()).expect("fewer segments than 2^32"));
    for segment in &state.segments {
        encode_segment(out, segment);
    }
    match attachment {
        None => out.u8(0),
        Some((upto, bytes)) => {
            out.u8(1);
            out.i64(upto.0);
            out.sized(bytes);
        }
    }
}

/// Reads what [`encode`] wrote, or what it wrote when the format had version 1.
pub fn decode(
    input: &mut Decoder<'_>,
    version_of_format: u32,
) -> Result<(LogState, Option<Attachment>), FormatError> {
    let log = LogId(input.u64()?);
    let version = input.u64()?;
    let incarnation = input.u64()?;
    let partition =
        PartitionId { topic: TopicId(Uuid(input.bytes16()?)), index: PartitionIndex(input.i32()?) };
    let topic = input.text()?;
    let config = decode_config(input)?;
    let mut state = LogState::created(log, partition, topic, config);
    state.version = version;
    state.incarnation = incarnation;
    state.start = Offset(input.i64()?);
    state.end = Offset(input.i64()?);
    state.clean = if version_of_format > 1 { Offset(input.i64()?) } else { state.start };
    for _ in 0..input.u32()? {
        state.epochs.push((LeaderEpoch(input.i32()?), Offset(input.i64()?)));
    }
    for _ in 0..input.u32()? {
        state.segments.push_back(decode_segment(input, version_of_format)?);
    }
    check(&state)?;
    let attachment = match input.u8()? {
        0 => None,
        1 => Some((Offset(input.i64()?), input.sized()?.to_vec())),
        other => return Err(FormatError::Value { field: "attachment flag", value: u64::from(other) }),
    };
    Ok((state, attachment))
}

fn encode_segment(out: &mut Encoder, segment: &SegmentState) {
    out.i64(segment.base_offset.0);
    out.i64(segment.end_offset.0);
    out.u64(segment.length);
    out.i64(segment.max_timestamp.0);
    out.i64(segment.created.0);
    out.u64(segment.incarnation);
    out.u64(segment.file.0);
    out.u8(u8::from(segment.sparse));
}

fn decode_segment(input: &mut Decoder<'_>, version_of_format: u32) -> Result<SegmentState, FormatError> {
    Ok(SegmentState {
        base_offset: Offset(input.i64()?),
        end_offset: Offset(input.i64()?),
        length: input.u64()?,
        max_timestamp: Timestamp(input.i64()?),
        created: Timestamp(input.i64()?),
        incarnation: input.u64()?,
        file: FileId(input.u64()?),
        sparse: version_of_format > 1 && input.u8()? == 1,
    })
}

/// What no writer writes must not reach the assertions of a live log.
fn check(state: &LogState) -> Result<(), FormatError> {
    let unfit = |field, value: i64| Err(FormatError::Value { field, value: value as u64 });
    if state.start.0 < 0 || state.start > state.end {
        return unfit("start of a log", state.start.0);
    }
    if state.clean > state.end {
        return unfit("compacted end of a log", state.clean.0);
    }
    let mut expected = state.segments.front().map_or(state.end, |first| first.base_offset);
    for segment in &state.segments {
        if segment.base_offset != expected || segment.end_offset < segment.base_offset {
            return unfit("base offset of a segment", segment.base_offset.0);
        }
        expected = segment.end_offset;
    }
    if expected != state.end {
        return unfit("end of a log", state.end.0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LogConfig;
    use crate::state::{Change, Compacted};

    fn state() -> LogState {
        let partition = PartitionId { topic: TopicId(Uuid([7; 16])), index: PartitionIndex(3) };
        let mut state = LogState::created(LogId(5), partition, "t".to_owned(), LogConfig::default());
        for number in 0..3 {
            let (created, file) = (Timestamp(number), FileId(number as u64));
            state.apply(&Change::SegmentOpened { created, file }, 1).unwrap();
            let appended = crate::state::Appended {
                position: 0,
                length: 100,
                base_offset: Offset(10 * number),
                end_offset: Offset(10 * number + 10),
                max_timestamp: Timestamp(number),
                leader_epoch: LeaderEpoch(0),
            };
            state.apply(&Change::Appended(appended), 1).unwrap();
        }
        state
    }

    fn encoded(state: &LogState) -> Vec<u8> {
        let mut out = Encoder::default();
        encode(&mut out, state, None);
        out.bytes
    }

    #[test]
    fn a_compacted_log_is_read_as_it_was_written() {
        let mut state = state();
        let compacted = Compacted {
            base_offset: Offset(0),
            end_offset: Offset(20),
            length: 50,
            max_timestamp: Timestamp(1),
            created: Timestamp(1),
            file: FileId(9),
        };
        assert_eq!(state.apply(&Change::Compacted(compacted), 1).unwrap(), [FileId(0), FileId(1)]);
        state.apply(&Change::Cleaned { upto: Offset(20) }, 1).unwrap();
        let bytes = encoded(&state);
        assert_eq!(decode(&mut Decoder::new(&bytes), 2).unwrap().0, state);
    }

    #[test]
    fn the_last_segment_and_parts_of_segments_are_never_replaced() {
        for (base, end) in [(0, 30), (20, 30), (0, 15), (5, 10), (10, 10)] {
            let compacted = Compacted {
                base_offset: Offset(base),
                end_offset: Offset(end),
                length: 0,
                max_timestamp: Timestamp::NONE,
                created: Timestamp(1),
                file: FileId(9),
            };
            assert!(state().apply(&Change::Compacted(compacted), 1).is_err(), "{base} to {end}");
        }
    }

    #[test]
    fn version_one_is_read_as_a_log_that_was_never_compacted() {
        let state = state();
        let mut bytes = encoded(&state);
        // What version 1 did not have: a byte at the end of each segment, eight bytes behind the log's end.
        let segments = bytes.len() - 1 - 3 * 57;
        for number in (0..3).rev() {
            bytes.remove(segments + 57 * number + 56);
        }
        let clean = 3 * 8 + 16 + 4 + 4 + 1 + 24 + 2 * 8;
        bytes.drain(clean..clean + 8);
        assert_eq!(decode(&mut Decoder::new(&bytes), 1).unwrap().0, state);
    }
}
