//! SIGTERM and SIGINT as requests to stop.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;
use std::time::{Duration, Instant};

/// Signals closer together than this are one request: `timeout` and service managers often signal a process both by
/// itself and with its group.
const SAME_REQUEST: Duration = Duration::from_millis(500);

/// Calls `on_signal` with 1 for the first request by SIGTERM or SIGINT, 2 for the second, and so on, on a thread of its
/// own.
pub(crate) fn watch(mut on_signal: impl FnMut(usize) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut last: Option<Instant> = None;
        let mut count = 0;
        for _ in signals.forever() {
            if last.is_none_or(|last| last.elapsed() >= SAME_REQUEST) {
                count += 1;
                last = Some(Instant::now());
                on_signal(count);
            }
        }
    })?;
    Ok(())
}

/// Requests an orderly stop at the first request, and ends the process at the second.
pub(crate) fn request_shutdown(trigger: ringlog_reactor::ShutdownTrigger) -> io::Result<()> {
    watch(move |count| {
        if count == 1 {
            crate::notify::stopping();
        }
        trigger.request();
        if count > 1 {
            std::process::exit(1);
        }
    })
}
