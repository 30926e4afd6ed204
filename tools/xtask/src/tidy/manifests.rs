//! Dependencies: versions stand in the root manifest only, and every line there gives its reason.

use super::{Complaint, Source};

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let is_root = source.path == "Cargo.toml";
    // A workspace of its own, for a dependency in a version that this one cannot have beside its own.
    if !is_root && source.text.lines().any(|line| line.trim() == "[workspace]") {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    let mut section = "";
    for (index, line) in source.text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            continue;
        }
        if !section.ends_with("dependencies") || line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (entry, reason) = line.split_once(" #").unwrap_or((line, ""));
        if is_root {
            let ours = entry.contains("path = ");
            if !ours && reason.trim().is_empty() {
                complaints.push(Complaint::new(
                    &source.path,
                    index + 1,
                    "a dependency gives its reason: `# why`",
                ));
            }
        } else if entry.contains('=') && !entry.contains("workspace = true") {
            let rule = "versions are pinned in the root manifest: `name.workspace = true`";
            complaints.push(Complaint::new(&source.path, index + 1, rule));
        }
    }
    complaints
}
