//! The directory tree: names as every process sees them, names as they are certain to be after a power loss, and
//! the changes in between.
//!
//! Each change (create, unlink, rename) is atomic: it survives whole or not at all. Changes that touch the same name
//! survive in their order; unrelated ones independently, because POSIX promises no more.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path};

use super::content::Sequence;
use super::survival::Survival;
use super::{InodeId, error};
use crate::simulation::random::Random;

type Directories = BTreeMap<InodeId, BTreeMap<OsString, InodeId>>;
/// A name inside a directory.
type Place = (InodeId, OsString);

#[derive(Debug, Clone)]
pub(crate) struct Names {
    root: InodeId,
    cached: Directories,
    durable: Directories,
    pending: Vec<Change>,
    links: BTreeMap<InodeId, u32>,
}

#[derive(Debug, Clone)]
struct Change {
    sequence: Sequence,
    removed: Option<(Place, InodeId)>,
    added: Option<(Place, InodeId)>,
    replaced: Option<InodeId>,
}

impl Change {
    fn places(&self) -> impl Iterator<Item = &Place> {
        self.removed.iter().chain(self.added.iter()).map(|(place, _)| place)
    }

    fn inodes(&self) -> impl Iterator<Item = InodeId> {
        self.removed.iter().chain(self.added.iter()).map(|(_, inode)| *inode).chain(self.replaced)
    }

    fn apply(&self, directories: &mut Directories) {
        if let Some(((directory, name), _)) = &self.removed {
            directories.entry(*directory).or_default().remove(name);
        }
        if let Some(((directory, name), inode)) = &self.added {
            directories.entry(*directory).or_default().insert(name.clone(), *inode);
        }
    }
}

impl Names {
    pub(crate) fn new(root: InodeId) -> Names {
        let empty = Directories::from([(root, BTreeMap::new())]);
        Names {
            root,
            cached: empty.clone(),
            durable: empty,
            pending: Vec::new(),
            links: BTreeMap::from([(root, 1)]),
        }
    }

    pub(crate) fn find(&self, path: &Path) -> io::Result<InodeId> {
        let mut at = self.root;
        for name in components(path)? {
            let directory = self.cached.get(&at).ok_or_else(|| error(libc::ENOTDIR))?;
            at = *directory.get(name).ok_or_else(|| error(libc::ENOENT))?;
        }
        Ok(at)
    }

    pub(crate) fn entries(&self, directory: InodeId) -> impl Iterator<Item = (&OsString, InodeId)> {
        self.cached.get(&directory).into_iter().flatten().map(|(name, inode)| (name, *inode))
    }

    pub(crate) fn is_empty(&self, directory: InodeId) -> bool {
        self.entries(directory).next().is_none()
    }

    /// Whether a name that processes see leads to this inode.
    pub(crate) fn is_linked(&self, inode: InodeId) -> bool {
        self.links.contains_key(&inode)
    }

    /// Whether a power loss could bring back a name of this inode.
    pub(crate) fn may_return(&self, inode: InodeId) -> bool {
        self.pending.iter().any(|change| change.inodes().any(|other| other == inode))
            || self.durable.values().any(|names| names.values().any(|other| *other == inode))
    }

    pub(crate) fn link(
        &mut self,
        path: &Path,
        inode: InodeId,
        directory: bool,
        sequence: Sequence,
    ) -> io::Result<()> {
        let place = self.place(path)?;
        if directory {
            self.cached.insert(inode, BTreeMap::new());
            self.durable.insert(inode, BTreeMap::new());
        }
        self.record(Change { sequence, removed: None, added: Some((place, inode)), replaced: None });
        Ok(())
    }

    pub(crate) fn unlink(&mut self, path: &Path, sequence: Sequence) -> io::Result<()> {
        let inode = self.find(path)?;
        let place = self.place(path)?;
        self.record(Change { sequence, removed: Some((place, inode)), added: None, replaced: None });
        Ok(())
    }

