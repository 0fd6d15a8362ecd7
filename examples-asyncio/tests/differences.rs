//! Where tasks in Rust differ from Python's: each difference that README.md names, shown.

use std::cell::Cell;
use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use examples_asyncio::event_loop;
use smol::LocalExecutor;

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// A task that says, in its turn, that it had one.
fn had_a_turn() -> (Rc<Cell<bool>>, impl Future<Output = ()>) {
    let flag = Rc::new(Cell::new(false));
    let set = flag.clone();
    (flag, async move { set.set(true) })
}

#[test]
fn a_future_does_nothing_until_it_is_polled() {
    let (flag, future) = had_a_turn();
    assert!(!flag.get());
    drop(future);
    assert!(!flag.get());
}

#[test]
fn a_spawned_task_runs_without_being_awaited() {
    let (flag, future) = had_a_turn();
    event_loop::run(async {
        let _task = event_loop::create_task(future);
        event_loop::sleep(Duration::ZERO).await;
    });
    assert!(flag.get());
}

#[test]
fn dropping_a_task_cancels_it_in_smol_and_nowhere_else() {
    let (flag, future) = had_a_turn();
    event_loop::run(async {
        drop(event_loop::create_task(future));
        event_loop::sleep(Duration::from_millis(1)).await;
    });
    assert!(flag.get());

    let (flag, future) = had_a_turn();
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&current_thread(), async {
        drop(tokio::task::spawn_local(future));
        tokio::time::sleep(Duration::from_millis(1)).await;
    });
    assert!(flag.get());

    let (flag, future) = had_a_turn();
    async_std::task::block_on(async {
        drop(async_std::task::spawn_local(future));
        async_std::task::sleep(Duration::from_millis(1)).await;
    });
    assert!(flag.get());

    let (flag, future) = had_a_turn();
    let executor = LocalExecutor::new();
    smol::block_on(executor.run(async {
        drop(executor.spawn(future));
        smol::Timer::after(Duration::from_millis(1)).await;
    }));
    assert!(!flag.get());
}

#[test]
fn the_tasks_of_the_ports_share_one_thread() {
    async fn thread_id() -> thread::ThreadId {
        smol::future::yield_now().await;
        thread::current().id()
    }
    let here = HashSet::from([thread::current().id()]);
    let four = || [thread_id(), thread_id(), thread_id(), thread_id()];

    let threads = event_loop::run(event_loop::gather(four()));
    assert_eq!(HashSet::from_iter(threads), here);

    let threads = current_thread().block_on(async {
        let mut threads = HashSet::new();
        for task in four().map(tokio::spawn) {
            threads.insert(task.await.unwrap());
        }
        threads
    });
    assert_eq!(threads, here);

    let threads = async_std::task::block_on(async {
        let mut threads = HashSet::new();
        for task in four().map(async_std::task::spawn_local) {
            threads.insert(task.await);
        }
        threads
    });
    assert_eq!(threads, here);

    let executor = LocalExecutor::new();
    let threads = smol::block_on(executor.run(async {
        let mut threads = HashSet::new();
        for task in four().map(|task| executor.spawn(task)) {
            threads.insert(task.await);
        }
        threads
    }));
    assert_eq!(threads, here);
}

#[test]
fn a_sleep_counts_from_its_making_in_tokio_and_smol_and_from_its_first_poll_elsewhere() {
    let runtime = current_thread();
    let _entered = runtime.enter();
    let delay = Duration::from_millis(20);
    loop {
        let tokio = tokio::time::sleep(delay);
        let smol = pin!(smol::Timer::after(delay));
        let ours = pin!(event_loop::sleep(delay));
        let async_std = pin!(async_std::task::sleep(delay));
        thread::sleep(2 * delay);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(tokio.deadline() <= tokio::time::Instant::now());
        assert!(smol.poll(&mut cx).is_ready());
        let begun = Instant::now();
        let polls = (async_std.poll(&mut cx), event_loop::run(async { ours.poll(&mut cx) }));
        // If the machine stalled during the polls, they say nothing.
        if begun.elapsed() < delay {
            assert_eq!(polls, (Poll::Pending, Poll::Pending));
            break;
        }
    }
}

#[test]
fn a_float_is_written_as_python_writes_it_with_the_debug_format() {
    assert_eq!(format!("{:?} {}", 2.0, 2.0), "2.0 2");
    assert_eq!(format!("{:?}", 2.0015), "2.0015");
}
