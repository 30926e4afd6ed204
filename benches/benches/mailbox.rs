//! What a message between shards costs.
//!
//! `cargo bench -p ringlog-benches --bench mailbox`

use criterion::{Criterion, criterion_group, criterion_main};
use ringlog_reactor::{LaunchOptions, Options, Reactor, mailbox, run};
use std::future::Future;
use std::hint::black_box;
use std::time::{Duration, Instant};

const CAPACITY: usize = 1024;

fn on_a_shard<F: Future<Output = Duration> + 'static>(work: impl FnOnce(Reactor) -> F) -> Duration {
    run(Options::default(), work).expect("the shard runs")
}

/// Sent and received by one task: the queue alone, nobody is woken.
async fn in_one_task(times: u64) -> Duration {
    let (sender, mut receiver) = mailbox::bounded(CAPACITY);
    let begun = Instant::now();
    for number in 0..times {
        sender.send(black_box(number)).await.expect("the receiver is there");
        assert_eq!(receiver.receive().await, Some(number));
    }
    begun.elapsed()
}

/// A thread of its own takes what this one sends as fast as it can.
async fn to_another_shard(reactor: Reactor, times: u64) -> Duration {
    let (sender, mut receiver) = mailbox::bounded(CAPACITY);
    let place = LaunchOptions { name: "other".to_owned(), pin: None };
    let other = reactor.launch(place, move |_| {
        Box::pin(async move {
            let mut expected = 0;
            while let Some(number) = receiver.receive().await {
                assert_eq!(number, expected, "in order");
                expected += 1;
            }
        })
    });
    let begun = Instant::now();
    for number in 0..times {
        sender.send(number).await.expect("the other shard is there");
    }
    drop(sender);
    other.expect("a thread").join().await.expect("the other shard works");
    begun.elapsed()
}

/// A message there and one back: both sides wait each time.
async fn there_and_back(reactor: Reactor, times: u64) -> Duration {
    let (asks, mut asked) = mailbox::bounded::<u64>(CAPACITY);
    let (answers, mut answered) = mailbox::bounded::<u64>(CAPACITY);
    let place = LaunchOptions { name: "other".to_owned(), pin: None };
    let other = reactor.launch(place, move |_| {
        Box::pin(async move {
            while let Some(number) = asked.receive().await {
                answers.send(number + 1).await.expect("the first shard waits");
            }
        })
    });
    let begun = Instant::now();
    for number in 0..times {
        asks.send(number).await.expect("the other shard is there");
        assert_eq!(answered.receive().await, Some(number + 1));
    }
    let took = begun.elapsed();
    drop(asks);
    other.expect("a thread").join().await.expect("the other shard works");
    took
}

fn messages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mailbox");
    group.sample_size(20).measurement_time(Duration::from_secs(2));
    group.bench_function("in_one_task", |bencher| {
        bencher.iter_custom(|times| on_a_shard(move |_| in_one_task(times)));
    });
    group.bench_function("to_another_shard", |bencher| {
        bencher.iter_custom(|times| on_a_shard(move |reactor| to_another_shard(reactor, times)));
    });
    group.bench_function("there_and_back", |bencher| {
        bencher.iter_custom(|times| on_a_shard(move |reactor| there_and_back(reactor, times)));
    });
    group.finish();
}

criterion_group!(benches, messages);
criterion_main!(benches);
