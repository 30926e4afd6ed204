//! What members of a group were given and promised, and whether it fits together.

use std::collections::BTreeMap;

/// The history of one group.
#[derive(Debug, Default)]
pub struct GroupHistory {
    /// Who was told to own a partition, by generation and partition.
    owners: BTreeMap<(i32, i32), String>,
    /// The highest position that was promised, by partition.
    promised: BTreeMap<i32, i64>,
    /// Whether generations may be counted anew: an empty group that members of the other protocol join is another group.
    may_begin_anew: bool,
    /// Who was last told to own a partition.
    holders: BTreeMap<i32, String>,
    /// Who was told what in the newest generation.
    newest: (i32, BTreeMap<String, usize>),
    /// Positions promised in all.
    commits: u64,
    violations: Vec<String>,
}

impl GroupHistory {
    /// Of a group that is carried from one protocol to the other.
    #[must_use]
    pub fn of_mixed_group() -> GroupHistory {
        GroupHistory { may_begin_anew: true, ..GroupHistory::default() }
    }

    /// A member that owns these partitions is about to ask whether it is still in its group; gives those that another one was told to
    /// own before.
    #[must_use]
    pub fn lost(&self, member: &str, partitions: &[i32]) -> Vec<i32> {
        let is_lost = |partition: &&i32| self.holders.get(*partition).is_some_and(|holder| holder != member);
        partitions.iter().filter(is_lost).copied().collect()
    }

    /// The group said that it is, and may keep what it has.
    pub fn confirmed(&mut self, member: &str, lost: &[i32]) {
        for partition in lost {
            let holder = &self.holders[partition];
            self.violations
                .push(format!("{member} may keep partition {partition}, which {holder} was given"));
        }
    }

    /// A member was told its part of a generation.
    pub fn assigned(&mut self, generation: i32, member: &str, partitions: &[i32]) {
        for partition in partitions {
            let owner = self.owners.entry((generation, *partition)).or_insert_with(|| member.to_owned());
            if owner != member && !self.may_begin_anew {
                let what =
                    format!("generation {generation} gave partition {partition} to {owner} and to {member}");
                self.violations.push(what);
            }
            self.holders.insert(*partition, member.to_owned());
        }
        if generation > self.newest.0 {
            self.newest = (generation, BTreeMap::new());
        }
        if generation == self.newest.0 {
            self.newest.1.insert(member.to_owned(), partitions.len());
        }
    }

    /// A commit was acknowledged.
    pub fn committed(&mut self, partition: i32, position: i64) {
        self.commits += 1;
        let promised = self.promised.entry(partition).or_insert(-1);
        if position <= *promised {
            let what = format!("position {position} of partition {partition} was committed after {promised}");
            self.violations.push(what);
        }
        *promised = (*promised).max(position);
    }

    /// The highest position that has been promised so far.
    #[must_use]
    pub fn promised(&self, partition: i32) -> i64 {
        self.promised.get(&partition).copied().unwrap_or(-1)
    }

    /// An owner asked where its partition stands, when `promised` had been promised already.
    pub fn found(&mut self, partition: i32, promised: i64, position: i64) {
        if position < promised {
            let what = format!("partition {partition} stands at {position}, but {promised} was promised");
            self.violations.push(what);
        }
    }

    /// Something a member met that must not happen.
    pub fn complain(&mut self, what: String) {
        self.violations.push(what);
    }

    /// What was broken so far.
    #[must_use]
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// Positions promised in all.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits
    }

    /// Whether the members share all partitions, as far as generations tell.
    #[must_use]
    pub fn is_shared(&self, partitions: usize) -> bool {
        self.may_begin_anew || self.owned() == partitions
    }

    /// How many partitions the members of the newest generation have been told to own.
    #[must_use]
    pub fn owned(&self) -> usize {
        self.newest.1.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_owners_and_positions_that_go_back_are_found() {
        let mut history = GroupHistory::default();
        history.assigned(1, "a", &[0, 1]);
        history.assigned(2, "b", &[0]);
        history.committed(0, 5);
        history.found(0, 5, 5);
        assert!(history.violations().is_empty());
        history.assigned(2, "c", &[0]);
        history.found(0, 5, 4);
        history.committed(0, 5);
        assert_eq!(history.violations().len(), 3);
        assert_eq!(history.lost("a", &[0, 1]), [0]);
        history.confirmed("a", &[0]);
        assert_eq!(history.violations().len(), 4);
    }
}