    pub(crate) fn rename(&mut self, from: &Path, to: &Path, sequence: Sequence) -> io::Result<()> {
        let moved = self.find(from)?;
        let replaced = self.find(to).ok();
        let (from, to) = (self.place(from)?, self.place(to)?);
        self.record(Change { sequence, removed: Some((from, moved)), added: Some((to, moved)), replaced });
        Ok(())
    }

    /// Makes durable the changes of one directory up to `upto`, and whatever earlier change of the same names in
    /// other directories they stand on. Returns the inodes that lost a name for good.
    pub(crate) fn sync(&mut self, directory: InodeId, upto: Sequence) -> Vec<InodeId> {
        let mut names: BTreeSet<Place> = BTreeSet::new();
        let mut chosen = vec![false; self.pending.len()];
        for (index, change) in self.pending.iter().enumerate().rev() {
            let asked = change.sequence <= upto && change.places().any(|(at, _)| *at == directory);
            if asked || change.places().any(|place| names.contains(place)) {
                chosen[index] = true;
                names.extend(change.places().cloned());
            }
        }
        let mut chosen = chosen.into_iter();
        let (committed, pending): (Vec<Change>, Vec<Change>) =
            std::mem::take(&mut self.pending).into_iter().partition(|_| chosen.next().unwrap_or(false));
        self.pending = pending;
        committed.iter().for_each(|change| change.apply(&mut self.durable));
        committed
            .into_iter()
            .flat_map(|change| change.removed.map(|(_, inode)| inode).into_iter().chain(change.replaced))
            .collect()
    }

    /// Keeps of the pending changes what `survival` says, and forgets directories that no name leads to.
    pub(crate) fn lose_power(&mut self, survival: &Survival, random: &mut Random) {
        let mut lost: BTreeSet<Place> = BTreeSet::new();
        for change in std::mem::take(&mut self.pending) {
            let survives = survival.write_survives(change.sequence, random);
            if survives && !change.places().any(|place| lost.contains(place)) {
                change.apply(&mut self.durable);
            } else {
                lost.extend(change.places().cloned());
            }
        }
        self.cached = BTreeMap::new();
        self.links = BTreeMap::from([(self.root, 1)]);
        self.keep_reachable(self.root);
        self.durable = self.cached.clone();
    }

    fn keep_reachable(&mut self, root: InodeId) {
        let is_directory: BTreeSet<InodeId> = self.durable.keys().copied().collect();
        let mut queue = vec![root];
        while let Some(directory) = queue.pop() {
            let entries = self.durable.get(&directory).cloned().unwrap_or_default();
            for inode in entries.values() {
                *self.links.entry(*inode).or_default() += 1;
                queue.extend(is_directory.get(inode));
            }
            self.cached.insert(directory, entries);
        }
    }

    fn record(&mut self, change: Change) {
        for inode in change.removed.iter().map(|(_, inode)| *inode).chain(change.replaced) {
            if let Some(count) = self.links.get_mut(&inode) {
                *count -= 1;
                if *count == 0 {
                    self.links.remove(&inode);
                }
            }
        }
        if let Some((_, inode)) = change.added {
            *self.links.entry(inode).or_default() += 1;
        }
        change.apply(&mut self.cached);
        self.pending.push(change);
    }

    fn place(&self, path: &Path) -> io::Result<Place> {
        let mut names = components(path)?;
        let name = names.pop().ok_or_else(|| error(libc::EINVAL))?;
        let mut at = self.root;
        for parent in names {
            let directory = self.cached.get(&at).ok_or_else(|| error(libc::ENOTDIR))?;
            at = *directory.get(parent).ok_or_else(|| error(libc::ENOENT))?;
        }
        if !self.cached.contains_key(&at) {
            return Err(error(libc::ENOTDIR));
        }
        Ok((at, name.to_os_string()))
    }
}

/// The names along a path from the root. There is no working directory: a relative path starts at the root as well.
fn components(path: &Path) -> io::Result<Vec<&OsStr>> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name),
            Component::ParentDir => drop(names.pop()),
            Component::RootDir | Component::CurDir => {}
            Component::Prefix(_) => return Err(error(libc::EINVAL)),
        }
    }
    Ok(names)
}
