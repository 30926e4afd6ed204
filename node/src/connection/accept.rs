//! Takes connections on shard 0 and gives each to the shard with the fewest.
//!
//! One listening socket per address, without `SO_REUSEPORT`: with it a second process of the same user silently takes a
//! part of the connections, and the kernel's spread is poor.

use crate::shard::{Arrival, Shard, ShardMessage};
use bytes::Bytes;
use core::{cell::RefCell, time::Duration};
use ringlog_model::ShardId;
use ringlog_reactor::Listener;
use std::rc::Rc;

/// How long to wait after a failed accept: the usual reason is that no descriptor is free.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(100);

/// How many connections each shard was given, shared by the listeners of a node.
#[derive(Debug)]
pub(crate) struct Accepting {
    given: RefCell<Vec<u64>>,
}

impl Accepting {
    pub(crate) fn new(shards: usize) -> Rc<Accepting> {
        Rc::new(Accepting { given: RefCell::new(vec![0; shards]) })
    }

    /// The shard with the fewest open connections, counted as given one more; `None` if the node has `max`.
    /// `open` says how many a shard has, `taken` how many of those given to it have reached it.
    fn choose(&self, counted: impl Fn(usize) -> Counted, max: usize) -> Option<ShardId> {
        let mut given = self.given.borrow_mut();
        let open = |shard: usize| {
            let Counted { open, taken } = counted(shard);
            open + given[shard].saturating_sub(taken)
        };
        let total: u64 = (0..given.len()).map(open).sum();
        if total >= max as u64 {
            return None;
        }
        let chosen = (0..given.len()).min_by_key(|&shard| open(shard))?;
        given[chosen] += 1;
        Some(ShardId(u16::try_from(chosen).expect("shards are counted by a u16")))
    }
}

/// The connections of a shard by its own count.
struct Counted {
    open: u64,
    taken: u64,
}

/// Accepts until dropped.
pub(crate) async fn accept(shard: Shard, accepting: Rc<Accepting>, listener: Listener, index: usize) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accepting a connection failed");
                shard.reactor.sleep(PAUSE_AFTER_ERROR).await;
                continue;
            }
        };
        let counted = |at: usize| {
            let counters = &shard.node.counters[at];
            Counted { open: counters.connections.get(), taken: counters.connections_accepted.get() }
        };
        let Some(to) = accepting.choose(counted, shard.node.limits.connections_max) else {
            tracing::warn!(%peer, "refused a connection: the node has as many as it may");
            continue;
        };
        // Responses are whole: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let Ok(stream) = stream.detach() else { continue };
        let arrival = Arrival { stream, peer, listener: index, received: Bytes::new() };
        shard.send(to, ShardMessage::Connection(arrival)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shard_with_the_fewest_connections_is_chosen() {
        let accepting = Accepting::new(2);
        let on_the_way = |_: usize| Counted { open: 0, taken: 0 };
        assert_eq!(accepting.choose(on_the_way, 10), Some(ShardId(0)));
        assert_eq!(accepting.choose(on_the_way, 10), Some(ShardId(1)));
        assert_eq!(accepting.choose(on_the_way, 10), Some(ShardId(0)));
        let first_has_closed = |shard: usize| Counted { open: u64::from(shard == 1), taken: 2 };
        assert_eq!(accepting.choose(first_has_closed, 10), Some(ShardId(0)));
        assert_eq!(accepting.choose(on_the_way, 4), None);
    }
}
