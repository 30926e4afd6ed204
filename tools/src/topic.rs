//! `ringlog topic create|list|describe|alter|delete`

use crate::native::{NativeArguments, explained};
use crate::table::Table;
use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use ringlog_client::{Client, ClientError};
use ringlog_model::NodeId;
use ringlog_native::ErrorCode;
use ringlog_native::body::{
    ConfigAlter, ConfigAlterReply, ConfigHolder, Isolation, OffsetQuery, PartitionDescription, TopicCreate,
    TopicCreateReply, TopicDelete, TopicDeleteReply, TopicDescribe, TopicDescribeReply, TopicGrow,
    TopicGrowReply, TopicList, TopicListReply, TopicPlace,
};
use std::io::{Write, stdout};

#[derive(Subcommand)]
pub(crate) enum TopicCommand {
    /// Create a topic
    #[command(after_help = "\
Examples:
  ringlog topic create orders
  ringlog topic create orders --partitions 4 --config max.message.bytes=4194304
  ringlog topic create clicks --config durability=written")]
    Create(CreateArguments),
    /// List all topics
    List(ListArguments),
    /// Show a topic's partitions, offsets and configuration
    Describe(NamedArguments),
    /// Give a topic more partitions, change its configuration
    #[command(after_help = "\
Examples:
  ringlog topic alter orders --partitions 8
  ringlog topic alter orders --config retention.ms=3600000 --delete-config segment.ms")]
    Alter(AlterArguments),
    /// Delete a topic and its records
    Delete(NamedArguments),
}

#[derive(Args)]
pub(crate) struct CreateArguments {
    /// The topic's name
    topic: String,
    /// How many partitions [default: the cluster's]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// How many replicas of each partition [default: the cluster's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i16).range(1..))]
    replication_factor: Option<i16>,
    /// A configuration of the topic; may be repeated
    #[arg(long, short, value_name = "KEY=VALUE", value_parser = key_value)]
    config: Vec<(String, String)>,
    #[command(flatten)]
    native: NativeArguments,
}

#[derive(Args)]
pub(crate) struct ListArguments {
    /// Print names only, one a line
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    native: NativeArguments,
}

#[derive(Args)]
pub(crate) struct NamedArguments {
    /// The topic's name
    topic: String,
    #[command(flatten)]
    native: NativeArguments,
}

#[derive(Args)]
pub(crate) struct AlterArguments {
    /// The topic's name
    topic: String,
    /// How many partitions it shall have, more than now; keys may map to other partitions from then on
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// A configuration to set; may be repeated
    #[arg(long, short, value_name = "KEY=VALUE", value_parser = key_value)]
    config: Vec<(String, String)>,
    /// A configuration to put back to its default; may be repeated
    #[arg(long, value_name = "KEY")]
    delete_config: Vec<String>,
    #[command(flatten)]
    native: NativeArguments,
}

pub(crate) fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a configuration is KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(crate) fn run(command: TopicCommand) -> Result<()> {
    match command {
        TopicCommand::Create(arguments) => {
            let native = arguments.native.clone();
            native.run(|client| create(client, arguments))
        }
        TopicCommand::List(arguments) => {
            let native = arguments.native.clone();
            native.run(move |client| list(client, arguments.quiet))
        }
        TopicCommand::Describe(arguments) => arguments.native.run(|client| describe(client, arguments.topic)),
        TopicCommand::Alter(arguments) => {
            let native = arguments.native.clone();
            native.run(|client| alter(client, arguments))
        }
        TopicCommand::Delete(arguments) => arguments.native.run(|client| delete(client, arguments.topic)),
    }
}

async fn create(client: Client, arguments: CreateArguments) -> Result<()> {
    let name = arguments.topic;
    let question = TopicCreate {
        name: name.clone(),
        partitions: arguments.partitions.unwrap_or(-1),
        replication_factor: arguments.replication_factor.unwrap_or(-1),
        configs: arguments.config,
    };
    let created: TopicCreateReply = client.ask(&question).await.map_err(explained)?;
    let plural = if created.partitions == 1 { "" } else { "s" };
    writeln!(stdout(), "created topic {name} with {} partition{plural}", created.partitions)?;
    Ok(())
}

