//! A group with its lag.

use super::named;
use crate::native::NativeArguments;
use crate::table::Table;
use anyhow::Result;
use clap::Args;
use ringlog_client::Client;
use ringlog_model::PartitionIndex;
use ringlog_native::body::{
    GroupDescribe, GroupDescribeReply, GroupMember, Isolation, OffsetQuery, TopicPlace,
};
use std::collections::BTreeMap;
use std::io::{Write, stdout};

#[derive(Args)]
pub(crate) struct DescribeArguments {
    /// The group's name
    group: String,
    #[command(flatten)]
    native: NativeArguments,
}

pub(super) fn run(arguments: DescribeArguments) -> Result<()> {
    let native = arguments.native.clone();
    native.run(move |client| describe(client, arguments.group))
}

async fn describe(client: Client, name: String) -> Result<()> {
    let question = GroupDescribe { group: name.clone() };
    let group: GroupDescribeReply = client.ask(&question).await.map_err(|error| named(error, &name))?;
    let mut out = stdout().lock();
    writeln!(out, "group:    {name}")?;
    writeln!(out, "state:    {}", group.state)?;
    writeln!(out, "protocol: {}", group.kind)?;
    if !group.assignor.is_empty() {
        writeln!(out, "assignor: {}", group.assignor)?;
    }
    writeln!(out, "members:  {}", group.members.len())?;
    writeln!(out)?;
    drop(out);
    partitions(&client, &group).await?;
    if !group.members.is_empty() {
        writeln!(stdout())?;
        members(&group.members)?;
    }
    Ok(())
}

/// What is known of one partition.
#[derive(Default)]
struct Line<'a> {
    committed: Option<i64>,
    member: Option<&'a GroupMember>,
}

/// A line for each partition that has an offset or a consumer.
async fn partitions(client: &Client, group: &GroupDescribeReply) -> Result<()> {
    let mut lines: BTreeMap<(&str, i32), Line<'_>> = BTreeMap::new();
    for offset in &group.offsets {
        lines.entry((&offset.topic, offset.partition)).or_default().committed = Some(offset.offset.0);
    }
    for member in &group.members {
        for (topic, partition) in &member.partitions {
            lines.entry((topic, *partition)).or_default().member = Some(member);
        }
    }
    let mut places: BTreeMap<&str, Option<TopicPlace>> = BTreeMap::new();
    let mut table = Table::default();
    table.row(["TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "CONSUMER"].map(str::to_owned));
    for ((topic, partition), Line { committed, member }) in lines {
        if !places.contains_key(topic) {
            places.insert(topic, client.topic(topic).await.ok());
        }
        let end = match places.get(topic) {
            Some(Some(place)) => end(client, place, partition).await,
            _ => None,
        };
        let lag = committed.zip(end).map(|(committed, end)| (end - committed).max(0));
        let shown = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        table.row([
            topic.to_owned(),
            partition.to_string(),
            shown(committed),
            shown(end),
            shown(lag),
            member.map_or_else(|| "-".to_owned(), |member| format!("{} {}", member.client, member.host)),
        ]);
    }
    table.print()
}

/// The end of a partition; none if its leader does not answer or the topic is gone.
pub(super) async fn end(client: &Client, topic: &TopicPlace, partition: i32) -> Option<i64> {
    let index = PartitionIndex(partition);
    let found = client.list_offset(topic, index, OffsetQuery::End, Isolation::ReadUncommitted).await;
    found.ok().map(|found| found.offset.0)
}

fn members(members: &[GroupMember]) -> Result<()> {
    let mut table = Table::default();
    table.row(["MEMBER", "CLIENT", "HOST", "PARTITIONS"].map(str::to_owned));
    for member in members {
        let count = member.partitions.len().to_string();
        table.row([member.member.clone(), member.client.clone(), member.host.clone(), count]);
    }
    table.print()
}
