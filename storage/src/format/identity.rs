//! `ringlog.format`: what kind of directory this is, as text that people can read.
//!
//! ```text
//! ringlog data directory
//! version 1
//! cluster AAAAAAAAAAAAAAAAAAAAAQ
//! node 1
//! ```
//! The last two lines are missing while the owner is not known.

use super::VERSION;
use crate::Identity;
use ringlog_model::{ClusterId, NodeId};

const TITLE: &str = "ringlog data directory";

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Described {
    /// This version, with the owner if known.
    Current(Option<Identity>),
    /// Another version.
    Other(String),
    /// Something else.
    Unreadable(&'static str),
}

/// The file's text.
#[must_use]
pub fn write(identity: Option<Identity>) -> String {
    let mut text = format!("{TITLE}\nversion {VERSION}\n");
    if let Some(identity) = identity {
        text.push_str(&format!("cluster {}\nnode {}\n", identity.cluster.0, identity.node));
    }
    text
}

/// Reads the file.
#[must_use]
pub fn read(bytes: &[u8]) -> Described {
    let Ok(text) = std::str::from_utf8(bytes) else { return Described::Unreadable("not text") };
    let mut lines = text.lines();
    if lines.next() != Some(TITLE) {
        return Described::Unreadable("the first line is another");
    }
    let Some(version) = lines.next().and_then(|line| line.strip_prefix("version ")) else {
        return Described::Unreadable("no version");
    };
    if version != VERSION.to_string() {
        return Described::Other(version.chars().take(32).collect());
    }
    let (Some(cluster), Some(node)) = (lines.next(), lines.next()) else { return Described::Current(None) };
    let cluster = cluster.strip_prefix("cluster ").and_then(|text| text.parse().ok());
    let node = node.strip_prefix("node ").and_then(|text| text.parse().ok());
    match (cluster, node) {
        (Some(cluster), Some(node)) => {
            Described::Current(Some(Identity { cluster: ClusterId(cluster), node: NodeId(node) }))
        }
        _ => Described::Unreadable("cluster or node cannot be read"),
    }
}
