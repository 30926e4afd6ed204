//! The message definitions inside the archives: JSON with comments.

use crate::codegen::schema::Range;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use zip::ZipArchive;

/// Open archives.
pub(super) struct Archives(Vec<ZipArchive<File>>);

impl Archives {
    pub(super) fn open(paths: &[PathBuf]) -> Result<Archives> {
        let open = |path: &PathBuf| {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            ZipArchive::new(file).with_context(|| path.display().to_string())
        };
        Ok(Archives(paths.iter().map(open).collect::<Result<_>>()?))
    }

    /// The definition of this name, in whichever archive it is.
    pub(super) fn message(&mut self, name: &str) -> Result<Object> {
        let path = format!("common/message/{}.json", theirs(name));
        let mut text = String::new();
        let archive = self.0.iter_mut().find(|archive| archive.index_for_name(&path).is_some());
        let archive = archive.with_context(|| format!("{path} is in none of the archives"))?;
        archive.by_name(&path).with_context(|| path.clone())?.read_to_string(&mut text)?;
        match serde_json::from_str(&without_comments(&text)).with_context(|| path.clone())? {
            Value::Object(map) => Ok(Object(map)),
            _ => bail!("{path} is no object"),
        }
    }
}

/// Keys of several records look alike; ours are defined once, here compared with one of theirs.
fn theirs(name: &str) -> &str {
    match name {
        "ConsumerGroupKey" => "ConsumerGroupMetadataKey",
        "ConsumerGroupMemberKey" => "ConsumerGroupMemberMetadataKey",
        other => other,
    }
}

/// An object of the JSON: a message, a structure or a field.
#[derive(Clone, Debug)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// A value as text, whatever its JSON type.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match self.0.get(key)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    pub(super) fn required(&self, key: &str) -> Result<String> {
        self.text(key).with_context(|| format!("`{key}` is missing in {:?}", self.text("name")))
    }

    pub(super) fn is_true(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool) == Some(true)
    }

    /// The objects of a list; none if it is not there.
    pub(super) fn list(&self, key: &str) -> Option<Vec<Object>> {
        let Value::Array(items) = self.0.get(key)? else { return None };
        let objects = items.iter().filter_map(Value::as_object);
        Some(objects.cloned().map(Object).collect())
    }

    /// Versions as far as they lie within `reach`.
    pub(super) fn versions(&self, key: &str, reach: Range) -> Result<Option<Range>> {
        match self.text(key).as_deref() {
            None | Some("none") => Ok(None),
            Some(text) => Ok(crate::codegen::schema::range(text, i16::MAX)?.within(reach)),
        }
    }
}

/// The text without its `//` comments, which JSON does not have.
fn without_comments(text: &str) -> String {
    let mut clean = String::new();
    for line in text.lines() {
        let mut in_string = false;
        let mut before = ' ';
        let mut end = line.len();
        for (at, letter) in line.char_indices() {
            if letter == '"' && before != '\\' {
                in_string = !in_string;
            }
            if !in_string && letter == '/' && before == '/' {
                end = at - 1;
                break;
            }
            before = letter;
        }
        clean.push_str(&line[..end]);
        clean.push('\n');
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_stay() {
        assert_eq!(without_comments("{ \"a\": \"b//c\" } // d"), "{ \"a\": \"b//c\" } \n");
    }
}
