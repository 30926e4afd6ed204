//! `cargo xtask messages`: our Kafka schema against the definitions inside a `kafka-clients` archive.
//!
//! The archive carries `common/message/*.json`, from which the Java client itself is generated. Compared are names,
//! types, versions, nullability, tags, defaults and whether a field may be dropped; in the versions that we
//! implement, because the JSON still speaks of versions that are no longer valid.

mod compare;
mod facts;
mod json;
mod maven;

use crate::codegen::Schema;
use anyhow::{Context, Result, bail};
use json::Archive;
use std::path::{Path, PathBuf};

/// Options of the command.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A kafka-clients archive; without it Maven resolves the newest
    #[arg(long, conflicts_with = "version")]
    jar: Option<PathBuf>,
    /// The version that Maven resolves
    #[arg(long, default_value = "RELEASE")]
    version: String,
}

/// Compares the whole schema, prints every difference, and fails if there is any.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let jar = match &arguments.jar {
        Some(jar) => jar.clone(),
        None => maven::artifact(root, "org.apache.kafka:kafka-clients", &arguments.version)?,
    };
    let mut archive = Archive::open(&jar)?;
    let schema = Schema::read(&root.join("protocol/kafka/schema"))?;
    let mut differences = Vec::new();
    let mut fields = 0;
    for api in &schema.apis {
        compare::api(api, &mut archive, &mut differences)?;
    }
    let messages = schema.apis.iter().flat_map(|api| [&api.request, &api.response]).chain(&schema.headers);
    for message in messages {
        let definition = archive.message(message.name())?;
        compare::message(message, &definition, &mut differences)?;
        fields += message.structures.iter().map(|structure| structure.fields.len()).sum::<usize>();
    }
    facts::compare(root, &jar, &mut differences).context("error codes and API keys")?;
    let name = jar.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if differences.is_empty() {
        println!(
            "{} APIs, {fields} fields, the error codes and the API keys are those of {name}",
            schema.apis.len()
        );
        return Ok(());
    }
    for difference in &differences {
        println!("{difference}");
    }
    bail!("{} differences from {name}", differences.len())
}
