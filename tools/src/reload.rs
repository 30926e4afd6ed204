//! SIGHUP: the configuration is read anew, and what can change in a running process changes.

use crate::logging::Levels;
use crate::settings::Settings;
use anyhow::Result;
use signal_hook::consts::SIGHUP;
use signal_hook::iterator::Signals;
use std::io;
use std::sync::Arc;

/// What of the settings holds at once; everything else waits for the next start.
const AT_ONCE: &str = "log.levels";

/// Reads the settings with `read` at each SIGHUP, on a thread of its own, and says in the log what came of it.
pub(crate) fn on_hangup(
    before: Settings,
    levels: Arc<Levels>,
    read: impl Fn() -> Result<Settings> + Send + 'static,
) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP])?;
    std::thread::Builder::new().name("hangup".to_owned()).spawn(move || {
        for _ in signals.forever() {
            let outcome = read().and_then(|now| levels.choose(now.text(AT_ONCE)).map(|()| now));
            match outcome {
                Ok(now) => say(&before, &now),
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::error!(
                        error,
                        "the configuration was read anew and is wrong; nothing has changed"
                    );
                }
            }
        }
    })?;
    Ok(())
}

fn say(before: &Settings, now: &Settings) {
    let waiting: Vec<_> = now.changed_since(before).into_iter().filter(|key| *key != AT_ONCE).collect();
    if waiting.is_empty() {
        tracing::info!(
            levels = now.text(AT_ONCE),
            "the configuration was read anew; log levels are as it says"
        );
    } else {
        let waiting = waiting.join(", ");
        tracing::warn!(
            levels = now.text(AT_ONCE),
            waiting,
            "the configuration was read anew; log levels are as it says, other changes wait for the next start"
        );
    }
}
