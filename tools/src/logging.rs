//! Log lines on standard error, as text or JSON, with levels by target that can be changed while the process runs.
//! `RINGLOG_LOG` chooses them, for example `RINGLOG_LOG=debug` or `warn,ringlog_storage=debug`.

use anyhow::{Result, anyhow};
use ringlog_node::LogLevels;
use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::sync::{Arc, Mutex};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt, reload};

/// The environment variable that chooses what is logged.
pub(crate) const VARIABLE: &str = "RINGLOG_LOG";

/// What is logged on a developer's machine: only what goes wrong. openraft reports as errors what happens in every
/// orderly stop.
pub(crate) const QUIET: &str = "warn,openraft=off";

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Format {
    /// The format of this name.
    pub(crate) fn named(name: &str) -> Format {
        if name == "json" { Format::Json } else { Format::Text }
    }
}

/// Begins to log; `chosen` is what is logged unless the variable says otherwise. Gives back what changes it.
pub(crate) fn start(chosen: &str, format: Format) -> Result<Arc<Levels>> {
    let from_variable = std::env::var(VARIABLE).ok();
    let text = from_variable.as_deref().unwrap_or(chosen);
    let source = if from_variable.is_some() { VARIABLE } else { "log.levels" };
    let levels = parse(text).map_err(|wrong| anyhow!("{source}: {wrong}"))?;
    let (filter, handle) = reload::Layer::new(targets(&levels));
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        Format::Text => fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal()).boxed(),
        Format::Json => fmt::layer().with_writer(stderr).json().flatten_event(true).boxed(),
    };
    // A second call in one process (tests) keeps the first.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
    Ok(Arc::new(Levels { levels: Mutex::new(levels), handle }))
}

/// The levels of this process.
pub(crate) struct Levels {
    levels: Mutex<BTreeMap<String, LevelFilter>>,
    handle: reload::Handle<Targets, Registry>,
}

const ROOT: &str = <dyn LogLevels>::ROOT;

impl Levels {
    /// Replaces all levels by those that `chosen` says, unless the variable says otherwise.
    pub(crate) fn choose(&self, chosen: &str) -> Result<()> {
        let from_variable = std::env::var(VARIABLE).ok();
        let wanted = parse(from_variable.as_deref().unwrap_or(chosen))
            .map_err(|wrong| anyhow!("log.levels: {wrong}"))?;
        let mut levels = self.levels.lock().expect("no code under this lock panics");
        self.handle.reload(targets(&wanted))?;
        *levels = wanted;
        Ok(())
    }
}

impl LogLevels for Levels {
    fn levels(&self) -> BTreeMap<String, String> {
        let levels = self.levels.lock().expect("no code under this lock panics");
        levels.iter().map(|(target, level)| (target.clone(), level.to_string())).collect()
    }

    fn set(&self, target: &str, level: Option<&str>) -> Result<(), String> {
        let mut levels = self.levels.lock().expect("no code under this lock panics");
        match level {
            Some(level) => {
                levels.insert(target.to_owned(), self::level(level)?);
            }
            None if target == ROOT => return Err("the root must have a level".to_owned()),
            None => {
                levels.remove(target);
            }
        }
        self.handle.reload(targets(&levels)).map_err(|error| error.to_string())
    }
}

fn targets(levels: &BTreeMap<String, LevelFilter>) -> Targets {
    let root = levels.get(ROOT).copied().unwrap_or(LevelFilter::OFF);
    let others = levels.iter().filter(|(target, _)| *target != ROOT);
    Targets::new().with_default(root).with_targets(others.map(|(target, level)| (target.clone(), *level)))
}

/// A level, or `target=level`, or several of them separated by commas.
fn parse(text: &str) -> Result<BTreeMap<String, LevelFilter>, String> {
    let mut levels = BTreeMap::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some((target, level)) => levels.insert(target.trim().to_owned(), self::level(level.trim())?),
            None => levels.insert(ROOT.to_owned(), level(part)?),
        };
    }
    // Only targets are named: the others are logged as usual, not at all otherwise.
    levels.entry(ROOT.to_owned()).or_insert(LevelFilter::INFO);
    Ok(levels)
}

fn level(text: &str) -> Result<LevelFilter, String> {
    // Kafka's names of the ends of the scale are taken as well.
    match text.to_ascii_lowercase().as_str() {
        "fatal" => Ok(LevelFilter::ERROR),
        level @ ("off" | "error" | "warn" | "info" | "debug" | "trace") => {
            level.parse().map_err(|_| format!("{text:?} is no level"))
        }
        _ => Err(format!("{text:?} is no level: off, error, warn, info, debug or trace")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_by_target() {
        let levels = parse("warn, ringlog_storage=debug,openraft=off").unwrap();
        let expected = [
            ("openraft", LevelFilter::OFF),
            ("ringlog_storage", LevelFilter::DEBUG),
            (ROOT, LevelFilter::WARN),
        ];
        assert_eq!(levels, expected.map(|(target, level)| (target.to_owned(), level)).into());
        assert_eq!(parse("ringlog_node=trace").unwrap()[ROOT], LevelFilter::INFO);
        assert!(parse("loud").unwrap_err().contains("off, error, warn"));
    }

    #[test]
    fn levels_change_while_the_process_runs() {
        let (_filter, handle) = reload::Layer::new(Targets::new());
        let levels = Levels { levels: Mutex::new(parse("info").unwrap()), handle };
        levels.set("ringlog_node", Some("DEBUG")).unwrap();
        assert_eq!(levels.levels()["ringlog_node"], "debug");
        levels.set("ringlog_node", None).unwrap();
        assert_eq!(levels.levels().len(), 1);
        assert!(levels.set(ROOT, None).is_err());
        assert!(levels.set("x", Some("loud")).is_err());
    }
}
