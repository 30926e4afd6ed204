//! Which crate may use which: README's table of rooms against the crate graph.

use super::Complaint;
use anyhow::{Context, Result, bail};
use cargo_metadata::Metadata;
use std::collections::{BTreeMap, BTreeSet};

/// What a room may use.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum MayUse {
    Anything,
    /// Folders, or the last part of one: `protocol` is everything below it, `image` is `controller/image`.
    Only(BTreeSet<String>),
}

/// A crate of ours.
#[derive(Debug)]
pub(super) struct Crate {
    /// Its folder.
    pub(super) folder: String,
    /// The folders of the crates it uses, in tests and build scripts too.
    pub(super) uses: BTreeSet<String>,
}

/// README's table: folder of a room to what it may use.
pub(super) fn rooms(readme: &str) -> Result<BTreeMap<String, MayUse>> {
    let table = readme.split("## The rooms").nth(1).context("README has a section \"The rooms\"")?;
    let mut rooms = BTreeMap::new();
    for line in
        table.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'))
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [names, _, uses] = cells[..] else { bail!("a row of the rooms has three cells: {line}") };
        let may_use = match uses {
            "anything" => MayUse::Anything,
            "nothing of ours" => MayUse::Only(BTreeSet::new()),
            list => MayUse::Only(list.split(',').map(|name| name.trim().to_owned()).collect()),
        };
        for name in names.split('`').skip(1).step_by(2) {
            let may_use = match &may_use {
                MayUse::Anything => MayUse::Anything,
                MayUse::Only(names) => MayUse::Only(names.clone()),
            };
            rooms.insert(name.trim_end_matches('/').to_owned(), may_use);
        }
    }
    if rooms.is_empty() {
        bail!("README's table of rooms is empty");
    }
    Ok(rooms)
}

/// The crates of the workspace and the edges between them.
pub(super) fn crates(metadata: &Metadata) -> Vec<Crate> {
    let folder = |path: &cargo_metadata::camino::Utf8Path| {
        path.strip_prefix(&metadata.workspace_root).map_or_else(|_| path.to_string(), ToString::to_string)
    };
    metadata
        .workspace_packages()
        .iter()
        .map(|package| Crate {
            folder: folder(package.manifest_path.parent().expect("a manifest stands in a folder")),
            uses: package.dependencies.iter().filter_map(|edge| edge.path.as_deref()).map(folder).collect(),
        })
        .collect()
}

pub(super) fn check(rooms: &BTreeMap<String, MayUse>, crates: &[Crate]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for Crate { folder, uses } in crates {
        let manifest = format!("{folder}/Cargo.toml");
        let Some(may_use) = room_of(rooms, folder) else {
            complaints.push(Complaint::new(&manifest, 0, "this crate is not in README's table of rooms"));
            continue;
        };
        let MayUse::Only(allowed) = may_use else { continue };
        // A crate may name itself: that is how its tests see its own optional features.
        for used in uses.iter().filter(|used| *used != folder) {
            if !allowed.iter().any(|name| names(name, used)) {
                let rule = format!("README's table of rooms does not let {folder} use {used}");
                complaints.push(Complaint::new(&manifest, 0, rule));
            }
        }
    }
    complaints
}

/// The row of a crate: its own, or that of the room it lies in (`tools/xtask` in `tools`).
fn room_of<'a>(rooms: &'a BTreeMap<String, MayUse>, folder: &str) -> Option<&'a MayUse> {
    rooms.get(folder).or_else(|| {
        let (parent, _) = folder.rsplit_once('/')?;
        rooms.get(parent).filter(|may_use| matches!(may_use, MayUse::Anything))
    })
}

fn names(name: &str, folder: &str) -> bool {
    folder == name
        || folder.strip_prefix(name).is_some_and(|below| name == "protocol" && below.starts_with('/'))
        || folder.strip_suffix(name).is_some_and(|above| above.ends_with('/'))
}
