//! Moving a group's committed offsets, in all the ways of Kafka's tool.

use super::named;
use super::target::{Target, read_duration, read_list, read_topic};
use crate::native::{NativeArguments, explained};
use crate::{moment, table::Table};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use ringlog_client::Client;
use ringlog_model::{Offset, PartitionIndex, Timestamp};
use ringlog_native::body::{
    GroupCommit, GroupCommitReply, GroupDescribe, GroupDescribeReply, GroupOffset, Isolation, OffsetQuery,
    TopicPlace,
};
use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Args)]
#[command(after_help = "\
Examples:
  ringlog group reset billing --topic orders --to-earliest              shows what would change
  ringlog group reset billing --topic orders --to-earliest --execute
  ringlog group reset billing --all-topics --to-datetime 2026-01-31T12:00:00Z --execute
  ringlog group reset billing --topic orders:0,3 --shift-by -100 --execute
  ringlog group reset billing --all-topics --to-current --export > offsets.csv
  ringlog group reset billing --from-file offsets.csv --execute

The group must have no members. Offsets beyond a log's ends are moved to the nearest end.")]
pub(crate) struct ResetArguments {
    /// The group's name; created if it does not exist
    group: String,
    /// A topic, or partitions of it as TOPIC:0,1; may be repeated
    #[arg(long, value_name = "TOPIC", conflicts_with = "all_topics")]
    topic: Vec<String>,
    /// All topics in which the group has offsets
    #[arg(long)]
    all_topics: bool,
    #[command(flatten)]
    target: TargetArguments,
    /// Do it
    #[arg(long, conflicts_with_all = ["dry_run", "export"])]
    execute: bool,
    /// Only show what would change; so it is unless told to --execute
    #[arg(long)]
    dry_run: bool,
    /// Print the new offsets as a file for --from-file
    #[arg(long)]
    export: bool,
    #[command(flatten)]
    native: NativeArguments,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct TargetArguments {
    /// To the first record of each partition
    #[arg(long)]
    to_earliest: bool,
    /// To the end of each partition
    #[arg(long)]
    to_latest: bool,
    /// To where it is: of use with --export
    #[arg(long)]
    to_current: bool,
    /// To this offset
    #[arg(long, value_name = "OFFSET")]
    to_offset: Option<i64>,
    /// By so many records forward, or back if negative
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    shift_by: Option<i64>,
    /// To the first record at or after this time
    #[arg(long, value_name = "TIME")]
    to_datetime: Option<String>,
    /// To the first record that is no older than this: P7D, PT1H30M
    #[arg(long, value_name = "DURATION")]
    by_duration: Option<String>,
    /// To the offsets in a file of lines topic,partition,offset
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
}

impl TargetArguments {
    fn target(&self) -> Result<Target> {
        if self.to_earliest {
            return Ok(Target::Earliest);
        }
        if self.to_latest {
            return Ok(Target::Latest);
        }
        if let Some(offset) = self.to_offset {
            return Ok(Target::Offset(offset));
        }
        if let Some(records) = self.shift_by {
            return Ok(Target::ShiftBy(records));
        }
        if let Some(time) = &self.to_datetime {
            let time = moment::parse(time)
                .ok_or_else(|| anyhow!("--to-datetime: {time:?} is no time: 2026-01-31T12:00:00Z"))?;
            return Ok(Target::Time(time));
        }
        if let Some(duration) = &self.by_duration {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
            let now = i64::try_from(now.as_millis()).context("the clock is far ahead")?;
            return Ok(Target::Time(now - read_duration(duration).context("--by-duration")?));
        }
        if let Some(path) = &self.from_file {
            let shown = path.display();
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
            return Ok(Target::Listed(read_list(&text).with_context(|| shown.to_string())?));
        }
        Ok(Target::Current)
    }
}

pub(super) fn run(arguments: ResetArguments) -> Result<()> {
    let target = arguments.target.target()?;
    let topics = arguments.topic.iter().map(|topic| read_topic(topic)).collect::<Result<Vec<_>>>()?;
    if topics.is_empty() && !arguments.all_topics && !matches!(target, Target::Listed(_)) {
        bail!("which topics? --topic TOPIC (may be repeated) or --all-topics");
    }
    let native = arguments.native.clone();
    native.run(move |client| reset(client, arguments, topics, target))
}

/// One partition's move.
struct Move {
    topic: String,
    partition: i32,
    from: Option<i64>,
    to: i64,
}

async fn reset(
    client: Client,
    arguments: ResetArguments,
    topics: Vec<(String, Option<Vec<i32>>)>,
    target: Target,
) -> Result<()> {
    let committed = committed(&client, &arguments.group).await?;
    let wanted = wanted(&client, &topics, &committed, &target).await?;
    if wanted.is_empty() {
        bail!("group {:?} has no offsets in these topics", arguments.group);
    }
    let mut places: BTreeMap<String, TopicPlace> = BTreeMap::new();
    let mut moves = Vec::new();
    for (topic, partition) in wanted {
        if !places.contains_key(&topic) {
            places.insert(topic.clone(), client.topic(&topic).await.map_err(explained)?);
        }
        let from = committed.get(&(topic.clone(), partition)).copied();
        let to = destination(&client, &places[&topic], partition, from, &target).await?;
        moves.push(Move { topic, partition, from, to });
    }
    if arguments.export {
        let mut out = stdout().lock();
        for Move { topic, partition, to, .. } in &moves {
            writeln!(out, "{topic},{partition},{to}")?;
        }
        return Ok(());
    }
    show(&moves)?;
    if !arguments.execute {
        writeln!(stdout(), "\nnothing was changed: --execute does it")?;
        return Ok(());
    }
    let offsets = moves.into_iter().map(|one| GroupOffset {
        topic: one.topic,
        partition: one.partition,
        offset: Offset(one.to),
    });
    let question = GroupCommit { group: arguments.group.clone(), offsets: offsets.collect() };
    let _: GroupCommitReply = client.ask(&question).await.map_err(|error| named(error, &arguments.group))?;
    writeln!(stdout(), "\ndone")?;
    Ok(())
}

/// What the group has committed; nothing if there is no such group yet.
async fn committed(client: &Client, group: &str) -> Result<BTreeMap<(String, i32), i64>> {
    let question = GroupDescribe { group: group.to_owned() };
    let described: Result<GroupDescribeReply, _> = client.ask(&question).await;
    match described {
        Ok(described) if !described.members.is_empty() => bail!(
            "group {group:?} has {} members: stop its consumers first, `ringlog group describe {group}` lists them",
            described.members.len()
        ),
        Ok(described) => {
            let offsets = described.offsets.into_iter();
            Ok(offsets.map(|offset| ((offset.topic, offset.partition), offset.offset.0)).collect())
        }
        Err(error) if error.code().is_some_and(|code| code.number() == 69) => Ok(BTreeMap::new()),
        Err(error) => Err(named(error, group)),
    }
}

async fn wanted(
    client: &Client,
    topics: &[(String, Option<Vec<i32>>)],
    committed: &BTreeMap<(String, i32), i64>,
    target: &Target,
) -> Result<Vec<(String, i32)>> {
    let mut wanted = Vec::new();
    for (topic, partitions) in topics {
        let place = client.topic(topic).await.map_err(explained)?;
        match partitions {
            Some(partitions) => wanted.extend(partitions.iter().map(|partition| (topic.clone(), *partition))),
            None => wanted.extend(place.partitions.iter().map(|place| (topic.clone(), place.index.0))),
        }
    }
    if topics.is_empty() {
        match target {
            Target::Listed(listed) => wanted.extend(listed.keys().cloned()),
            _ => wanted.extend(committed.keys().cloned()),
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    Ok(wanted)
}

async fn destination(
    client: &Client,
    topic: &TopicPlace,
    partition: i32,
    from: Option<i64>,
    target: &Target,
) -> Result<i64> {
    let index = PartitionIndex(partition);
    let find = async |query| {
        let found = client.list_offset(topic, index, query, Isolation::ReadUncommitted).await;
        found.map(|found| found.offset.0).map_err(explained)
    };
    let (first, end) = (find(OffsetQuery::Beginning).await?, find(OffsetQuery::End).await?);
    let nothing = || anyhow!("the group has committed nothing in {}-{partition}", topic.name);
    let to = match target {
        Target::Earliest => first,
        Target::Latest => end,
        Target::Current => from.ok_or_else(nothing)?,
        Target::Offset(offset) => *offset,
        Target::ShiftBy(records) => from.ok_or_else(nothing)?.saturating_add(*records),
        // Beyond the last record the node answers with the end.
        Target::Time(time) => find(OffsetQuery::Timestamp(Timestamp(*time))).await?,
        Target::Listed(listed) => match listed.get(&(topic.name.clone(), partition)) {
            Some(offset) => *offset,
            None => bail!("the file has no offset for {}-{partition}", topic.name),
        },
    };
    Ok(to.clamp(first, end))
}

fn show(moves: &[Move]) -> Result<()> {
    let mut table = Table::default();
    table.row(["TOPIC", "PARTITION", "COMMITTED", "NEW"].map(str::to_owned));
    for one in moves {
        let from = one.from.map_or_else(|| "-".to_owned(), |offset| offset.to_string());
        table.row([one.topic.clone(), one.partition.to_string(), from, one.to.to_string()]);
    }
    table.print()
}
