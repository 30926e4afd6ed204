//! A child process ends when its parent does, however that ended.

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

/// Makes this process end with its parent. `false` if the parent is gone already.
///
/// The kernel's signal is tied to the parent's *thread* that started this process, so `dev` starts its children from
/// its main thread, which lives as long as `dev`. It is SIGKILL: a node keeps its promises through it, and nothing of
/// a killed `dev` holds ports or locks when the next one starts.
pub(crate) fn die_with(parent: i32) -> bool {
    let set = set_parent_process_death_signal(Some(Signal::KILL));
    // The parent may have died before the line above; its child then belongs to somebody else.
    set.is_ok() && getppid().map(Pid::as_raw_pid) == Some(parent)
}
