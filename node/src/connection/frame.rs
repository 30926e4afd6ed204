//! Where a frame ends and how much memory its connection may have for it: decisions without I/O.
//!
//! A connection that waits holds [`IDLE_BYTES`]. Memory for a larger frame is given in steps, each only when the one
//! before is full, so that a hostile length costs its sender as many bytes as it costs us. A connection that has
//! already sent a frame of some size gets that much at once the next time.

use ringlog_native::{HEADER_LENGTH, Header};

/// What an idle connection holds: enough for most requests that are not Produce.
pub(crate) const IDLE_BYTES: usize = 512;

/// What any connection gets at once for a frame.
const FIRST_STEP_BYTES: usize = 128 << 10;

/// How frames are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Four bytes of length, big-endian, then so many bytes.
    Kafka,
    /// Ringlog's own header, which says its own length and that of the body.
    Native,
}

/// What to do with the bytes received so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The first `end` bytes are a whole frame.
    Frame {
        /// One past its last byte.
        end: usize,
    },
    /// More bytes are needed.
    Receive {
        /// The buffer must hold so many bytes; it may have to be replaced by a larger one.
        capacity: usize,
        /// Whether the frame's length is known and the whole capacity belongs to it.
        fill: Fill,
    },
}

/// How much to wait for in one receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Whatever comes.
    Some,
    /// All of the buffer: the rest of the frame, or of this step of it.
    All,
}

/// Why a connection's bytes make no frame. The connection is closed: there is no way to find the next frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// A length below the smallest header or above the limit.
    #[error("a frame of {length} bytes, where {min} to {max} are allowed")]
    Length {
        /// What the frame says.
        length: i64,
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// The header is not one of ours, or out of bounds.
    #[error(transparent)]
    Header(#[from] ringlog_native::FrameError),
}

/// The smallest Kafka request: api key, version and correlation id.
const KAFKA_FRAME_MIN: i64 = 8;

/// Finds frames in the bytes of one connection.
#[derive(Debug)]
pub(crate) struct FrameAssembler {
    framing: Framing,
    frame_bytes_max: usize,
    /// The longest frame that came in whole.
    largest: usize,
}

impl FrameAssembler {
    pub(crate) fn new(framing: Framing, frame_bytes_max: usize) -> FrameAssembler {
        FrameAssembler { framing, frame_bytes_max, largest: 0 }
    }

    /// What to do with `filled`, which begins with a frame.
    pub(crate) fn step(&mut self, filled: &[u8]) -> Result<Step, FrameError> {
        let Some(end) = self.frame_end(filled)? else {
            return Ok(Step::Receive { capacity: IDLE_BYTES, fill: Fill::Some });
        };
        if filled.len() >= end {
            self.largest = self.largest.max(end);
            return Ok(Step::Frame { end });
        }
        if end <= IDLE_BYTES {
            return Ok(Step::Receive { capacity: IDLE_BYTES, fill: Fill::Some });
        }
        let at_once = FIRST_STEP_BYTES.max(self.largest).max(filled.len().saturating_mul(4));
        Ok(Step::Receive { capacity: end.min(at_once), fill: Fill::All })
    }

    /// The length of the first frame, prefix included, once enough of it is there to tell.
    fn frame_end(&self, filled: &[u8]) -> Result<Option<usize>, FrameError> {
        match self.framing {
            Framing::Kafka => {
                let Some(prefix) = filled.first_chunk::<4>() else { return Ok(None) };
                let length = i64::from(i32::from_be_bytes(*prefix));
                let length = self.checked(length, KAFKA_FRAME_MIN)?;
                Ok(Some(prefix.len() + length))
            }
            Framing::Native => {
                if filled.len() < HEADER_LENGTH {
                    return Ok(None);
                }
                Ok(Some(Header::parse(filled, self.frame_bytes_max)?.frame_length()))
            }
        }
    }

    fn checked(&self, length: i64, min: i64) -> Result<usize, FrameError> {
        let max = i64::try_from(self.frame_bytes_max).unwrap_or(i64::MAX);
        if length < min || length > max {
            return Err(FrameError::Length { length, min, max });
        }
        Ok(usize::try_from(length).expect("checked to be positive and at most a usize"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kafka() -> FrameAssembler {
        FrameAssembler::new(Framing::Kafka, 100 << 20)
    }

    fn begun(length: i32, filled: usize) -> Vec<u8> {
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.resize(filled, 0);
        bytes
    }

    #[test]
    fn a_connection_that_waits_holds_512_bytes() {
        let idle = Step::Receive { capacity: 512, fill: Fill::Some };
        assert_eq!(kafka().step(&[]), Ok(idle));
        assert_eq!(kafka().step(&[0, 0, 0]), Ok(idle));
        assert_eq!(kafka().step(&begun(100, 50)), Ok(idle));
    }

    #[test]
    fn a_whole_frame_ends_where_its_length_says() {
        assert_eq!(kafka().step(&begun(8, 12)), Ok(Step::Frame { end: 12 }));
        assert_eq!(kafka().step(&begun(8, 300)), Ok(Step::Frame { end: 12 }));
    }

    #[test]
    fn hostile_lengths_are_refused() {
        for length in [i32::MIN, -1, 0, 7, (100 << 20) + 1, i32::MAX] {
            assert!(matches!(kafka().step(&begun(length, 4)), Err(FrameError::Length { .. })), "{length}");
        }
    }

    #[test]
    fn a_large_frame_gets_memory_in_steps_as_its_bytes_come() {
        let mut assembler = kafka();
        let length = 64 << 20;
        for (filled, capacity) in [(512, 128 << 10), (128 << 10, 512 << 10), (512 << 10, 2 << 20)] {
            let step = assembler.step(&begun(length, filled)).unwrap();
            assert_eq!(step, Step::Receive { capacity, fill: Fill::All });
        }
    }

    #[test]
    fn a_connection_that_sent_a_large_frame_gets_as_much_at_once() {
        let mut assembler = kafka();
        let whole = begun(1 << 20, (1 << 20) + 4);
        assert_eq!(assembler.step(&whole), Ok(Step::Frame { end: (1 << 20) + 4 }));
        let step = assembler.step(&whole[..512]).unwrap();
        assert_eq!(step, Step::Receive { capacity: (1 << 20) + 4, fill: Fill::All });
    }
}
