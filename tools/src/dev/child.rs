//! One child process: started, listened to, stopped.

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;

/// Which child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Controller,
    Node,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Controller => "controller",
            Role::Node => "node",
        }
    }
}

/// What the supervisor reacts to.
#[derive(Debug)]
pub(super) enum Event {
    /// SIGTERM or SIGINT, for the how manieth time.
    Signal(usize),
    /// A line on a child's standard output.
    Line { role: Role, pid: u32, line: String },
    /// A child's standard output has closed: it has ended.
    Ended { role: Role, pid: u32 },
}

pub(super) struct Process {
    child: Child,
}

impl Process {
    /// Starts a subcommand of this executable. Only to be called by the main thread.
    pub(super) fn start(
        role: Role,
        arguments: &[String],
        log: Option<&str>,
        events: Sender<Event>,
    ) -> Result<Process> {
        let executable = std::env::current_exe().context("cannot find this executable")?;
        let mut command = Command::new(executable);
        command
            .arg(role.name())
            .args(["--parent", &std::process::id().to_string()])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        if let Some(log) = log {
            command.env(crate::logging::VARIABLE, log);
        }
        // Ctrl-C in a terminal goes to the whole group: only `dev` is to get it, and stops them in order.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child =
            command.spawn().with_context(|| format!("cannot start the {} process", role.name()))?;
        let (pid, output) = (child.id(), child.stdout.take());
        std::thread::Builder::new()
            .name(format!("{}-output", role.name()))
            .spawn(move || {
                let lines = output.map(|output| BufReader::new(output).lines());
                for line in lines.into_iter().flatten().map_while(Result::ok) {
                    let _ = events.send(Event::Line { role, pid, line });
                }
                let _ = events.send(Event::Ended { role, pid });
            })
            .context("cannot start a thread")?;
        Ok(Process { child })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop in order. It has not been waited for, so its number is still its own.
    pub(super) fn terminate(&self) {
        if let Some(pid) = i32::try_from(self.pid()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
    }

    /// Waits for its end; to be called once it is near.
    pub(super) fn wait(mut self) -> std::io::Result<ExitStatus> {
        self.child.wait()
    }
}
