//! Opening a directory, step by step. Every step may be repeated after a crash: nothing of the old boot is given up
//! before the catalog of the new one is in place.

use super::{Directory, Opened, RecoveredLog, RecoveryReport, Shared};
use crate::concurrent;
use crate::config::{DirectoryConfig, Identity};
use crate::error::{Damage, OpenError};
use crate::format::catalog::{Catalog, CatalogWriter, Checkpoint};
use crate::format::entry;
use crate::format::identity::{self, Described};
use crate::format::names::{self, Kind};
use crate::format::segment_header::DATA_START;
use crate::format::{Decoder, VERSION};
use crate::recovery::blocks;
use crate::recovery::execute::{self, Journals, Proven};
use crate::recovery::journal::{FoundGroup, JournalFiles, WalkFrom};
use crate::recovery::{JournalPlace, Replay, ReplayedLog};
use crate::reserve::Reserve;
use crate::space::is_full;
use crate::state::FileId;
use ringlog_reactor::{DirectoryEntry, File, Reactor};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Logs proven at the same time.
const PROVEN_AT_ONCE: usize = 64;
/// Logs whose blocks are put aside together.
const PROVEN_TOGETHER: usize = 4096;

/// What writing a range to its segment may occupy beyond its bytes: the blocks it shares, the file's header and
/// what the file system keeps about it.
const ROOM_PER_RANGE: u64 = 4 * 4096;

pub(super) async fn open(reactor: &Reactor, config: DirectoryConfig) -> Result<Opened, OpenError> {
    let path = config.path.clone();
    reactor.create_directory_all(&path).await.map_err(fault("creating", &path))?;
    // The directory itself must not vanish. A parent that this process may not open was there before.
    for ancestor in path.ancestors().skip(1) {
        reactor.sync_directory(ancestor).await.ok();
    }
    let lock = lock(reactor, &path).await?;
    let entries = reactor.read_directory(&path).await.map_err(fault("listing", &path))?;
    let identity = check_format(reactor, &config, &entries).await?;
    let segments = path.join(names::SEGMENTS);
    reactor.create_directory_all(&segments).await.map_err(fault("creating", &segments))?;
    reactor.sync_directory(&path).await.map_err(fault("syncing", &path))?;

    let mut report = RecoveryReport::default();
    let catalog = read_catalog(reactor, &path, &entries).await?;
    let (boot, mut replay) = (catalog.boot, Replay::default());
    replay.next_log = catalog.next_log;
    replay.take_states(catalog.logs);
    replay.take_carried(catalog.carried);
    let journals = fold(reactor, &config, &entries, boot, &mut replay, &mut report).await?;
    let next_log = replay.next_log;
    let reserve = Reserve::new(config.reserve_bytes);
    let is_ample = make_room(reactor, &path, &replay, &journals, &reserve).await;
    let room = if is_ample { execute::CARRIED_TOTAL } else { 0 };
    let aside = blocks::read(reactor, &path, &entries, boot).await?;
    report.mended_blocks = blocks::mend(reactor, &path, &replay.logs, aside)
        .await
        .map_err(fault("mending blocks in", &segments))?;
    let logs = prove(reactor, &path, boot, journals, replay, room, &mut report).await?;

    report.boot = boot + 1;
    write_catalog(reactor, &path, report.boot, next_log, &logs, &reserve).await?;
    let (logs, unused) = compare_files(reactor, &segments, logs).await?;
    report.unused_files = unused.len() as u64;
    remove_leftovers(reactor, &config, &entries).await;
    // The journals are made after it; where they find no room they take it from the reserve.
    reserve.make(reactor, &path, config.reserve_bytes).await;

    let shared = Shared {
        path,
        boot: report.boot,
        domains: config.domains.max(1),
        unused,
        reserve,
        last_awaited_group: AtomicU64::new(0),
        read_pace: Arc::default(),
    };
    let directory = Directory { shared: Arc::new(shared), identity, next_log, lock };
    Ok(Opened { directory, logs, report })
}

fn fault<'a>(action: &'static str, path: &'a Path) -> impl Fn(io::Error) -> OpenError + 'a {
    move |source| OpenError::Io { action, path: path.to_owned(), source }
}

fn damaged(path: PathBuf, reason: impl ToString) -> OpenError {
    OpenError::Damaged { path, reason: reason.to_string() }
}

async fn lock(reactor: &Reactor, path: &Path) -> Result<File, OpenError> {
    let lock = path.join(names::LOCK);
    reactor.lock_exclusively(&lock).await.map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => OpenError::Locked(path.to_owned()),
        _ => fault("locking", &lock)(error),
    })
}