async fn alter(client: Client, arguments: AlterArguments) -> Result<()> {
    let AlterArguments { topic, partitions, config, delete_config, .. } = arguments;
    if partitions.is_none() && config.is_empty() && delete_config.is_empty() {
        return Err(anyhow!("nothing to change: give --partitions, --config or --delete-config"));
    }
    if !config.is_empty() || !delete_config.is_empty() {
        let question = ConfigAlter {
            holder: ConfigHolder::Topic,
            name: topic.clone(),
            set: config,
            delete: delete_config,
        };
        let _: ConfigAlterReply = client.ask(&question).await.map_err(|error| named(error, &topic))?;
    }
    if let Some(partitions) = partitions {
        let question = TopicGrow { name: topic.clone(), partitions };
        let _: TopicGrowReply = client.ask(&question).await.map_err(|error| named(error, &topic))?;
    }
    writeln!(stdout(), "altered topic {topic}")?;
    Ok(())
}

async fn list(client: Client, quiet: bool) -> Result<()> {
    let listed: TopicListReply = client.ask(&TopicList).await.map_err(explained)?;
    let mut table = Table::default();
    if !quiet {
        table.row(["TOPIC", "PARTITIONS", "REPLICAS", "ID"].map(str::to_owned));
    }
    for topic in listed.topics {
        let rest =
            [topic.partitions.to_string(), topic.replication_factor.to_string(), topic.topic.to_string()];
        table.row([topic.name].into_iter().chain(rest.into_iter().filter(|_| !quiet)));
    }
    table.print()
}

async fn describe(client: Client, name: String) -> Result<()> {
    let topic: TopicDescribeReply =
        client.ask(&TopicDescribe { name: name.clone() }).await.map_err(|error| named(error, &name))?;
    let place = client.topic(&name).await.map_err(explained)?;
    let mut out = stdout().lock();
    writeln!(out, "topic:      {}", topic.name)?;
    writeln!(out, "id:         {}", topic.topic)?;
    writeln!(out, "partitions: {}", topic.partitions.len())?;
    for (at, (key, value)) in topic.configs.iter().enumerate() {
        let label = if at == 0 { "config:" } else { "" };
        writeln!(out, "{label:<11} {key}={value}")?;
    }
    writeln!(out)?;
    drop(out);
    let mut table = Table::default();
    let head = ["PARTITION", "LEADER", "EPOCH", "SHARD", "REPLICAS", "IN SYNC", "BEGINNING", "END"];
    table.row(head.map(str::to_owned));
    for partition in &topic.partitions {
        let beginning = offset(&client, &place, partition, OffsetQuery::Beginning).await;
        let end = offset(&client, &place, partition, OffsetQuery::End).await;
        table.row([
            partition.index.to_string(),
            if partition.leader == NodeId::NONE { "none".to_owned() } else { partition.leader.to_string() },
            partition.epoch.to_string(),
            partition.shard.to_string(),
            nodes(&partition.replicas),
            nodes(&partition.in_sync),
            beginning,
            end,
        ]);
    }
    table.print()
}

/// A partition whose leader does not answer is shown all the same.
async fn offset(
    client: &Client,
    topic: &TopicPlace,
    partition: &PartitionDescription,
    query: OffsetQuery,
) -> String {
    let found = client.list_offset(topic, partition.index, query, Isolation::ReadUncommitted).await;
    found.map_or_else(|_| "?".to_owned(), |found| found.offset.to_string())
}

fn nodes(nodes: &[NodeId]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

async fn delete(client: Client, name: String) -> Result<()> {
    let question = TopicDelete { name: name.clone() };
    let _: TopicDeleteReply = client.ask(&question).await.map_err(|error| named(error, &name))?;
    writeln!(stdout(), "deleted topic {name}")?;
    Ok(())
}

pub(crate) fn named(error: ClientError, name: &str) -> anyhow::Error {
    match error.code() {
        Some(ErrorCode::UnknownTopicOrPartition) => {
            anyhow!("there is no topic {name:?}. `ringlog topic list` lists what there is")
        }
        _ => explained(error),
    }
}
