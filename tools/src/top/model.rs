//! What is shown: rates between two looks, in the chosen order. Knows no terminal.

use crate::top::view::amount;
use ringlog_node::overview::{Overview, ShardOverview, TopicOverview};
use ringlog_reactor::metrics::{BUCKETS, Histogram};
use std::collections::BTreeMap;

/// Which table is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    #[default]
    Topics,
    Groups,
    Shards,
}

/// Everything the view knows.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// The address that is asked.
    pub(super) admin: String,
    before: Option<Overview>,
    now: Option<Overview>,
    /// Why the newest look failed.
    pub(super) trouble: Option<String>,
    pub(super) tab: Tab,
    /// The column sorted by, for each tab.
    sorted_by: [usize; 3],
    pub(super) is_reversed: bool,
    pub(super) is_paused: bool,
    /// Only names with this in them are shown.
    pub(super) filter: String,
    /// Keys go to the filter.
    pub(super) is_typing: bool,
    /// Lines that are scrolled away.
    pub(super) top: usize,
}

/// A cell: what is shown and what is sorted by.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// With how it is written.
    Number(f64, String),
}

impl Cell {
    pub(super) fn text(&self) -> &str {
        match self {
            Cell::Text(text) | Cell::Number(_, text) => text,
        }
    }
}

/// A table as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rows {
    pub(super) head: &'static [&'static str],
    pub(super) sorted_by: usize,
    pub(super) rows: Vec<Vec<Cell>>,
}

const TOPICS: &[&str] = &["TOPIC", "PARTITIONS", "RECORDS/S", "IN/S", "OUT/S", "SIZE", "RECORDS"];
const GROUPS: &[&str] = &["GROUP", "STATE", "MEMBERS", "LAG", "TOPICS"];
const SHARDS: &[&str] = &[
    "SHARD",
    "CPU %",
    "REQUESTS/S",
    "IN/S",
    "OUT/S",
    "PRODUCE P99",
    "SYNC P99",
    "SYNCS/S",
    "QUEUED",
    "UNSYNCED",
    "CONNS",
    "PARTITIONS",
    "STATE",
];

impl Model {
    pub(super) fn new(admin: String) -> Model {
        // Topics by bytes in, groups by lag: what matters most on top. Shards by number.
        Model { admin, sorted_by: [3, 3, 0], ..Model::default() }
    }

    /// A new look, or why there is none. While paused nothing changes.
    pub(super) fn take(&mut self, answer: Result<Overview, String>) {
        if self.is_paused {
            return;
        }
        match answer {
            Ok(overview) => {
                // A node that was started again counts from zero: its rates begin anew.
                let is_next = |now: &Overview| now.node == overview.node && now.micros < overview.micros;
                self.before = self.now.take().filter(is_next);
                self.now = Some(overview);
                self.trouble = None;
            }
            Err(reason) => self.trouble = Some(reason),
        }
    }

    pub(super) fn show(&mut self, tab: Tab) {
        self.tab = tab;
        self.top = 0;
    }

    pub(super) fn show_next(&mut self, steps: usize) {
        self.show(Tab::ALL[(self.tab as usize + steps) % Tab::ALL.len()]);
    }

    pub(super) fn sort_by_next(&mut self) {
        let columns = self.head().len();
        let sorted_by = &mut self.sorted_by[self.tab as usize];
        *sorted_by = (*sorted_by + 1) % columns;
    }

    pub(super) fn scroll(&mut self, change: impl FnOnce(usize) -> usize) {
        let last = self.rows(self.tab).rows.len().saturating_sub(1);
        self.top = change(self.top).min(last);
    }

