use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ringlog_reactor::{DriverChoice, Elapsed, LaunchOptions, Options, Reactor, local, mailbox, reply, run};

use crate::on_every_driver;

on_every_driver!(
    a_timeout_ends_a_future_that_never_would,
    an_alarm_bounds_each_of_several_waits,
    a_dropped_task_is_cancelled,
    a_detached_task_runs,
    tasks_left_at_the_end_are_dropped,
    a_full_mailbox_holds_its_senders_back,
    messages_cross_shards_in_order,
    a_reply_crosses_shards_and_back,
    a_closed_mailbox_tells_both_ends,
    random_numbers_and_hashers_differ,
    work_in_the_background_gives_its_results,
);

// The simulator has no threads, runs ready tasks in any order, and reports a panic instead of passing it on.
mod kernel {
    use super::*;
    crate::on_kernel_drivers!(
        timers_fire_in_the_order_of_their_deadlines,
        closures_run_off_the_shard,
        work_in_the_background_gives_way_one_job_after_the_other,
        work_in_the_background_keeps_nobody_else_waiting,
        an_abandoned_closure_does_not_hold_up_the_end,
        a_panicking_shard_fails_its_join,
        shutdown_reaches_every_shard,
        a_local_queue_holds_its_pushers_back,
        a_semaphore_serves_in_order,
    );
}

async fn timers_fire_in_the_order_of_their_deadlines(reactor: Reactor) {
    let order = Rc::new(RefCell::new(Vec::new()));
    let start = reactor.now_nanos();
    let sleepers: Vec<_> = [30, 10, 20, 10]
        .into_iter()
        .enumerate()
        .map(|(index, millis)| {
            let (reactor, order) = (reactor.clone(), order.clone());
            reactor.clone().spawn(async move {
                reactor.sleep_until(start + millis * 1_000_000).await;
                assert!(reactor.now_nanos() >= start + millis * 1_000_000);
                order.borrow_mut().push(index);
            })
        })
        .collect();
    for sleeper in sleepers {
        sleeper.await;
    }
    assert_eq!(*order.borrow(), [1, 3, 2, 0]);
    assert!(reactor.wall_millis() > 1_600_000_000_000);
}

async fn a_timeout_ends_a_future_that_never_would(reactor: Reactor) {
    let never = std::future::pending::<()>();
    assert_eq!(reactor.timeout(Duration::from_millis(5), never).await, Err(Elapsed));
    assert_eq!(reactor.timeout(Duration::from_secs(60), async { 7 }).await, Ok(7));
}

async fn an_alarm_bounds_each_of_several_waits(reactor: Reactor) {
    let mut alarm = reactor.alarm();
    for (bound, takes) in [(60_000, 0), (5, 10_000), (60_000, 3), (2, 10_000), (30, 1), (20, 10_000)] {
        let begun = reactor.now_nanos();
        let wait = alarm.within(Duration::from_millis(bound), reactor.sleep(Duration::from_millis(takes)));
        assert_eq!(wait.await, if takes < bound { Ok(()) } else { Err(Elapsed) });
        let took = reactor.now_nanos() - begun;
        assert!(took >= bound.min(takes) * 1_000_000, "not cut off by the timer of a wait before");
    }
}

struct SetOnDrop(Rc<Cell<bool>>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

async fn a_dropped_task_is_cancelled(reactor: Reactor) {
    let dropped = Rc::new(Cell::new(false));
    let guard = SetOnDrop(dropped.clone());
    let sleeper = reactor.clone();
    let task = reactor.spawn(async move {
        let _guard = guard;
        sleeper.sleep(Duration::from_secs(3600)).await;
    });
    reactor.yield_now().await;
    assert!(!dropped.get());
    assert_eq!(task.cancel().await, None);
    assert!(dropped.get());
}

async fn a_detached_task_runs(reactor: Reactor) {
    let (sender, receiver) = local::oneshot();
    reactor.spawn(async move { sender.send(5).unwrap() }).detach();
    assert_eq!(receiver.await, Ok(5));
}

async fn tasks_left_at_the_end_are_dropped(reactor: Reactor) {
    // On a shard of its own, so that its end can be seen.
    struct Tell(Option<reply::ReplySender<&'static str>>);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.take().unwrap().send("dropped").unwrap();
        }
    }
    let (sender, receiver) = reply::channel();
    let shard = reactor.launch(LaunchOptions::default(), move |reactor| {
        Box::pin(async move {
            let tell = Tell(Some(sender));
            reactor
                .spawn(async move {
                    let _tell = tell;
                    std::future::pending::<()>().await;
                })
                .detach();
            reactor.yield_now().await;
        })
    });
    assert_eq!(receiver.await, Ok("dropped"));
    shard.unwrap().join().await.unwrap();
}

