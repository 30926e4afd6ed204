//! SIGTERM and SIGINT as requests to stop.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;

/// Calls `on_signal` with 1 for the first SIGTERM or SIGINT, 2 for the second, and so on, on a thread of its own.
pub(crate) fn watch(mut on_signal: impl FnMut(usize) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for (before, _) in signals.forever().enumerate() {
            on_signal(before + 1);
        }
    })?;
    Ok(())
}

/// Requests an orderly stop at the first signal, and ends the process at the second.
pub(crate) fn request_shutdown(trigger: ringlog_reactor::ShutdownTrigger) -> io::Result<()> {
    watch(move |count| {
        trigger.request();
        if count > 1 {
            std::process::exit(1);
        }
    })
}
