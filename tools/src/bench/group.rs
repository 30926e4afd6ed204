//! The consumers of a run as members of real groups: all join before the run begins, and keep what they are assigned.

use super::consumer::Member;
use super::context::Context;
use super::reconnect;
use super::wire::membership::{Heard, Membership};
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// How long all members of all groups may take until each has its share.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);
/// Shares that have stayed the same for so long are final.
const SETTLED_NANOS: u64 = 1_500_000_000;

/// What the members of all threads have been assigned.
#[derive(Debug, Default)]
pub(crate) struct Shares(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// By group and number.
    places: BTreeMap<(usize, usize), Vec<usize>>,
    changed: u64,
}

impl Shares {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no code under this lock panics")
    }

    fn set(&self, member: Member, places: &[usize], now: u64) {
        let mut state = self.lock();
        let known = state.places.insert((member.group, member.number), places.to_vec());
        if known.as_deref() != Some(places) {
            state.changed = now;
        }
    }

    /// Whether every member of every group has a share, every place a reader, and nothing has changed for a while.
    fn are_settled(&self, groups: usize, consumers: usize, places: usize, now: u64) -> bool {
        let state = self.lock();
        let is_covered = |group| {
            let shares = state.places.range((group, 0)..(group + 1, 0)).map(|(_, share)| share);
            let mut all: Vec<usize> = shares.flatten().copied().collect();
            all.sort_unstable();
            all.into_iter().eq(0..places)
        };
        state.places.len() == groups * consumers
            && state.places.values().all(|share| !share.is_empty())
            && (0..groups).all(is_covered)
            && now.saturating_sub(state.changed) >= SETTLED_NANOS
    }
}

/// The name of a group of the run; the first has the name that was given.
fn name(base: &str, group: usize) -> String {
    if group == 0 { base.to_owned() } else { format!("{base}-{}", group + 1) }
}

/// Joins with all members of this thread and waits until all those of the run have their share.
pub(crate) async fn join(context: &Rc<Context>, base: &str, members: &[Member]) -> Result<Vec<Membership>> {
    let (job, layout, reactor) = (&context.shared.job, &context.layout, &context.reactor);
    let mut memberships = Vec::new();
    for member in members {
        let group = name(base, member.group);
        let id = format!("ringlog-bench-{:08x}-{}-{}", job.run, member.group, member.number);
        let joining = Membership::join(reactor, layout, context.settings().broker(), &group, id);
        memberships.push(joining.await?);
    }
    let deadline = context.now() + PATIENCE.as_nanos() as u64;
    let shares = &context.shared.shares;
    while !shares.are_settled(job.groups, job.consumers, layout.places.len(), context.now()) {
        if context.now() >= deadline {
            bail!("the groups have not settled in {} s", PATIENCE.as_secs());
        }
        if context.is_ended() {
            bail!("the run has ended before it began");
        }
        for (member, membership) in members.iter().zip(&mut memberships) {
            if let Heard::Lost(reason) = membership.beat().await? {
                bail!("{reason}");
            }
            shares.set(*member, membership.places(), context.now());
        }
        reactor.sleep(PAUSE).await;
    }
    Ok(memberships)
}

/// One member between the beginning and the end of a run: heartbeats, commits, and the way back into the group after the
/// coordinator has gone away.
pub(crate) struct Stay {
    context: Rc<Context>,
    membership: Membership,
    /// What was assigned before the run began, and is read during all of it.
    share: Vec<usize>,
    /// Until when the assignment may be another, because the member came back.
    settles_until: u64,
}

impl Stay {
    pub(crate) fn new(context: &Rc<Context>, membership: Membership) -> Stay {
        let share = membership.places().to_vec();
        Stay { context: context.clone(), membership, share, settles_until: 0 }
    }

    /// Stays until all is read; the last commit has the final `positions`.
    pub(crate) async fn until(
        mut self,
        positions: impl Fn() -> Vec<(usize, i64)>,
        is_read: impl Fn() -> bool,
    ) -> Result<()> {
        const COMMIT_EVERY: Duration = Duration::from_secs(1);
        let mut given_up = None;
        loop {
            self.context.reactor.sleep(COMMIT_EVERY.min(self.membership.interval())).await;
            let is_last = is_read();
            let committed = self.membership.commit(&positions()).await?;
            let is_committed = matches!(committed, Heard::Yes);
            self.heed(committed).await?;
            if is_last && is_committed && self.has_its_share() {
                break;
            }
            let heard = self.membership.beat().await?;
            self.heed(heard).await?;
            if !self.has_its_share() && self.context.now() >= self.settles_until {
                bail!("the group was rebalanced during the run");
            }
            if is_last {
                let now = self.context.now();
                let given_up = *given_up.get_or_insert(now + reconnect::PATIENCE.as_nanos() as u64);
                if now >= given_up || self.context.is_ended() {
                    bail!("the group does not take the last offsets");
                }
            }
        }
        self.membership.leave().await;
        Ok(())
    }

    fn has_its_share(&self) -> bool {
        self.membership.places() == self.share
    }

    /// Looks for the coordinator again if it is lost. Whoever was away may have lost its share for as long as it takes to
    /// get it back.
    async fn heed(&mut self, heard: Heard) -> Result<()> {
        let patience = reconnect::PATIENCE.as_nanos() as u64;
        match heard {
            Heard::Yes | Heard::NotNow => return Ok(()),
            Heard::Fenced => {}
            Heard::Lost(reason) => {
                let deadline = self.context.now() + patience;
                while let Err(error) = self.membership.reconnect(self.context.settings().broker()).await {
                    if self.context.is_ended() {
                        return Ok(());
                    }
                    if self.context.now() >= deadline {
                        return Err(error.context(reason));
                    }
                    self.context.reactor.sleep(PAUSE).await;
                }
                self.context.statistics.borrow_mut().reconnects += 1;
            }
        }
        self.settles_until = self.context.now() + patience;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_final_once_all_have_one_and_nothing_changes_any_more() {
        let shares = Shares::default();
        let member = |number| Member { group: 0, number };
        shares.set(member(0), &[0, 1, 2], 10);
        assert!(!shares.are_settled(1, 2, 3, 10 + SETTLED_NANOS), "one has not joined");
        shares.set(member(1), &[], 20);
        assert!(!shares.are_settled(1, 2, 3, 20 + SETTLED_NANOS), "one has nothing");
        shares.set(member(0), &[0, 1], 30);
        shares.set(member(1), &[1, 2], 30);
        assert!(!shares.are_settled(1, 2, 3, 30 + SETTLED_NANOS), "two read the same");
        shares.set(member(1), &[2], 40);
        assert!(!shares.are_settled(1, 2, 3, 41));
        assert!(shares.are_settled(1, 2, 3, 40 + SETTLED_NANOS));
        shares.set(member(1), &[2], 50);
        assert!(shares.are_settled(1, 2, 3, 40 + SETTLED_NANOS), "the same again is no change");
    }

    #[test]
    fn several_groups_have_names_of_their_own() {
        assert_eq!(name("g", 0), "g");
        assert_eq!(name("g", 1), "g-2");
    }
}
