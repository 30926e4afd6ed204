//! Configs that are said to a node anew while it runs.

use ringlog_image::config::{ConfigMap, is_reloadable};
use ringlog_reactor::mailbox::{self, Receiver, Sender};

/// Said and not taken yet, at most: whoever says more than this in a moment is told to wait.
const WAITING_MAX: usize = 4;

/// The way to the node, for any thread.
#[derive(Clone)]
pub struct NewConfigs(Sender<ConfigMap>);

impl NewConfigs {
    /// Says everything anew that [`NodeOptions::configs`](crate::NodeOptions::configs) says; what only a start may change is
    /// passed over. False if the node does not listen: it is stopping, or has much of this kind to do.
    #[must_use]
    pub fn say(&self, configs: ConfigMap) -> bool {
        self.0.try_send(configs).is_ok()
    }
}

impl core::fmt::Debug for NewConfigs {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("NewConfigs")
    }
}

/// The way, and its end on shard 0.
pub(crate) fn way() -> (NewConfigs, Receiver<ConfigMap>) {
    let (sender, receiver) = mailbox::bounded(WAITING_MAX);
    (NewConfigs(sender), receiver)
}

/// What holds after `said`, where `before` held.
pub(crate) fn renewed(before: &ConfigMap, said: ConfigMap) -> ConfigMap {
    let kept = before.iter().filter(|(name, _)| !is_reloadable(name));
    let mut after: ConfigMap = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    after.extend(said.into_iter().filter(|(name, _)| is_reloadable(name)));
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn defaults_of_topics_change_and_go_and_nothing_else_does() {
        let before =
            map(&[("log.retention.hours", "1"), ("log.retention.ms", "3600000"), ("num.partitions", "3")]);
        let said = map(&[
            ("log.segment.bytes", "1048576"),
            ("num.partitions", "9"),
            ("auto.create.topics.enable", "false"),
        ]);
        let after = map(&[("log.segment.bytes", "1048576"), ("num.partitions", "3")]);
        assert_eq!(renewed(&before, said), after);
    }
}