fn has(entries: &[DirectoryEntry], name: &str) -> bool {
    entries.iter().any(|entry| entry.name == name)
}

fn kinds(entries: &[DirectoryEntry]) -> impl Iterator<Item = (Kind, &DirectoryEntry)> {
    entries.iter().filter_map(|entry| Some((names::kind(entry.name.to_str()?), entry)))
}

async fn check_format(
    reactor: &Reactor,
    config: &DirectoryConfig,
    entries: &[DirectoryEntry],
) -> Result<Option<Identity>, OpenError> {
    let path = config.path.join(names::FORMAT);
    if !has(entries, names::FORMAT) {
        if has(entries, names::CATALOG) {
            return Err(damaged(path, "it is missing beside a catalog"));
        }
        let text = identity::write(config.identity);
        reactor.write_file_durably(&path, text.as_bytes()).await.map_err(fault("writing", &path))?;
        return Ok(config.identity);
    }
    let bytes = reactor.read_file(&path).await.map_err(fault("reading", &path))?;
    let found = match identity::read(&bytes) {
        Described::Current(found) => found,
        Described::Other(found) => {
            return Err(OpenError::WrongVersion { path: config.path.clone(), found, supported: VERSION });
        }
        Described::Unreadable(reason) => return Err(damaged(path, reason)),
    };
    match (found, config.identity) {
        (Some(found), Some(expected)) if found != expected => Err(OpenError::WrongIdentity {
            path: config.path.clone(),
            found: describe(found),
            expected: describe(expected),
        }),
        (None, Some(expected)) => {
            let text = identity::write(Some(expected));
            reactor.write_file_durably(&path, text.as_bytes()).await.map_err(fault("writing", &path))?;
            Ok(Some(expected))
        }
        (found, _) => Ok(found),
    }
}

fn describe(identity: Identity) -> String {
    format!("node {} of cluster {}", identity.node, identity.cluster.0)
}

async fn read_catalog(
    reactor: &Reactor,
    path: &Path,
    entries: &[DirectoryEntry],
) -> Result<Catalog, OpenError> {
    let file = path.join(names::CATALOG);
    if has(entries, names::CATALOG) {
        let bytes = reactor.read_file(&file).await.map_err(fault("reading", &file))?;
        return Catalog::decode(&bytes).map_err(|error| damaged(file, error));
    }
    // Journals are made after the first catalog: with one of them the catalog was there and is lost.
    if kinds(entries).any(|(kind, _)| matches!(kind, Kind::Journal(..) | Kind::Checkpoint(_))) {
        return Err(damaged(file, "it is missing beside journals"));
    }
    Ok(Catalog { boot: 0, next_log: 1, ..Catalog::default() })
}

/// Folds checkpoints and journals of the last boot into `replay`.
async fn fold(
    reactor: &Reactor,
    config: &DirectoryConfig,
    entries: &[DirectoryEntry],
    boot: u64,
    replay: &mut Replay,
    report: &mut RecoveryReport,
) -> Result<Journals, OpenError> {
    let path = &config.path;
    let mut from = BTreeMap::new();
    for (kind, _) in kinds(entries) {
        if let Kind::Journal(domain, _) = kind {
            from.entry(domain).or_insert(WalkFrom { boot, domain, generation: 1, sequence: 1 });
        }
    }
    let mut clean = true;
    for (kind, _) in kinds(entries) {
        let Kind::Checkpoint(domain) = kind else { continue };
        let file = names::checkpoint(path, domain);
        let bytes = reactor.read_file(&file).await.map_err(fault("reading", &file))?;
        let checkpoint = Checkpoint::decode(&bytes).map_err(|error| damaged(file, error))?;
        if checkpoint.boot != boot || checkpoint.domain != domain {
            continue;
        }
        clean &= checkpoint.clean;
        from.insert(
            domain,
            WalkFrom {
                boot,
                domain,
                generation: checkpoint.generation + 1,
                sequence: checkpoint.sequence + 1,
            },
        );
        replay.take_states(checkpoint.logs);
        replay.take_carried(checkpoint.carried);
        replay.take_deleted(&checkpoint.deleted);
    }
    let mut journals = Journals::new();
    for (domain, from) in from {
        let mut files = JournalFiles::open(reactor, path, domain)
            .await
            .map_err(fault("opening", &names::journal(path, domain, 0)))?;
        let mut contradiction = None;
        let walked = files
            .walk::<String>(from, &mut |group| take_group(replay, domain, &group))
            .await
            .unwrap_or_else(|reason| {
                contradiction = Some(reason);
                Default::default()
            });
        if let Some(reason) = contradiction {
            return Err(damaged(names::journal(path, domain, 0), reason));
        }
        report.groups += walked.groups;
        clean &= walked.groups == 0;
        if let Some(damage) = walked.damage {
            let error = OpenError::JournalDamaged {
                path: files.path(damage.half),
                position: damage.position,
                reason: damage.reason,
            };
            if !config.accept_damage {
                return Err(error);
            }
            tracing::error!(%error, "accepted a damaged journal");
            report.accepted_damage = Some(error.to_string());
        }
        journals.insert(domain, (files, walked.durable));
    }
    report.clean = clean && boot > 0;
    Ok(journals)
}

