//! `ringlog group list|describe|reset|delete`

mod describe;
mod reset;
mod target;

use crate::native::{NativeArguments, explained};
use crate::table::Table;
use anyhow::{Result, anyhow, bail};
use clap::{Args, Subcommand};
use ringlog_client::{Client, ClientError};
use ringlog_native::ErrorCode;
use ringlog_native::body::{
    GroupDelete, GroupDeleteReply, GroupDescribe, GroupDescribeReply, GroupForget, GroupForgetReply,
    GroupList, GroupListReply,
};
use std::io::{Write, stdout};

#[derive(Subcommand)]
pub(crate) enum GroupCommand {
    /// List all groups
    List(ListArguments),
    /// Show a group's members, committed offsets and lag
    Describe(describe::DescribeArguments),
    /// Move a group's committed offsets; shows what it would do unless told to --execute
    Reset(Box<reset::ResetArguments>),
    /// Delete groups that have no members, or their offsets in one topic
    Delete(DeleteArguments),
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
pub(crate) struct DeleteArguments {
    /// The groups' names
    #[arg(required = true)]
    groups: Vec<String>,
    /// Delete only the offsets in this topic, and keep the group
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// Of the topic only this partition; may be repeated
    #[arg(long, value_name = "N", requires = "topic")]
    partition: Vec<i32>,
    #[command(flatten)]
    native: NativeArguments,
}

pub(crate) fn run(command: GroupCommand) -> Result<()> {
    match command {
        GroupCommand::List(arguments) => {
            let native = arguments.native.clone();
            native.run(move |client| list(client, arguments.quiet))
        }
        GroupCommand::Describe(arguments) => describe::run(arguments),
        GroupCommand::Reset(arguments) => reset::run(*arguments),
        GroupCommand::Delete(arguments) => {
            let native = arguments.native.clone();
            let DeleteArguments { groups, topic, partition, .. } = arguments;
            native.run(move |client| async move {
                match topic {
                    Some(topic) => forget(client, groups, topic, partition).await,
                    None => delete(client, groups).await,
                }
            })
        }
    }
}

async fn list(client: Client, quiet: bool) -> Result<()> {
    let listed: GroupListReply = client.ask(&GroupList).await.map_err(explained)?;
    let mut table = Table::default();
    if !quiet {
        table.row(["GROUP", "STATE", "PROTOCOL"].map(str::to_owned));
    }
    for group in listed.groups {
        let rest = [group.state, group.kind].into_iter().filter(|_| !quiet);
        table.row([group.group].into_iter().chain(rest));
    }
    table.print()
}

async fn delete(client: Client, groups: Vec<String>) -> Result<()> {
    for group in groups {
        let question = GroupDelete { group: group.clone() };
        let _: GroupDeleteReply = client.ask(&question).await.map_err(|error| named(error, &group))?;
        writeln!(stdout(), "deleted group {group}")?;
    }
    Ok(())
}

/// Deletes the groups' offsets in a topic, in these partitions or in all.
async fn forget(client: Client, groups: Vec<String>, topic: String, only: Vec<i32>) -> Result<()> {
    for group in groups {
        let question = GroupDescribe { group: group.clone() };
        let known: GroupDescribeReply = client.ask(&question).await.map_err(|error| named(error, &group))?;
        let committed = known.offsets.into_iter().filter(|offset| offset.topic == topic);
        let wanted = committed.filter(|offset| only.is_empty() || only.contains(&offset.partition));
        let partitions: Vec<_> = wanted.map(|offset| (offset.topic, offset.partition)).collect();
        if partitions.is_empty() {
            bail!(
                "group {group:?} has no offsets there: `ringlog group describe {group}` shows which it has"
            );
        }
        let count = partitions.len();
        let question = GroupForget { group: group.clone(), partitions };
        let _: GroupForgetReply = client.ask(&question).await.map_err(|error| named(error, &group))?;
        let offsets = if count == 1 { "offset" } else { "offsets" };
        writeln!(stdout(), "deleted {count} {offsets} of group {group} in topic {topic}")?;
    }
    Ok(())
}

/// What the node's refusal means for this group. The numbers are Kafka's.
fn named(error: ClientError, group: &str) -> anyhow::Error {
    match error.code().map(ErrorCode::number) {
        Some(69) => anyhow!("there is no group {group:?}. `ringlog group list` lists what there is"),
        Some(25 | 68) => anyhow!(
            "group {group:?} has members: stop its consumers first, `ringlog group describe {group}` lists them"
        ),
        Some(86) => anyhow!("members of group {group:?} read this topic: stop them first"),
        Some(14..=16) => anyhow!("the coordinator of group {group:?} is not available now; try again"),
        _ => explained(error),
    }
}
