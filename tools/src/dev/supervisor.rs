//! Starts both children, announces them, starts again what dies, stops them in order.

use super::addresses::Addresses;
use super::child::{Event, Process, Role};
use crate::node::IoDriver;
use crate::signals;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::io::{Write, stderr, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// A child that does not stop by itself in this time is killed; it keeps its promises through that as well.
const STOP_DEADLINE: Duration = Duration::from_secs(15);
/// The first pause before a child that died is started again; it doubles from one death to the next.
const RESTART_PAUSE: Duration = Duration::from_millis(200);
const RESTART_PAUSE_MAX: Duration = Duration::from_secs(10);
/// A child that ran this long had got over what killed its predecessor.
const STEADY_AFTER: Duration = Duration::from_secs(30);
/// Segments of a broker on a developer's machine: small, so that little is allocated.
const SEGMENT_BYTES_MAX: u64 = 64 << 20;

pub(super) struct Settings {
    pub(super) data: PathBuf,
    pub(super) config: Option<PathBuf>,
    pub(super) kafka: SocketAddr,
    pub(super) native: SocketAddr,
    pub(super) admin: SocketAddr,
    pub(super) shards: Option<u16>,
    pub(super) io_driver: IoDriver,
    pub(super) is_verbose: bool,
}

pub(super) struct Supervisor {
    settings: Settings,
    addresses: Addresses,
    sender: Sender<Event>,
    events: Receiver<Event>,
    controller: Slot,
    node: Slot,
    /// Where the controller listens, once it does.
    cluster: Option<SocketAddr>,
    is_announced: bool,
}

/// A child's place: the process in it, or when the next one comes.
struct Slot {
    process: Option<Process>,
    started: Instant,
    is_ready: bool,
    restart_at: Option<Instant>,
    pause: Duration,
}

impl Slot {
    fn new() -> Slot {
        Slot {
            process: None,
            started: Instant::now(),
            is_ready: false,
            restart_at: None,
            pause: RESTART_PAUSE,
        }
    }

    fn is(&self, pid: u32) -> bool {
        self.process.as_ref().is_some_and(|process| process.pid() == pid)
    }
}

enum Next {
    GoOn,
    Stop,
}

impl Supervisor {
    pub(super) fn new(settings: Settings) -> Result<Supervisor> {
        let (sender, events) = channel();
        let on_signal = sender.clone();
        signals::watch(move |count| {
            let _ = on_signal.send(Event::Signal(count));
        })
        .context("cannot watch signals")?;
        Ok(Supervisor {
            addresses: Addresses::load(&settings.data),
            settings,
            sender,
            events,
            controller: Slot::new(),
            node: Slot::new(),
            cluster: None,
            is_announced: false,
        })
    }

    /// Runs until a signal, or until a child fails before both have been ready once.
    pub(super) fn run(mut self) -> Result<()> {
        let outcome = self.supervise();
        self.stop();
        outcome
    }

    fn supervise(&mut self) -> Result<()> {
        self.start(Role::Controller)?;
        loop {
            let restart_at =
                [&self.controller, &self.node].into_iter().filter_map(|slot| slot.restart_at).min();
            let event = match restart_at {
                None => self.events.recv().context("the signal thread has ended")?,
                Some(at) => match self.events.recv_timeout(at.saturating_duration_since(Instant::now())) {
                    Ok(event) => event,
                    Err(RecvTimeoutError::Timeout) => {
                        self.restart_due()?;
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => bail!("the signal thread has ended"),
                },
            };
            if let Next::Stop = self.handle(event)? {
                return Ok(());
            }
        }
    }

    fn handle(&mut self, event: Event) -> Result<Next> {
        match event {
            Event::Signal(_) => return Ok(Next::Stop),
            Event::Line { role, pid, line } => {
                if self.slot(role).is(pid) {
                    self.heard(role, &line)?;
                }
            }
            Event::Ended { role, pid } => {
                if self.slot(role).is(pid) {
                    self.ended(role)?;
                }
            }
        }
        Ok(Next::GoOn)
    }

    /// A child says that it is ready, and where.
    fn heard(&mut self, role: Role, line: &str) -> Result<()> {
        let Some(listed) = line.strip_prefix(&format!("ringlog {} ready: ", role.name())) else {
            return Ok(());
        };
        let addresses: BTreeMap<String, SocketAddr> = listed
            .split_whitespace()
            .filter_map(|entry| entry.split_once('='))
            .filter_map(|(name, address)| Some((name.to_owned(), address.parse().ok()?)))
            .collect();
        self.addresses.save(&addresses)?;
        self.slot(role).is_ready = true;
        let get = |name: &str| {
            let missing = || format!("the {} process did not say where {name} is: {line}", role.name());
            addresses.get(name).copied().with_context(missing)
        };
        match role {
            Role::Controller => {
                self.cluster = Some(get("cluster")?);
                if self.node.process.is_none() && self.node.restart_at.is_none() {
                    self.start(Role::Node)?;
                }
            }
            Role::Node => {
                // Picked ports stay what they are when the node is started again.
                self.settings.kafka = get("kafka")?;
                self.settings.native = get("native")?;
                self.settings.admin = get("admin")?;
                self.announce()?;
            }
        }
        Ok(())
    }

    fn announce(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.is_announced, true) {
            return Ok(());
        }
        let Settings { kafka, native, admin, .. } = &self.settings;
        let mut out = stdout().lock();
        // Whoever started this may not listen; that is no reason to stop serving.
        let _ = writeln!(out, "ringlog ready: kafka={kafka} native={native} admin={admin}");
        let _ = out.flush();
        Ok(())
    }

    fn ended(&mut self, role: Role) -> Result<()> {
        let is_announced = self.is_announced;
        let slot = self.slot(role);
        let Some(process) = slot.process.take() else { return Ok(()) };
        let was_ready = std::mem::take(&mut slot.is_ready);
        let status = process.wait().context("cannot wait for a child process")?;
        if !is_announced {
            // It has said why on standard error. The one reason to try again is a port that was free last time.
            let is_port_taken =
                role == Role::Controller && !was_ready && self.cluster_preference().port() != 0;
            if is_port_taken && status.code() == Some(1) && self.cluster.is_none() {
                self.cluster = Some(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0));
                return self.start(Role::Controller);
            }
            bail!("the {} process did not start ({status})", role.name());
        }
        if slot_steady(self.slot(role).started) {
            self.slot(role).pause = RESTART_PAUSE;
        }
        let slot = self.slot(role);
        let pause = slot.pause;
        slot.pause = (pause * 2).min(RESTART_PAUSE_MAX);
        slot.restart_at = Some(Instant::now() + pause);
        let milliseconds = pause.as_millis();
        say(&format!("the {} process ended ({status}); starting it again in {milliseconds} ms", role.name()));
        Ok(())
    }

    fn restart_due(&mut self) -> Result<()> {
        let now = Instant::now();
        for role in [Role::Controller, Role::Node] {
            if self.slot(role).restart_at.is_some_and(|at| at <= now) {
                self.start(role)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, role: Role) -> Result<()> {
        let arguments = match role {
            Role::Controller => self.controller_arguments(),
            Role::Node => self.node_arguments(),
        };
        let is_quiet = !self.settings.is_verbose && std::env::var_os(crate::logging::VARIABLE).is_none();
        let process =
            Process::start(role, &arguments, is_quiet.then_some(crate::logging::QUIET), self.sender.clone())?;
        let slot = self.slot(role);
        slot.process = Some(process);
        slot.started = Instant::now();
        slot.restart_at = None;
        Ok(())
    }

    fn controller_arguments(&self) -> Vec<String> {
        let data = self.settings.data.join("controller");
        let listen = self.cluster_preference().to_string();
        ["--data", &data.to_string_lossy(), "--listen", &listen, "--id", "1"].map(str::to_owned).to_vec()
    }

    /// Where the controller is to listen: where it does, where it did last time, or anywhere.
    fn cluster_preference(&self) -> SocketAddr {
        let anywhere = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
        self.cluster.or_else(|| self.addresses.get("cluster")).unwrap_or(anywhere)
    }

    fn node_arguments(&self) -> Vec<String> {
        let Settings { data, config, kafka, native, admin, shards, io_driver, .. } = &self.settings;
        let mut arguments = vec![
            "--data".to_owned(),
            data.join("node").to_string_lossy().into_owned(),
            "--controllers".to_owned(),
            self.cluster_preference().to_string(),
        ];
        let mut option = |name: &str, value: String| arguments.extend([format!("--{name}"), value]);
        option("kafka", kafka.to_string());
        option("native", native.to_string());
        option("admin", admin.to_string());
        if let Some(config) = config {
            option("config", config.to_string_lossy().into_owned());
        }
        if *io_driver != IoDriver::Auto {
            option("io-driver", io_driver.name().to_owned());
        }
        option("preset", format!("storage.segment-bytes-max={SEGMENT_BYTES_MAX}"));
        // One person starts one consumer after the other and waits for each, as in Kafka's own quick start.
        option("preset", "kafka.group.initial.rebalance.delay.ms=0".to_owned());
        // A developer's machine has other work for its processors.
        option("preset", "pin=off".to_owned());
        for (name, address) in
            [("kafka-also", super::beside(*kafka)), ("native-also", super::beside(*native))]
        {
            if let Some(address) = address {
                option(name, address.to_string());
            }
        }
        if let Some(shards) = shards {
            option("shards", shards.to_string());
        }
        arguments
    }

    /// The node first, because it takes leave of the controller.
    fn stop(&mut self) {
        for role in [Role::Node, Role::Controller] {
            let Some(mut process) = self.slot(role).process.take() else { continue };
            process.terminate();
            if !self.wait_for_end(process.pid()) {
                say(&format!("the {} process did not stop in time and is killed", role.name()));
                process.kill();
            }
            match process.wait() {
                Ok(status) if status.success() => {}
                Ok(status) => say(&format!("the {} process ended with {status}", role.name())),
                Err(error) => say(&format!("cannot wait for the {} process: {error}", role.name())),
            }
        }
    }

    /// `false` when the time is over or somebody is impatient.
    fn wait_for_end(&self, awaited: u32) -> bool {
        let deadline = Instant::now() + STOP_DEADLINE;
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Ended { pid, .. }) if pid == awaited => return true,
                Ok(Event::Signal(count)) if count > 1 => return false,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    fn slot(&mut self, role: Role) -> &mut Slot {
        match role {
            Role::Controller => &mut self.controller,
            Role::Node => &mut self.node,
        }
    }
}

fn slot_steady(started: Instant) -> bool {
    started.elapsed() >= STEADY_AFTER
}

fn say(text: &str) {
    let _ = writeln!(stderr(), "ringlog: {text}");
}