    fn head(&self) -> &'static [&'static str] {
        match self.tab {
            Tab::Topics => TOPICS,
            Tab::Groups => GROUPS,
            Tab::Shards => SHARDS,
        }
    }

    /// The line above the tables.
    pub(super) fn summary(&self) -> String {
        let Some(now) = &self.now else { return "no answer yet".to_owned() };
        let sum = |value: fn(&ShardOverview) -> u64| now.shards.iter().map(value).sum::<u64>();
        let before = |value: fn(&ShardOverview) -> u64| {
            self.before.as_ref().map(|before| before.shards.iter().map(value).sum::<u64>())
        };
        let rate = |value| self.rate(before(value), sum(value));
        let cpu = self.rate(self.before.as_ref().map(|before| before.cpu_micros), now.cpu_micros);
        format!(
            "node {}  cluster {}  up {}  cpu {:.0} %  memory {}  connections {}  requests {}/s  in {}/s  out {}/s",
            now.node,
            now.cluster.as_deref().unwrap_or("-"),
            lasting(now.micros / 1_000_000),
            cpu / 10_000.0,
            amount(now.resident_bytes as f64, "B"),
            sum(|shard| shard.connections),
            amount(rate(|shard| shard.requests), ""),
            amount(rate(|shard| shard.appended_bytes), "B"),
            amount(rate(|shard| shard.fetched_bytes), "B"),
        )
    }

    /// A table in the chosen order, the filter applied.
    pub(super) fn rows(&self, tab: Tab) -> Rows {
        let (head, rows) = match (&self.now, tab) {
            (None, Tab::Topics) => (TOPICS, Vec::new()),
            (None, Tab::Groups) => (GROUPS, Vec::new()),
            (None, Tab::Shards) => (SHARDS, Vec::new()),
            (Some(now), Tab::Topics) => (TOPICS, self.topics(now)),
            (Some(now), Tab::Groups) => (GROUPS, groups(now)),
            (Some(now), Tab::Shards) => (SHARDS, self.shards(now)),
        };
        let sorted_by = self.sorted_by[tab as usize];
        let filter = self.filter.to_lowercase();
        let mut rows: Vec<_> =
            rows.into_iter().filter(|row| row[0].text().to_lowercase().contains(&filter)).collect();
        rows.sort_by(|left, right| {
            let order = match (&left[sorted_by], &right[sorted_by]) {
                // Large numbers and early names come first.
                (Cell::Number(left, _), Cell::Number(right, _)) if tab == Tab::Shards && sorted_by == 0 => {
                    left.total_cmp(right)
                }
                (Cell::Number(left, _), Cell::Number(right, _)) => right.total_cmp(left),
                (left, right) => left.text().cmp(right.text()),
            };
            if self.is_reversed { order.reverse() } else { order }
        });
        Rows { head, sorted_by, rows }
    }

    fn topics(&self, now: &Overview) -> Vec<Vec<Cell>> {
        let before: BTreeMap<&str, &TopicOverview> = self
            .before
            .iter()
            .flat_map(|before| &before.topics)
            .map(|topic| (topic.name.as_str(), topic))
            .collect();
        let row = |topic: &TopicOverview| {
            let was = before.get(topic.name.as_str());
            let rate = |value: fn(&TopicOverview) -> u64| self.rate(was.map(|was| value(was)), value(topic));
            vec![
                Cell::Text(topic.name.clone()),
                count(topic.partitions),
                number(rate(|topic| topic.end_offsets), ""),
                number(rate(|topic| topic.appended_bytes), "B"),
                number(rate(|topic| topic.fetched_bytes), "B"),
                number(topic.log_bytes as f64, "B"),
                count(topic.records),
            ]
        };
        now.topics.iter().map(row).collect()
    }

    fn shards(&self, now: &Overview) -> Vec<Vec<Cell>> {
        let row = |shard: &ShardOverview| {
            let was =
                self.before.iter().flat_map(|before| &before.shards).find(|was| was.shard == shard.shard);
            let rate = |value: fn(&ShardOverview) -> u64| self.rate(was.map(value), value(shard));
            let none = Vec::new();
            let (sync, produce) = was.map_or((&none, &none), |was| (&was.sync, &was.produce));
            let (syncs, sync_p99) = since(sync, &shard.sync);
            let (_, produce_p99) = since(produce, &shard.produce);
            let cpu = rate(|shard| shard.cpu_micros) / 10_000.0;
            vec![
                Cell::Number(f64::from(shard.shard), shard.shard.to_string()),
                Cell::Number(cpu, format!("{cpu:.0}")),
                number(rate(|shard| shard.requests), ""),
                number(rate(|shard| shard.appended_bytes), "B"),
                number(rate(|shard| shard.fetched_bytes), "B"),
                latency(produce_p99),
                latency(sync_p99),
                number(self.per_second(syncs as f64), ""),
                count(shard.mailbox + shard.appends_waiting),
                number(shard.unflushed_bytes as f64, "B"),
                count(shard.connections),
                count(shard.partitions),
                Cell::Text(if shard.responds { "" } else { "HANGS" }.to_owned()),
            ]
        };
        now.shards.iter().map(row).collect()
    }

    /// What a number that only grows gained in a second.
    fn rate(&self, before: Option<u64>, now: u64) -> f64 {
        before.map_or(0.0, |before| self.per_second(now.saturating_sub(before) as f64))
    }

    fn per_second(&self, gained: f64) -> f64 {
        match (&self.before, &self.now) {
            (Some(before), Some(now)) if now.micros > before.micros => {
                gained * 1e6 / (now.micros - before.micros) as f64
            }
            _ => 0.0,
        }
    }
}

fn groups(now: &Overview) -> Vec<Vec<Cell>> {
    let row = |group: &ringlog_node::overview::GroupOverview| {
        let topics: Vec<_> = group.topics.iter().map(|topic| topic.topic.as_str()).collect();
        vec![
            Cell::Text(group.group.clone()),
            Cell::Text(group.state.clone()),
            count(group.members),
            count(group.lag()),
            Cell::Text(topics.join(" ")),
        ]
    };
    now.groups.iter().map(row).collect()
}

fn number(value: f64, unit: &str) -> Cell {
    Cell::Number(value, amount(value, unit))
}

