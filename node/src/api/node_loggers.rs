//! The log levels of this node as configs (KIP-412). They live with the process: nothing is asked of the controller, and
//! a restart begins with what the node is started with.

use super::config_resources::{Refused, WantedChange};
use crate::{options::LogLevels, shard::Shard};
use ringlog_kafka::ErrorCode;
use ringlog_native::cluster::ConfigOperationV1;

/// Kafka's levels, each with ours.
const LEVELS: [(&str, &str); 7] = [
    ("OFF", "off"),
    ("FATAL", "error"),
    ("ERROR", "error"),
    ("WARN", "warn"),
    ("INFO", "info"),
    ("DEBUG", "debug"),
    ("TRACE", "trace"),
];

/// Every logger with its level, as Kafka writes them.
pub(super) fn levels(shard: &Shard) -> Vec<(String, String)> {
    let Some(levels) = &shard.node.log_levels else { return Vec::new() };
    levels.levels().into_iter().map(|(logger, level)| (logger, level.to_uppercase())).collect()
}

/// Changes log levels: all of the changes or none.
pub(super) fn alter(shard: &Shard, wanted: &WantedChange<'_>, validate_only: bool) -> Result<(), Refused> {
    let own = shard.node.node;
    if wanted.resource_name.parse() != Ok(own.0) {
        let reason = format!("Unexpected broker id, expected {own}, but received {}", wanted.resource_name);
        return Err((ErrorCode::INVALID_REQUEST, reason));
    }
    let Some(levels) = &shard.node.log_levels else {
        let reason = "this process does not let its log levels be changed".to_owned();
        return Err((ErrorCode::INVALID_REQUEST, reason));
    };
    let mut changes = Vec::with_capacity(wanted.changes.len());
    for change in &wanted.changes {
        let level = match ConfigOperationV1::from_number(change.operation) {
            Some(ConfigOperationV1::Set) => Some(level_of(&change.name, change.value.as_deref())?),
            Some(ConfigOperationV1::Delete) if change.name == <dyn LogLevels>::ROOT => {
                let reason = "Removing the log level of the root logger is not allowed".to_owned();
                return Err((ErrorCode::INVALID_REQUEST, reason));
            }
            Some(ConfigOperationV1::Delete) => None,
            _ => {
                let reason = format!("operation {} is not allowed for loggers", change.operation);
                return Err((ErrorCode::INVALID_REQUEST, reason));
            }
        };
        changes.push((&*change.name, level));
    }
    if !validate_only {
        for (logger, level) in changes {
            levels.set(logger, level).map_err(|reason| (ErrorCode::INVALID_CONFIG, reason))?;
            tracing::info!(logger, level = level.unwrap_or("none"), "changed a log level");
        }
    }
    Ok(())
}

fn level_of(logger: &str, value: Option<&str>) -> Result<&'static str, Refused> {
    let value = value.unwrap_or_default();
    let known = LEVELS.iter().find(|(name, _)| value.trim().eq_ignore_ascii_case(name));
    known.map(|(_, level)| *level).ok_or_else(|| {
        let names = LEVELS.map(|(name, _)| name).join(", ");
        let reason = format!(
            "Cannot set the log level of {logger} to {value} as it is not a supported log level. Valid log levels are \
             {names}"
        );
        (ErrorCode::INVALID_CONFIG, reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafkas_levels_become_ours() {
        assert_eq!(level_of("x", Some("debug")).unwrap(), "debug");
        assert_eq!(level_of("x", Some(" FATAL ")).unwrap(), "error");
        for wrong in [None, Some(""), Some("LOUD")] {
            assert_eq!(level_of("x", wrong).unwrap_err().0, ErrorCode::INVALID_CONFIG);
        }
    }
}
