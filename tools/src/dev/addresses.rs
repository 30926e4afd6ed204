//! Where the children listen, kept in the data directory so that either can be started again and they find each other.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

const NAME: &str = "addresses";

/// The file `addresses`: lines of `name=address`.
pub(super) struct Addresses {
    path: PathBuf,
    known: BTreeMap<String, SocketAddr>,
}

impl Addresses {
    /// What an earlier run left, if it is readable; it is only a preference.
    pub(super) fn load(data: &Path) -> Addresses {
        let path = data.join(NAME);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let line = |line: &str| {
            line.split_once('=').and_then(|(name, at)| Some((name.to_owned(), at.parse().ok()?)))
        };
        Addresses { path, known: text.lines().filter_map(line).collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<SocketAddr> {
        self.known.get(name).copied()
    }

    /// Replaces the file as a whole.
    pub(super) fn save(&mut self, addresses: &BTreeMap<String, SocketAddr>) -> Result<()> {
        self.known.extend(addresses.iter().map(|(name, &address)| (name.clone(), address)));
        let text: String = self.known.iter().map(|(name, address)| format!("{name}={address}\n")).collect();
        let temporary = self.path.with_extension("new");
        std::fs::write(&temporary, text)
            .and_then(|()| std::fs::rename(&temporary, &self.path))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_and_rubbish_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut addresses = Addresses::load(folder.path());
        assert_eq!(addresses.get("cluster"), None);
        let at: SocketAddr = "127.0.0.1:4711".parse().unwrap();
        addresses.save(&BTreeMap::from([("cluster".to_owned(), at)])).unwrap();
        assert_eq!(Addresses::load(folder.path()).get("cluster"), Some(at));
        std::fs::write(folder.path().join(NAME), "cluster=nowhere\n=\nrubbish").unwrap();
        assert_eq!(Addresses::load(folder.path()).get("cluster"), None);
    }
}
