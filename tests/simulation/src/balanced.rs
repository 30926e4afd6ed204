//! Members of a group whose assignment the broker makes (KIP-848): they join, take and give up partitions heartbeat by heartbeat, commit
//! positions, are too slow, leave, vanish and come back.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use ringlog_kafka::messages::ConsumerGroupHeartbeatRequest;
use ringlog_kafka::messages::consumer_group_heartbeat_request::TopicPartitions;
use ringlog_kafka::{ErrorCode, Response};
use ringlog_model::Uuid;
use ringlog_reactor::Reactor;

use crate::client::{Connection, Failure};
use crate::group_history::GroupHistory;
use crate::member::MemberPlan;
use crate::positions::{Owner, commit, coordinator, positions, senseless};

/// Below the patience of a connection.
const REBALANCE_TIMEOUT_MS: i32 = 6_000;
/// The epochs by which a member joins and leaves.
const JOINING: i32 = 0;
const LEAVING: i32 = -1;

/// One member, from its first heartbeat to its end.
struct Member<'a> {
    reactor: &'a Reactor,
    plan: &'a MemberPlan,
    history: &'a RefCell<GroupHistory>,
    id: String,
    epoch: i32,
    topic: Uuid,
    /// What it owns, and where that stands as far as it has asked.
    owned: BTreeMap<i32, Option<i64>>,
    /// Whether the coordinator knows what it owns.
    is_told: bool,
}

/// What comes after a heartbeat.
enum Next {
    Work,
    Heartbeat,
}

/// Takes part under one member id until something fails that makes it unsafe to go on, or it goes by itself.
pub(crate) async fn session(
    reactor: &Reactor,
    plan: &MemberPlan,
    history: &RefCell<GroupHistory>,
) -> Failure {
    let id = format!("balanced-{:016x}", reactor.random_u64());
    let (owned, topic) = (BTreeMap::new(), Uuid::default());
    let mut member = Member { reactor, plan, history, id, epoch: JOINING, topic, owned, is_told: false };
    loop {
        match member.live().await {
            // Nobody knows whether that heartbeat arrived: it is sent again over another connection.
            Lost::Heartbeat(Failure::Connection(_) | Failure::Timeout | Failure::Refused(_)) => {}
            Lost::Heartbeat(failure) | Lost::Commit(failure) => return failure,
        }
        member.is_told = false;
        reactor.sleep(Duration::from_millis(1 + reactor.random_u64() % 500)).await;
    }
}

/// During what a connection was lost or an answer was bad.
enum Lost {
    Heartbeat(Failure),
    /// A commit that was not answered may still arrive, or the member goes by itself: it ends.
    Commit(Failure),
}

