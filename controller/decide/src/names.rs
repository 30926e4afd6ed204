//! Topic names, by Kafka's rules.

use crate::Refusal;
use alloc::{
    format,
    string::{String, ToString},
};
use ringlog_image::Image;

/// So that name and partition fit a file name of 255 bytes, as Kafka has it.
pub const TOPIC_NAME_LENGTH_MAX: usize = 249;

/// Whether this may be the name of a topic at all.
///
/// # Errors
/// [`Refusal::InvalidTopicName`] in Kafka's words.
pub fn check_topic_name(name: &str) -> Result<(), Refusal> {
    let invalid = |reason: String| Err(Refusal::InvalidTopicName(format!("Topic name is invalid: {reason}")));
    if name.is_empty() {
        return invalid("the empty string is not allowed".to_string());
    }
    if name == "." || name == ".." {
        return invalid("'.' or '..' is not allowed".to_string());
    }
    if name.len() > TOPIC_NAME_LENGTH_MAX {
        return invalid(format!(
            "the length of '{name}' is longer than the max allowed length {TOPIC_NAME_LENGTH_MAX}"
        ));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
        return invalid(format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        ));
    }
    Ok(())
}

/// The topic whose name differs from `name` only in '.' and '_', which metrics do not tell apart.
pub(crate) fn colliding<'a>(image: &'a Image, name: &str) -> Option<&'a str> {
    if !name.contains(['.', '_']) {
        return None;
    }
    let plain = |byte: u8| if byte == b'.' { b'_' } else { byte };
    let same = |other: &str| other.bytes().map(plain).eq(name.bytes().map(plain));
    image.topics().map(|topic| &*topic.name).find(|other| *other != name && same(other))
}