async fn closures_run_off_the_shard(reactor: Reactor) {
    let here = std::thread::current().id();
    let there = reactor.run_blocking(|| std::thread::current().id()).await;
    assert_ne!(here, there);
}

async fn work_in_the_background_gives_its_results(reactor: Reactor) {
    let jobs: Vec<_> = (0..8u64)
        .map(|number| {
            let inner = reactor.clone();
            reactor.spawn(async move { inner.run_in_background(move || number * number).await })
        })
        .collect();
    let mut results = Vec::new();
    for job in jobs {
        results.push(job.await);
    }
    assert_eq!(results, [0, 1, 4, 9, 16, 25, 36, 49]);
}

async fn work_in_the_background_gives_way_one_job_after_the_other(reactor: Reactor) {
    let at_work = Arc::new(AtomicUsize::new(0));
    let jobs: Vec<_> = (0..4)
        .map(|_| {
            let (inner, at_work) = (reactor.clone(), at_work.clone());
            reactor.spawn(async move {
                let job = move || {
                    let others = at_work.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    at_work.fetch_sub(1, Ordering::SeqCst);
                    (others, scheduling_policy())
                };
                inner.run_in_background(job).await
            })
        })
        .collect();
    for job in jobs {
        assert_eq!(job.await, (0, SCHED_IDLE));
    }
    assert_ne!(reactor.run_blocking(scheduling_policy).await, SCHED_IDLE);
}

async fn work_in_the_background_keeps_nobody_else_waiting(reactor: Reactor) {
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let inner = reactor.clone();
    let background =
        reactor.spawn(async move { inner.run_in_background(move || blocked.recv().is_ok()).await });
    reactor.yield_now().await;
    assert_eq!(reactor.run_blocking(|| 6 * 7).await, 42);
    release.send(()).unwrap();
    assert!(background.await);
}

/// `sched(7)`: what may run when nothing else wants to.
const SCHED_IDLE: u64 = 5;

/// Of the calling thread, as the kernel tells it (`proc_pid_stat(5)`, field 41).
fn scheduling_policy() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    // The name, field 2, is in parentheses and may hold blanks.
    let mut fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    fields.nth(41 - 3).unwrap().parse().unwrap()
}

async fn an_abandoned_closure_does_not_hold_up_the_end(reactor: Reactor) {
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let shard = reactor.launch(LaunchOptions::default(), move |reactor| {
        Box::pin(async move {
            let mut forever = Box::pin(reactor.run_blocking(move || blocked.recv().is_ok()));
            assert!(futures_lite::future::poll_once(&mut forever).await.is_none());
        })
    });
    shard.unwrap().join().await.unwrap();
    drop(release);
}

async fn a_full_mailbox_holds_its_senders_back(reactor: Reactor) {
    let (sender, mut receiver) = mailbox::bounded(4);
    for number in 0..4 {
        sender.try_send(number).unwrap();
    }
    assert_eq!(sender.try_send(4), Err(mailbox::SendError::Full(4)));
    let waiting = reactor.spawn({
        let sender = sender.clone();
        async move { sender.send(4).await }
    });
    reactor.yield_now().await;
    assert!(!waiting.is_finished());
    assert_eq!(receiver.receive().await, Some(0));
    waiting.await.unwrap();
    drop(sender);
    let mut rest = Vec::new();
    while let Some(number) = receiver.receive().await {
        rest.push(number);
    }
    assert_eq!(rest, [1, 2, 3, 4]);
}

async fn messages_cross_shards_in_order(reactor: Reactor) {
    // A small mailbox, so that both sides have to wait for each other again and again.
    let (sender, mut receiver) = mailbox::bounded(8);
    let shard = reactor.launch(LaunchOptions::default(), move |_| {
        Box::pin(async move {
            for number in 0..20_000_u32 {
                sender.send(number).await.unwrap();
            }
        })
    });
    for expected in 0..20_000 {
        assert_eq!(receiver.receive().await, Some(expected));
    }
    assert_eq!(receiver.receive().await, None);
    shard.unwrap().join().await.unwrap();
}