impl Member<'_> {
    /// One connection to the coordinator, to its end.
    async fn live(&mut self) -> Lost {
        let mut connection = match coordinator(self.reactor, self.plan).await {
            Ok(connection) => connection,
            Err(failure) => return Lost::Heartbeat(failure),
        };
        loop {
            match self.heartbeat(&mut connection).await {
                Ok(Next::Work) => {}
                Ok(Next::Heartbeat) => continue,
                Err(failure) => return Lost::Heartbeat(failure),
            }
            // Now and then longer than the session lasts.
            let slow = self.reactor.random_u64().is_multiple_of(60);
            let pause = if slow { 8_000 } else { 100 + self.reactor.random_u64() % 900 };
            self.reactor.sleep(Duration::from_millis(pause)).await;
            if let Err(failure) = self.move_on(&mut connection).await {
                return Lost::Commit(failure);
            }
            match self.reactor.random_u64() % 160 {
                0 => return Lost::Commit(self.leave(&mut connection).await),
                // Without a word.
                1 => return Lost::Commit(Failure::Timeout),
                _ => {}
            }
        }
    }

    async fn heartbeat(&mut self, connection: &mut Connection) -> Result<Next, Failure> {
        let partitions = self.owned.keys().copied().collect();
        let mine = vec![TopicPartitions { topic_id: self.topic, partitions }];
        let mine = if self.owned.is_empty() { Vec::new() } else { mine };
        // All is said by a member that joins or begins on another connection, as clients do.
        let request = ConsumerGroupHeartbeatRequest {
            group_id: self.plan.group,
            member_id: &self.id,
            member_epoch: self.epoch,
            rebalance_timeout_ms: if self.is_told { -1 } else { REBALANCE_TIMEOUT_MS },
            subscribed_topic_names: (!self.is_told).then(|| vec![&*self.plan.topic]),
            topic_partitions: (!self.is_told).then_some(mine),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        let had: Vec<i32> = self.owned.keys().copied().collect();
        let lost = self.history.borrow().lost(&self.id, &had);
        let answer = connection.call(1, &request).await?;
        let Response::ConsumerGroupHeartbeat(response) = answer.response()? else {
            return Err(senseless("heartbeat"));
        };
        match response.error_code {
            ErrorCode::NONE => {}
            // What it owned is another's by now or will be: it begins anew under its name.
            ErrorCode::FENCED_MEMBER_EPOCH | ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::GROUP_ID_NOT_FOUND => {
                let is_lost = self.epoch != JOINING;
                (self.epoch, self.is_told) = (JOINING, false);
                self.owned.clear();
                return if is_lost {
                    Ok(Next::Heartbeat)
                } else {
                    Err(Failure::Refused(response.error_code))
                };
            }
            code => return Err(Failure::Refused(code)),
        }
        self.epoch = response.member_epoch;
        self.is_told = true;
        if let Some(assignment) = &response.assignment {
            let lists = &assignment.topic_partitions;
            if lists.len() > 1 {
                return Err(senseless("topics"));
            }
            let new = lists.first().map(|list| list.partitions.clone()).unwrap_or_default();
            self.topic = lists.first().map_or(self.topic, |list| list.topic_id);
            self.is_told =
                new.len() == self.owned.len() && new.iter().all(|index| self.owned.contains_key(index));
            let known = std::mem::take(&mut self.owned);
            self.owned = new.into_iter().map(|index| (index, known.get(&index).copied().flatten())).collect();
        }
        let owned: Vec<i32> = self.owned.keys().copied().collect();
        let kept: Vec<i32> = lost.into_iter().filter(|index| self.owned.contains_key(index)).collect();
        self.history.borrow_mut().confirmed(&self.id, &kept);
        self.history.borrow_mut().assigned(self.epoch, &self.id, &owned);
        Ok(if self.is_told { Next::Work } else { Next::Heartbeat })
    }

    /// Commits the next position of everything it owns. A refusal that the next heartbeat explains is none of its own.
    async fn move_on(&mut self, connection: &mut Connection) -> Result<(), Failure> {
        let id = self.id.clone();
        let owner = Owner::Balanced { member: &id, epoch: self.epoch };
        let unknown: Vec<i32> =
            self.owned.iter().filter(|(_, position)| position.is_none()).map(|(index, _)| *index).collect();
        match positions(self.plan, self.history, connection, &unknown, &owner).await {
            Ok(found) => {
                for (index, position) in unknown.into_iter().zip(found) {
                    self.owned.insert(index, Some(position));
                }
            }
            Err(failure) if is_explained_soon(&failure) => return Ok(()),
            Err(failure) => return Err(failure),
        }
        for (index, position) in &mut self.owned {
            let Some(position) = position else { continue };
            match commit(self.plan, connection, &owner, *index, *position + 1).await {
                Ok(()) => {
                    *position += 1;
                    self.history.borrow_mut().committed(*index, *position);
                }
                Err(failure) if is_explained_soon(&failure) => return Ok(()),
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    async fn leave(&mut self, connection: &mut Connection) -> Failure {
        let request = ConsumerGroupHeartbeatRequest {
            group_id: self.plan.group,
            member_id: &self.id,
            member_epoch: LEAVING,
            ..ConsumerGroupHeartbeatRequest::default()
        };
        match connection.call(1, &request).await {
            Ok(_) => Failure::Timeout,
            Err(failure) => failure,
        }
    }
}

/// The member's epoch is over, or it is unknown.
fn is_explained_soon(failure: &Failure) -> bool {
    let codes = [
        ErrorCode::STALE_MEMBER_EPOCH,
        ErrorCode::UNKNOWN_MEMBER_ID,
        ErrorCode::FENCED_MEMBER_EPOCH,
        ErrorCode::GROUP_ID_NOT_FOUND,
    ];
    matches!(failure, Failure::Refused(code) if codes.contains(code))
}
