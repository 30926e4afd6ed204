//! `cargo xtask messages`: our Kafka schema against the definitions inside Kafka's own archives.
//!
//! They carry `common/message/*.json`, from which Kafka's own classes are generated: `kafka-clients` those of the APIs,
//! `kafka-group-coordinator` those of the records of groups and their offsets. Compared are names,
//! types, versions, nullability, tags, defaults and whether a field may be dropped; in the versions that we
//! implement, because the JSON still speaks of versions that are no longer valid. Then the client's own classes read
//! and write back what our codec writes, for every API and version.

mod compare;
mod facts;
mod json;
mod maven;

use crate::codegen::Schema;
use anyhow::{Context, Result, bail, ensure};
use json::Archives;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Options of the command.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A kafka-clients archive, and after it others with definitions (kafka-group-coordinator); without any Maven resolves
    /// the newest
    #[arg(long, conflicts_with = "version")]
    jar: Vec<PathBuf>,
    /// The version that Maven resolves
    #[arg(long, default_value = NEWEST)]
    version: String,
}

impl Arguments {
    /// The newest archive that Maven finds.
    pub(crate) fn newest() -> Arguments {
        Arguments { jar: Vec::new(), version: NEWEST.to_string() }
    }
}

/// Maven's word for the newest version.
const NEWEST: &str = "RELEASE";

/// Compares the whole schema, prints every difference, and fails if there is any.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let mut jars = arguments.jar.clone();
    if jars.is_empty() {
        for artifact in ["org.apache.kafka:kafka-clients", "org.apache.kafka:kafka-group-coordinator"] {
            jars.push(maven::artifact(root, artifact, &arguments.version)?);
        }
    }
    let mut archive = Archives::open(&jars)?;
    let client = &jars[0];
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
    // The client's classes do not load without its logging interface.
    let logging = maven::artifact(root, "org.slf4j:slf4j-api", "1.7.36")?;
    let classpath = format!("{}:{}", client.display(), logging.display());
    facts::compare(root, &classpath, &mut differences).context("error codes and API keys")?;
    let names = jars.iter().map(|jar| jar.file_name().unwrap_or_default().to_string_lossy());
    let name = names.collect::<Vec<_>>().join(" and ");
    if differences.is_empty() {
        println!(
            "{} APIs, {fields} fields, the error codes and the API keys are those of {name}",
            schema.apis.len()
        );
        return exchange(root, &classpath);
    }
    for difference in &differences {
        println!("{difference}");
    }
    bail!("{} differences from {name}", differences.len())
}

/// Lets the client's classes read and write what our codec writes: the test `java` of ringlog-kafka.
fn exchange(root: &Path, classpath: &str) -> Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "-p", "ringlog-kafka", "--test", "java", "--", "--ignored", "--nocapture"])
        .env("RINGLOG_KAFKA_CLASSPATH", classpath)
        .current_dir(root)
        .status()
        .context("cargo does not start")?;
    ensure!(status.success(), "the Java client does not read or write what our codec writes");
    Ok(())
}
