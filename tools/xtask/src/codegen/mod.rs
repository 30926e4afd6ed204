//! `cargo xtask codegen`: writes the Kafka messages of `protocol/kafka/src` from `protocol/kafka/schema`.

mod index;
mod rust;
pub(crate) mod schema;
mod testing;

pub(crate) use rust::snake;

use anyhow::{Context, Result, bail, ensure};
use schema::{Api, Definition, Message};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Options of the command.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail if a generated file does not match the schema
    #[arg(long)]
    check: bool,
}

impl Arguments {
    pub(crate) fn mode(&self) -> Mode {
        if self.check { Mode::Check } else { Mode::Write }
    }
}

/// What to do with the generated files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write those that differ and delete those that no schema stands for any more.
    Write,
    /// Fail if any differs.
    Check,
}

/// Generates the messages of the repository at `root`.
pub(crate) fn run(root: &Path, mode: Mode) -> Result<()> {
    let kafka = root.join("protocol/kafka");
    let schema = Schema::read(&kafka.join("schema"))?;
    let wanted = schema.files(root, &kafka.join("src"))?;
    let stale = stale(&kafka.join("src"), &wanted)?;
    match mode {
        Mode::Write => write(&wanted, &stale),
        Mode::Check if stale.is_empty() => Ok(()),
        Mode::Check => bail!("run `cargo xtask codegen`, these do not match the schema: {stale:?}"),
    }
}

/// All definitions, in the order of API keys.
pub(crate) struct Schema {
    pub(crate) apis: Vec<Api>,
    pub(crate) headers: Vec<Message>,
}

impl Schema {
    pub(crate) fn read(directory: &Path) -> Result<Schema> {
        let mut schema = Schema { apis: Vec::new(), headers: Vec::new() };
        for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "schema") {
                continue;
            }
            let text = fs::read_to_string(&path)?;
            match schema::parse(&text).with_context(|| path.display().to_string())? {
                Definition::Api(api) => {
                    let expected = format!("{}.schema", rust::snake(&api.name));
                    ensure!(path.ends_with(&expected), "{} belongs into {expected}", api.name);
                    schema.apis.push(api);
                }
                Definition::Headers(mut headers) => schema.headers.append(&mut headers),
            }
        }
        schema.apis.sort_by_key(|api| api.key);
        let doubled = schema.apis.windows(2).find(|pair| pair[0].key == pair[1].key);
        ensure!(doubled.is_none(), "an API key is defined twice");
        Ok(schema)
    }

    /// Every generated file with its content.
    fn files(&self, root: &Path, source: &Path) -> Result<BTreeMap<PathBuf, String>> {
        let (messages, testing) = (source.join("messages"), source.join("testing/messages"));
        let mut files = BTreeMap::from([
            (messages.join("mod.rs"), index::modules(&self.apis, &self.headers)),
            (messages.join("any.rs"), index::any(&self.apis)),
            (messages.join("versions.rs"), index::versions(&self.apis)),
            (testing.join("mod.rs"), index::generator_modules(&self.apis, &self.headers)),
        ]);
        let of_apis =
            self.apis.iter().flat_map(|api| [(&api.request, Some(api)), (&api.response, Some(api))]);
        for (message, api) in of_apis.chain(self.headers.iter().map(|header| (header, None))) {
            let name = format!("{}.rs", rust::snake(message.name()));
            let api = api.map(|api| api.name.as_str());
            files.insert(messages.join(&name), rust::message_file(message, api));
            files.insert(testing.join(&name), testing::generator_file(message));
        }
        for (path, text) in &mut files {
            *text = format(root, text).with_context(|| path.display().to_string())?;
        }
        Ok(files)
    }
}

/// The text as rustfmt would have it.
fn format(root: &Path, text: &str) -> Result<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt does not start")?;
    rustfmt.stdin.take().context("rustfmt takes no input")?.write_all(text.as_bytes())?;
    let output = rustfmt.wait_with_output()?;
    ensure!(output.status.success(), "rustfmt refuses the generated text:\n{text}");
    Ok(String::from_utf8(output.stdout)?)
}

/// The files that are missing, differ, or should not be there.
fn stale(source: &Path, wanted: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>> {
    let mut stale: Vec<PathBuf> = wanted
        .iter()
        .filter(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(text))
        .map(|(path, _)| path.clone())
        .collect();
    for directory in ["messages", "testing/messages"] {
        let Ok(entries) = fs::read_dir(source.join(directory)) else { continue };
        for entry in entries {
            let path = entry?.path();
            if !wanted.contains_key(&path) {
                stale.push(path);
            }
        }
    }
    Ok(stale)
}

fn write(wanted: &BTreeMap<PathBuf, String>, stale: &[PathBuf]) -> Result<()> {
    for path in stale {
        match wanted.get(path) {
            Some(text) => {
                fs::create_dir_all(path.parent().context("a file has a directory")?)?;
                fs::write(path, text)?;
            }
            None => fs::remove_file(path)?,
        }
        println!("{}", path.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_messages_match_the_schema() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        run(&root, Mode::Check).unwrap();
    }
}
