//! What every text file has to keep to.

use super::{Complaint, Source};
use anyhow::{Context, Result};
use cargo_metadata::{Metadata, TargetKind};
use std::path::Path;

/// Files longer than this hold more than one idea.
const LINES_MAX: usize = 700;
/// Written by `cargo xtask codegen`, not by hand.
const GENERATED: &str = "protocol/kafka/src/messages/";
/// The reactor is the only room with unsafe code. Its measurement drives a bare ring beside it, which cannot be done
/// without; nothing depends on that.
const UNSAFE_ROOMS: &[&str] = &["reactor/", "benches/src/bin/reactor_cost/"];

/// Every crate root but the reactor's forbids unsafe code.
pub(super) fn check_roots(metadata: &Metadata, root: &Path) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for package in metadata.workspace_packages() {
        for target in &package.targets {
            let is_root = target.kind.iter().any(|kind| matches!(kind, TargetKind::Lib | TargetKind::Bin));
            let path =
                target.src_path.strip_prefix(root.to_string_lossy().as_ref()).unwrap_or(&target.src_path);
            if !is_root || may_be_unsafe(path.as_str()) {
                continue;
            }
            let text = std::fs::read_to_string(&target.src_path).with_context(|| path.to_string())?;
            if !text.contains("#![forbid(unsafe_code)]") {
                complaints.push(Complaint::new(
                    path.as_str(),
                    1,
                    "a crate root says #![forbid(unsafe_code)]",
                ));
            }
        }
    }
    Ok(complaints)
}

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let extension = source.path.rsplit('.').next().unwrap_or_default();
    let is_rust = extension == "rs";
    let is_ours = matches!(extension, "rs" | "toml" | "md" | "sh" | "py");
    let lines = source.text.lines().count();
    if is_rust && lines > LINES_MAX && !source.path.starts_with(GENERATED) {
        let rule = format!("{lines} lines: a file above {LINES_MAX} holds more than one idea");
        complaints.push(Complaint::new(&source.path, 0, rule));
    }
    for (index, line) in source.text.lines().enumerate() {
        let mut complain = |rule: &str| complaints.push(Complaint::new(&source.path, index + 1, rule));
        if is_ours && (line.contains('\t') || line.ends_with([' ', '\t'])) {
            complain("no tabs, no white space at a line's end");
        }
        if is_rust {
            if let Some(name) = leftover(line) {
                complain(&format!("{name}! is left over"));
            }
            if has_unsafe(line) && !may_be_unsafe(&source.path) {
                complain("unsafe code belongs to the reactor");
            }
        }
        if names_machine_path(line) {
            complain("a path of one machine");
        }
    }
    if is_rust && may_be_unsafe(&source.path) {
        complaints.extend(unexplained_unsafe(source));
    }
    complaints
}

fn may_be_unsafe(path: &str) -> bool {
    UNSAFE_ROOMS.iter().any(|room| path.starts_with(room))
}

fn leftover(line: &str) -> Option<&'static str> {
    let code = code_of(line);
    ["todo", "unimplemented", "dbg"]
        .into_iter()
        .find(|name| code.match_indices(&format!("{name}!(")).any(|(at, _)| !code[..at].ends_with(is_word)))
}

fn has_unsafe(line: &str) -> bool {
    let code = code_of(line);
    ["unsafe {", "unsafe fn ", "unsafe impl ", "unsafe extern "].iter().any(|form| {
        // In quotes it is a text about unsafe code, as here.
        code.match_indices(form).any(|(at, _)| !code[..at].ends_with(is_word) && !code[..at].ends_with('"'))
    })
}

/// Unsafe blocks and impls without a `// SAFETY:` in the comment above their statement. (An `unsafe fn` states its
/// contract in its documentation, which clippy asks for.)
fn unexplained_unsafe(source: &Source) -> Vec<Complaint> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut complaints = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if !has_unsafe(line) || code_of(line).contains("unsafe fn ") {
            continue;
        }
        let explained = line.contains("SAFETY:")
            || lines[..index]
                .iter()
                .rev()
                // The comment may stand above the first line of a longer statement, or above a group of impls.
                .take(14)
                .take_while(|above| !above.trim().is_empty())
                .any(|above| above.contains("SAFETY:"));
        if !explained {
            complaints.push(Complaint::new(
                &source.path,
                index + 1,
                "unsafe code is explained: // SAFETY: ...",
            ));
        }
    }
    complaints
}

/// Folders of a builder's own machine have no place in a repository.
fn names_machine_path(line: &str) -> bool {
    ["work", "root", "home", "farm"].iter().any(|folder| {
        line.match_indices(&format!("/{folder}/")).any(|(at, _)| {
            !line[..at]
                .ends_with(|before: char| before.is_ascii_alphanumeric() || "_.-$}{*)".contains(before))
        })
    })
}

/// The line without a comment at its end. Good enough for rules about words: a `//` inside a text only hides more.
pub(super) fn code_of(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

pub(super) fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}
