//! What can be told of a frame without parsing it: for counting, not for deciding.

use crate::{ErrorCode, Flags, MAGIC, Op};

/// The operation that the frame names; none if it does not begin like a frame.
#[must_use]
pub fn op_of_frame(frame: &[u8]) -> Option<Op> {
    let field = frame.get(6..8).filter(|_| frame.starts_with(&MAGIC))?;
    Some(Op(u16::from_le_bytes(field.try_into().ok()?)))
}

/// The code of the error that the frame carries, if it carries one.
#[must_use]
pub fn error_of_frame(frame: &[u8]) -> Option<ErrorCode> {
    let flags = Flags(*frame.get(5).filter(|_| frame.starts_with(&MAGIC))?);
    if !flags.contains(Flags::ERROR) {
        return None;
    }
    let body = usize::from(u16::from_le_bytes(frame.get(10..12)?.try_into().ok()?));
    let code = frame.get(body..body + 2)?;
    Some(ErrorCode::from_number(i16::from_le_bytes(code.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Correlation, body::TopicList, error_frame, request};

    #[test]
    fn a_frame_tells_its_operation_and_error() {
        let error = error_frame(Op::TOPIC_DELETE, Correlation(1), ErrorCode::InvalidTopic, "no");
        assert_eq!(op_of_frame(&error), Some(Op::TOPIC_DELETE));
        assert_eq!(error_of_frame(&error), Some(ErrorCode::InvalidTopic));
        let asked = request(Correlation(1), &TopicList);
        assert_eq!((op_of_frame(&asked), error_of_frame(&asked)), (Some(Op::TOPIC_LIST), None));
        assert_eq!((op_of_frame(b"RLOG"), error_of_frame(&error[..32])), (None, None));
        assert_eq!((op_of_frame(&[0; 32]), error_of_frame(&[0xff; 64])), (None, None));
    }
}
