//! SIGHUP: the configuration is read anew, and what can change in a running process changes.

use crate::logging::Levels;
use crate::settings::Settings;
use anyhow::Result;
use signal_hook::consts::SIGHUP;
use signal_hook::iterator::Signals;
use std::io;
use std::sync::Arc;

/// What every process obeys at once.
const LEVELS: &str = "log.levels";

/// What a process does with settings that were read anew.
pub(crate) struct Reload<Read, Check, IsObeyed, Obey> {
    /// Reads them.
    pub(crate) read: Read,
    /// Refuses what cannot hold together.
    pub(crate) check: Check,
    /// Whether the process obeys a setting while it runs, beside the log levels. Everything else waits for the next start.
    pub(crate) is_obeyed: IsObeyed,
    /// Obeys those.
    pub(crate) obey: Obey,
}

/// Reads the settings at each SIGHUP, on a thread of its own, and says in the log what came of it.
pub(crate) fn on_hangup<Read, Check, IsObeyed, Obey>(
    before: Settings,
    levels: Arc<Levels>,
    reload: Reload<Read, Check, IsObeyed, Obey>,
) -> io::Result<()>
where
    Read: Fn() -> Result<Settings> + Send + 'static,
    Check: Fn(&Settings) -> Result<()> + Send + 'static,
    IsObeyed: Fn(&str) -> bool + Send + 'static,
    Obey: Fn(&Settings) -> Result<()> + Send + 'static,
{
    let mut signals = Signals::new([SIGHUP])?;
    std::thread::Builder::new().name("hangup".to_owned()).spawn(move || {
        let Reload { read, check, is_obeyed, obey } = reload;
        let mut obeyed = before.clone();
        for _ in signals.forever() {
            let read = || -> Result<Settings> {
                let now = read()?;
                check(&now)?;
                levels.choose(now.text(LEVELS))?;
                obey(&now)?;
                Ok(now)
            };
            match read() {
                Ok(now) => {
                    let changed = |since: &Settings, is_wanted: &dyn Fn(&str) -> bool| {
                        let keys = now.changed_since(since).into_iter().filter(|key| is_wanted(key));
                        keys.collect::<Vec<_>>().join(", ")
                    };
                    let changed_now = changed(&obeyed, &|key| key == LEVELS || is_obeyed(key));
                    let waiting = changed(&before, &|key| key != LEVELS && !is_obeyed(key));
                    say(&changed_now, &waiting);
                    obeyed = now;
                }
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

fn say(changed: &str, waiting: &str) {
    if waiting.is_empty() {
        tracing::info!(changed, "the configuration was read anew and holds");
    } else {
        tracing::warn!(
            changed,
            waiting,
            "the configuration was read anew and holds, but for changes that wait for the next start"
        );
    }
}