fn take_group(replay: &mut Replay, domain: u16, group: &FoundGroup<'_>) -> Result<(), String> {
    let mut input = Decoder::new(group.body);
    for _ in 0..group.header.entries {
        let entry = entry::decode(&mut input).map_err(|error| error.to_string())?;
        // An entry's inline bytes are the last thing in it.
        let behind = group.body_position + (group.body.len() - input.remaining()) as u64;
        let inline = match entry.payload {
            entry::Payload::Inline(bytes) => bytes.len() as u64,
            entry::Payload::External { end, .. } => end.len() as u64,
            entry::Payload::None => 0,
        };
        let sequence = group.header.sequence;
        let place = JournalPlace { domain, half: group.half, position: behind - inline, sequence };
        replay.take_entry(&entry, place).map_err(|error| error.to_string())?;
    }
    input.finish().map_err(|error| error.to_string())
}

/// Removes files without a segment and gives up the reserve if moving the journals' bytes to their segments may need
/// their room: a full disk must not keep the node from starting. True if there was room without that.
async fn make_room(
    reactor: &Reactor,
    path: &Path,
    replay: &Replay,
    journals: &Journals,
    reserve: &Reserve,
) -> bool {
    let pending = replay.logs.values().flat_map(|log| &log.pending);
    let needed: u64 = pending.map(|pending| pending.appended.length + ROOM_PER_RANGE).sum();
    let is_ample = async || reactor.space(path).await.is_ok_and(|space| space.free >= needed);
    if is_ample().await {
        return true;
    }
    if sync_journals(reactor, path, journals).await.is_ok() {
        remove_unused(reactor, path, replay).await;
    }
    if !is_ample().await {
        reserve.give_up(reactor, path).await;
    }
    false
}

/// Makes durable what this recovery builds upon: a process that was killed may not have come to sync it.
async fn sync_journals(reactor: &Reactor, path: &Path, journals: &Journals) -> io::Result<()> {
    for (files, _) in journals.values() {
        files.sync().await?;
    }
    reactor.sync_directory(path).await
}

/// Removes files that belong to no log by what is durably written down.
async fn remove_unused(reactor: &Reactor, path: &Path, replay: &Replay) {
    let used: BTreeSet<_> = replay.logs.values().flat_map(|log| log.state.files()).collect();
    let found = reactor.read_directory(&path.join(names::SEGMENTS)).await.unwrap_or_default();
    for (kind, _) in kinds(&found) {
        if let Kind::Segment(file) = kind
            && !used.contains(&file)
        {
            reactor.remove_file(&names::segment(path, file)).await.ok();
        }
    }
}

/// Proves all logs that have something pending, and syncs the directory of segments.
async fn prove(
    reactor: &Reactor,
    path: &Path,
    boot: u64,
    journals: Journals,
    replay: Replay,
    carried_max: u64,
    report: &mut RecoveryReport,
) -> Result<Vec<(ReplayedLog, Option<Damage>)>, OpenError> {
    let segments = path.join(names::SEGMENTS);
    let failed = fault("recovering segments in", &segments);
    let shared = Rc::new((journals, Cell::new(carried_max)));
    let mut proven = Vec::new();
    let mut logs = replay.logs.into_values().peekable();
    while logs.peek().is_some() {
        let some = logs.by_ref().take(PROVEN_TOGETHER);
        let carried = concurrent::for_each(reactor, PROVEN_AT_ONCE, some, |mut log| {
            let (reactor, path, shared) = (reactor.clone(), path.to_owned(), shared.clone());
            async move {
                let (journals, room) = &*shared;
                let bytes = execute::take_carried(&reactor, &path, journals, &mut log, room).await;
                bytes.map(|bytes| (log, bytes))
            }
        });
        let mut some = Vec::new();
        for outcome in carried.await {
            let (log, bytes) = outcome.map_err(&failed)?;
            report.carried_bytes += bytes;
            some.push(log);
        }
        blocks::put_aside(reactor, path, boot, some.iter()).await.map_err(&failed)?;
        let outcomes = concurrent::for_each(reactor, PROVEN_AT_ONCE, some, |mut log| {
            let (reactor, path, shared) = (reactor.clone(), path.to_owned(), shared.clone());
            async move {
                if log.pending.is_empty() && !log.gap {
                    return Ok((log, Proven::default()));
                }
                let proven = execute::prove(&reactor, &path, &shared.0, &mut log).await;
                proven.map(|proven| (log, proven))
            }
        });
        for outcome in outcomes.await {
            let (log, found) = outcome.map_err(&failed)?;
            report.inline_bytes += found.inline_bytes;
            report.verified_bytes += found.verified_bytes;
            proven.push((log, found.damage));
        }
    }
    // Also when nothing was created here: the process that died may have created files and not come to sync.
    reactor.sync_directory(&segments).await.map_err(fault("syncing", &segments))?;
    Ok(proven)
}