fn count(value: u64) -> Cell {
    Cell::Number(value as f64, value.to_string())
}

fn latency(micros: u64) -> Cell {
    let text = match micros {
        0 => "-".to_owned(),
        1..1_000 => format!("{micros} us"),
        1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    };
    Cell::Number(micros as f64, text)
}

/// How many values came since, and the bound that 99 % of them kept.
fn since(before: &[u64], now: &[u64]) -> (u64, u64) {
    let mut buckets = [0; BUCKETS];
    for (index, bucket) in buckets.iter_mut().enumerate() {
        let at = |buckets: &[u64]| buckets.get(index).copied().unwrap_or(0);
        *bucket = at(now).saturating_sub(at(before));
    }
    (buckets.iter().sum(), Histogram::quantile(&buckets, 0.99))
}

fn lasting(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m{:02}s", seconds % 60),
        (0, _) => format!("{hours}h{minutes:02}m"),
        _ => format!("{days}d{hours:02}h"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use ringlog_node::overview::{GroupOverview, GroupTopicOverview};

    /// A node as seen at `seconds`, with traffic that grows with time.
    pub(in crate::top) fn seen_at(seconds: u64) -> Overview {
        let topic = |name: &str, weight: u64| TopicOverview {
            name: name.to_owned(),
            partitions: 4,
            records: 1_000 * weight,
            end_offsets: 100 * weight * seconds,
            log_bytes: 5_000_000 * weight,
            appended_bytes: 1_000_000 * weight * seconds,
            fetched_bytes: 2_000_000 * seconds,
        };
        let mut sync = vec![0; 30];
        sync[27] = 100 * seconds;
        let lag = GroupTopicOverview { topic: "orders".into(), partitions: 4, lag: 1_234 };
        Overview {
            node: 1,
            cluster: Some("cluster-id".into()),
            version: "0".into(),
            micros: seconds * 1_000_000,
            cpu_micros: seconds * 250_000,
            resident_bytes: 100_000_000,
            shards: vec![
                ShardOverview {
                    shard: 0,
                    responds: true,
                    sync: sync.clone(),
                    requests: seconds * 10,
                    ..Default::default()
                },
                ShardOverview { shard: 1, responds: false, sync, ..Default::default() },
            ],
            topics: vec![topic("clicks", 1), topic("orders", 3)],
            groups: vec![GroupOverview {
                group: "billing".into(),
                state: "Stable".into(),
                members: 2,
                topics: vec![lag],
            }],
        }
    }

    pub(in crate::top) fn model() -> Model {
        let mut model = Model::new("127.0.0.1:9644".to_owned());
        model.take(Ok(seen_at(10)));
        model.take(Ok(seen_at(12)));
        model
    }

    fn names(model: &Model) -> Vec<String> {
        model.rows(model.tab).rows.iter().map(|row| row[0].text().to_owned()).collect()
    }

    #[test]
    fn rates_are_per_second_of_the_nodes_clock() {
        let rows = model().rows(Tab::Topics);
        let orders: Vec<_> = rows.rows[0].iter().map(Cell::text).collect();
        assert_eq!(orders, ["orders", "4", "300", "3.0 MB", "2.0 MB", "15.0 MB", "3000"]);
        let shards = model().rows(Tab::Shards);
        assert_eq!(shards.rows[0][6].text(), "256 us");
        assert_eq!(shards.rows[0][7].text(), "100");
        assert_eq!(shards.rows[1][12].text(), "HANGS");
    }

    #[test]
    fn a_restarted_node_has_no_rates_at_first() {
        let mut model = model();
        model.take(Ok(seen_at(1)));
        assert_eq!(model.rows(Tab::Topics).rows[0][2].text(), "0");
        model.take(Ok(seen_at(2)));
        assert_eq!(model.rows(Tab::Topics).rows[0][2].text(), "300");
    }

    #[test]
    fn order_and_filter_are_chosen() {
        let mut model = model();
        assert_eq!(names(&model), ["orders", "clicks"]);
        model.is_reversed = true;
        assert_eq!(names(&model), ["clicks", "orders"]);
        model.filter = "ORD".into();
        assert_eq!(names(&model), ["orders"]);
        (0..TOPICS.len()).for_each(|_| model.sort_by_next());
        assert_eq!(model.rows(Tab::Topics).sorted_by, 3);
        model.show(Tab::Shards);
        assert_eq!(names(&model).len(), 0, "no shard is called so");
    }

    #[test]
    fn pausing_keeps_what_is_shown_and_trouble_passes() {
        let mut model = model();
        model.is_paused = true;
        model.take(Ok(seen_at(20)));
        assert_eq!(model.now.as_ref().unwrap().micros, 12_000_000);
        model.is_paused = false;
        model.take(Err("gone".into()));
        assert_eq!(model.trouble.as_deref(), Some("gone"));
        model.take(Ok(seen_at(30)));
        assert_eq!(model.trouble, None);
    }
}