async fn a_reply_crosses_shards_and_back(reactor: Reactor) {
    let (sender, mut receiver) = mailbox::bounded::<(u32, reply::ReplySender<u32>)>(8);
    let shard = reactor.launch(LaunchOptions { name: "adder".into(), pin: Some(0) }, move |_| {
        Box::pin(async move {
            while let Some((number, reply)) = receiver.receive().await {
                if number < 1000 {
                    reply.send(number + 1).unwrap();
                }
            }
        })
    });
    for number in 0..1000 {
        let (reply, answer) = reply::channel();
        sender.send((number, reply)).await.unwrap();
        assert_eq!(answer.await, Ok(number + 1));
    }
    let (reply, answer) = reply::channel();
    sender.send((1000, reply)).await.unwrap();
    assert_eq!(answer.await, Err(reply::Dropped));
    drop(sender);
    shard.unwrap().join().await.unwrap();
}

#[test]
fn messages_cross_between_shards_that_spin() {
    let spin = Duration::from_micros(50);
    for driver in [DriverChoice::Auto, DriverChoice::Epoll] {
        run(Options { driver, spin, ..Options::default() }, messages_cross_shards_in_order).unwrap();
    }
}

async fn a_closed_mailbox_tells_both_ends(reactor: Reactor) {
    let (sender, receiver) = mailbox::bounded(2);
    sender.try_send(1).unwrap();
    sender.try_send(2).unwrap();
    let waiting = reactor.spawn({
        let sender = sender.clone();
        async move { sender.send(3).await }
    });
    reactor.yield_now().await;
    drop(receiver);
    assert_eq!(waiting.await, Err(mailbox::SendError::Closed(3)));
    assert!(sender.is_closed());
}

async fn a_panicking_shard_fails_its_join(reactor: Reactor) {
    let shard = reactor.launch(LaunchOptions::default(), |reactor| {
        Box::pin(async move {
            reactor.spawn(async { panic!("this panic is part of the test") }).detach();
            std::future::pending::<()>().await;
        })
    });
    shard.unwrap().join().await.unwrap_err();
}

async fn shutdown_reaches_every_shard(reactor: Reactor) {
    let shards: Vec<_> = (0..3)
        .map(|_| {
            let body = |reactor: Reactor| -> ringlog_reactor::LocalBoxFuture<()> {
                Box::pin(async move { reactor.shutdown_requested().await })
            };
            reactor.launch(LaunchOptions::default(), body).unwrap()
        })
        .collect();
    let trigger = reactor.shutdown_trigger();
    std::thread::spawn(move || trigger.request());
    reactor.shutdown_requested().await;
    for shard in shards {
        shard.join().await.unwrap();
    }
    assert!(reactor.is_shutdown_requested());
}

async fn a_local_queue_holds_its_pushers_back(reactor: Reactor) {
    let queue = local::Queue::bounded(2);
    let pusher = reactor.spawn({
        let queue = queue.clone();
        async move {
            for number in 0..10 {
                queue.push(number).await.unwrap();
            }
            queue.close();
        }
    });
    reactor.yield_now().await;
    assert_eq!(queue.len(), 2);
    let mut popped = Vec::new();
    while let Some(number) = queue.pop().await {
        popped.push(number);
    }
    pusher.await;
    assert_eq!(popped, (0..10).collect::<Vec<_>>());
}

async fn a_semaphore_serves_in_order(reactor: Reactor) {
    let semaphore = local::Semaphore::new(10);
    let held = semaphore.acquire(6).await;
    let order = Rc::new(RefCell::new(Vec::new()));
    let waiting: Vec<_> = [8, 3]
        .into_iter()
        .map(|units| {
            let (semaphore, order) = (semaphore.clone(), order.clone());
            reactor.spawn(async move {
                let _permit = semaphore.acquire(units).await;
                order.borrow_mut().push(units);
            })
        })
        .collect();
    reactor.yield_now().await;
    // There would be room for 3, but 8 was first.
    assert!(semaphore.try_acquire(1).is_none());
    drop(held);
    for task in waiting {
        task.await;
    }
    assert_eq!(*order.borrow(), [8, 3]);
    assert_eq!(semaphore.free(), 10);
    // More than there are counts as all.
    assert_eq!(semaphore.acquire(1000).await.units(), 10);
}

async fn random_numbers_and_hashers_differ(reactor: Reactor) {
    assert_ne!(reactor.random_u64(), reactor.random_u64());
    assert_ne!(reactor.hash_state().hash_one(1), reactor.hash_state().hash_one(1));
}
