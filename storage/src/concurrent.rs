//! Runs several futures of one shard at the same time, a bounded number of them.

use ringlog_reactor::Reactor;
use std::future::Future;

/// Starts `start(item)` for every item, at most `limit` at a time, and returns the outputs in the order of the items.
pub(crate) async fn for_each<I, T, F>(
    reactor: &Reactor,
    limit: usize,
    items: impl IntoIterator<Item = I>,
    start: impl Fn(I) -> F,
) -> Vec<T>
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    let mut outputs = Vec::new();
    let mut running = std::collections::VecDeque::new();
    for item in items {
        if running.len() >= limit {
            let first: ringlog_reactor::Task<T> = running.pop_front().expect("the limit is positive");
            outputs.push(first.await);
        }
        running.push_back(reactor.spawn(start(item)));
    }
    for task in running {
        outputs.push(task.await);
    }
    outputs
}