async fn write_catalog(
    reactor: &Reactor,
    path: &Path,
    boot: u64,
    next_log: u64,
    logs: &[(ReplayedLog, Option<Damage>)],
    reserve: &Reserve,
) -> Result<(), OpenError> {
    let mut writer = CatalogWriter::catalog(boot, next_log);
    for (log, _) in logs {
        writer.log(&log.state, log.attachment.as_ref());
    }
    for carried in logs.iter().filter_map(|(log, _)| log.carried.as_ref()) {
        writer.carried(carried.log, carried.base_offset, &carried.bytes);
    }
    let bytes = writer.finish();
    let file = path.join(names::CATALOG);
    let mut written = reactor.write_file_durably(&file, &bytes).await;
    if written.as_ref().is_err_and(is_full) {
        // A full disk must not keep the node from starting: this is what the reserve is for.
        reserve.give_up(reactor, path).await;
        written = reactor.write_file_durably(&file, &bytes).await;
    }
    written.map_err(fault("writing", &file))
}

type Compared = (Vec<RecoveredLog>, Vec<(FileId, u64)>);

/// Finds segments whose file is missing or too short, and files that no log refers to.
async fn compare_files(
    reactor: &Reactor,
    segments: &Path,
    logs: Vec<(ReplayedLog, Option<Damage>)>,
) -> Result<Compared, OpenError> {
    let entries = reactor.read_directory(segments).await.map_err(fault("listing", segments))?;
    let mut files = BTreeMap::new();
    let mut indexes = BTreeSet::new();
    for (kind, entry) in kinds(&entries) {
        match kind {
            Kind::Segment(file) => drop(files.insert(file, entry.length)),
            Kind::Index(file) => drop(indexes.insert(file)),
            _ => {}
        }
    }
    let mut used = BTreeSet::new();
    let mut recovered = Vec::new();
    for (log, mut damage) in logs {
        let carried = log.carried.map_or_else(Vec::new, |carried| carried.bytes);
        let last = log.state.segments.len().saturating_sub(1);
        for (index, segment) in log.state.segments.iter().enumerate() {
            let elsewhere = if index == last { carried.len() as u64 } else { 0 };
            let needed = segment.length - elsewhere;
            used.insert(segment.file);
            let length = files.get(&segment.file).copied().unwrap_or(0);
            if needed > 0 && length < DATA_START + needed && damage.is_none() {
                damage = Some(Damage {
                    log: log.state.log,
                    segment: segment.base_offset,
                    position: length,
                    reason: format!("file {} is missing or too short", segment.file),
                });
            }
        }
        recovered.push(RecoveredLog { state: log.state, attachment: log.attachment, carried, damage });
    }
    for file in indexes.iter().filter(|file| !used.contains(file)) {
        let name = segments.join(names::index_name(*file));
        reactor.remove_file(&name).await.ok();
    }
    files.retain(|file, _| !used.contains(file));
    Ok((recovered, files.into_iter().collect()))
}

/// Removes journals and checkpoints of domains that will not run. Their boot is over.
async fn remove_leftovers(reactor: &Reactor, config: &DirectoryConfig, entries: &[DirectoryEntry]) {
    for (kind, entry) in kinds(entries) {
        if let Kind::Journal(domain, _) | Kind::Checkpoint(domain) | Kind::Cover(domain) = kind
            && domain >= config.domains.max(1)
        {
            reactor.remove_file(&config.path.join(&entry.name)).await.ok();
        }
    }
}
