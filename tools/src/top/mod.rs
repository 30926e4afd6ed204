//! `ringlog top`: a live view of a node's topics, groups and shards.
//!
//! ```text
//! fetch (HTTP, a thread) ──> Overview ──> model: rates, order, filter ──> view (terminal) or plain (one snapshot)
//! ```
//! The asking thread keeps the terminal alive while a node hangs.

mod fetch;
mod keys;
mod model;
mod place;
mod plain;
mod view;

use anyhow::{Context, Result};
use clap::Args;
use keys::Change;
use model::{Model, Tab};
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use ringlog_node::overview::Overview;
use std::io::{IsTerminal, Write, stdout};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

#[derive(Args)]
#[command(after_help = "\
Keys: Tab or 1 2 3 chooses topics, groups or shards; s the column to sort by, r its direction; / filters by
name (Enter keeps it, Esc ends it); arrows, PgUp, PgDn, Home and End move; p pauses; q quits.

Examples:
  ringlog top
  ringlog top --admin 10.0.0.2:9644 --interval 5
  ringlog top --native 10.0.0.2:9192
  ringlog top --once                       one snapshot, for scripts and logs")]
pub(crate) struct TopArguments {
    /// A node's admin listener
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9644", env = "RINGLOG_ADMIN")]
    admin: String,
    /// A node's native listener, which is asked where its admin listener is
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "admin")]
    native: Option<String>,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
    /// Print one snapshot as text and exit; so it is when the output is no terminal
    #[arg(long)]
    once: bool,
}

/// How long a key may wait to be seen.
const LOOK_FOR_KEYS: Duration = Duration::from_millis(100);

pub(crate) fn run(arguments: &TopArguments) -> Result<()> {
    let interval = Duration::from_secs(arguments.interval);
    let admin = match &arguments.native {
        Some(native) => place::admin_of(native)?,
        None => arguments.admin.clone(),
    };
    if arguments.once || !stdout().is_terminal() {
        return once(&admin, interval.min(Duration::from_secs(1)));
    }
    // The first answer before the terminal changes: a wrong address is said in a plain line.
    let first = fetch::overview(&admin)?;
    let mut model = Model::new(admin.clone());
    model.take(Ok(first));
    let answers = ask(admin, interval);
    let mut terminal = ratatui::try_init().context("cannot set up the terminal")?;
    let ended = watch(&mut terminal, &mut model, &answers);
    ratatui::restore();
    ended
}

/// Two looks, since rates need two.
fn once(admin: &str, interval: Duration) -> Result<()> {
    let mut model = Model::new(admin.to_owned());
    model.take(Ok(fetch::overview(admin)?));
    std::thread::sleep(interval);
    model.take(Ok(fetch::overview(admin)?));
    Ok(stdout().write_all(plain::snapshot(&model).as_bytes())?)
}

/// Asks again and again on a thread of its own, until nobody listens.
fn ask(admin: String, interval: Duration) -> Receiver<Result<Overview>> {
    let (sender, receiver): (Sender<Result<Overview>>, _) = channel();
    std::thread::spawn(move || {
        loop {
            let begun = Instant::now();
            std::thread::sleep(interval.saturating_sub(begun.elapsed()));
            if sender.send(fetch::overview(&admin)).is_err() {
                return;
            }
        }
    });
    receiver
}

fn watch(
    terminal: &mut ratatui::DefaultTerminal,
    model: &mut Model,
    answers: &Receiver<Result<Overview>>,
) -> Result<()> {
    loop {
        while let Ok(answer) = answers.try_recv() {
            model.take(answer.map_err(|error| error.to_string()));
        }
        terminal.draw(|frame| view::draw(frame, model))?;
        if !event::poll(LOOK_FOR_KEYS)? {
            continue;
        }
        // A resize needs nothing but the next drawing.
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Press && keys::press(model, key) == Change::Quit {
            return Ok(());
        }
    }
}

impl Tab {
    /// All of them, in the order of their keys.
    const ALL: [Tab; 3] = [Tab::Topics, Tab::Groups, Tab::Shards];
}
