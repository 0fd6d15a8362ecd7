//! Shows how tasks in Rust differ from Python's: the differences in README.md, each by a test.

use std::any::Any;
use std::cell::Cell;
use std::collections::HashSet;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::process::Command;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use examples_asyncio::event_loop;
use futures::FutureExt;
use smol::LocalExecutor;

fn local_runtime() -> tokio::runtime::LocalRuntime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build_local(Default::default()).unwrap()
}

/// A flag, and a future that sets it when it is polled.
fn future_that_sets_a_flag() -> (Rc<Cell<bool>>, impl Future<Output = ()>) {
    let flag = Rc::new(Cell::new(false));
    let set = flag.clone();
    (flag, async move { set.set(true) })
}

#[test]
fn a_future_does_nothing_until_it_is_polled() {
    let (flag, future) = future_that_sets_a_flag();
    assert!(!flag.get());
    drop(future);
    assert!(!flag.get());
}

#[test]
fn a_spawned_task_runs_without_being_awaited() {
    let (flag, future) = future_that_sets_a_flag();
    event_loop::run(async {
        let _task = event_loop::create_task(future);
        event_loop::sleep(Duration::ZERO).await;
    });
    assert!(flag.get());
}

#[test]
fn dropping_a_handle_cancels_the_task_only_in_smol() {
    let (flag, future) = future_that_sets_a_flag();
    event_loop::run(async {
        drop(event_loop::create_task(future));
        event_loop::sleep(Duration::from_millis(1)).await;
    });
    assert!(flag.get());

    let (flag, future) = future_that_sets_a_flag();
    local_runtime().block_on(async {
        drop(tokio::task::spawn_local(future));
        tokio::time::sleep(Duration::from_millis(1)).await;
    });
    assert!(flag.get());

    let (flag, future) = future_that_sets_a_flag();
    async_std::task::block_on(async {
        drop(async_std::task::spawn_local(future));
        async_std::task::sleep(Duration::from_millis(1)).await;
    });
    assert!(flag.get());

    let (flag, future) = future_that_sets_a_flag();
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

    let threads = local_runtime().block_on(async {
        let mut threads = HashSet::new();
        for task in four().map(tokio::task::spawn_local) {
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
fn a_sleep_starts_when_created_in_tokio_and_smol_and_when_polled_elsewhere() {
    let runtime = local_runtime();
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
        // If the machine stalled during the polls, they prove nothing: try again.
        if begun.elapsed() < delay {
            assert_eq!(polls, (Poll::Pending, Poll::Pending));
            break;
        }
    }
}

#[derive(Default)]
struct Flags {
    first_may_end: Cell<bool>,
    second_has_panicked: Cell<bool>,
}

/// A future that waits for its flag, and a future that panics.
fn two_futures(flags: &Rc<Flags>) -> [Pin<Box<dyn Future<Output = ()>>>; 2] {
    let (of_first, of_second) = (flags.clone(), flags.clone());
    let first = async move {
        while !of_first.first_may_end.get() {
            smol::future::yield_now().await;
        }
    };
    let second = async move {
        of_second.second_has_panicked.set(true);
        panic!("this test needs a task that panics");
    };
    [Box::pin(first), Box::pin(second)]
}

/// Awaits two tasks in order, as three of the ports do: the second task's panic comes out only
/// after the first task has ended. Returns that panic, or what the second task returns.
async fn await_in_order<T>(
    [first, second]: [impl Future<Output = T>; 2],
    flags: Rc<Flags>,
) -> Result<T, Box<dyn Any + Send>> {
    let in_order = async {
        first.await;
        second.await
    };
    let mut in_order = pin!(AssertUnwindSafe(in_order).catch_unwind());
    while !flags.second_has_panicked.get() {
        assert!(futures::poll!(in_order.as_mut()).is_pending());
        smol::future::yield_now().await;
    }
    assert!(futures::poll!(in_order.as_mut()).is_pending());
    flags.first_may_end.set(true);
    in_order.await
}

#[test]
fn gather_panics_immediately_and_awaiting_in_order_does_not() {
    // The first task never ends.
    let gathered = || event_loop::run(event_loop::gather(two_futures(&Rc::default())));
    assert!(catch_unwind(gathered).is_err());

    let flags = Rc::default();
    let result = local_runtime().block_on(async {
        await_in_order(two_futures(&flags).map(tokio::task::spawn_local), flags).await
    });
    assert!(result.unwrap().is_err_and(|error| error.is_panic()));

    let flags = Rc::default();
    let result = async_std::task::block_on(async {
        await_in_order(two_futures(&flags).map(async_std::task::spawn_local), flags).await
    });
    assert!(result.is_err());

    let flags = Rc::default();
    let executor = LocalExecutor::new();
    let result = smol::block_on(executor.run(async {
        await_in_order(two_futures(&flags).map(|future| executor.spawn(future)), flags).await
    }));
    assert!(result.is_err());
}

#[test]
fn cancelling_a_task_drops_its_future() {
    struct SetOnDrop(Rc<Cell<bool>>);
    impl Drop for SetOnDrop {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let is_dropped = Rc::new(Cell::new(false));
    let set = SetOnDrop(is_dropped.clone());
    event_loop::run(async {
        let task = event_loop::create_task(async move {
            let _set = set;
            pending::<()>().await;
        });
        event_loop::sleep(Duration::ZERO).await;
        task.cancel();
        event_loop::sleep(Duration::ZERO).await;
        // The loop drops its tasks at its end, so this has to be seen before.
        assert!(is_dropped.get());
    });
}

#[test]
fn the_debug_format_of_a_float_is_pythons_str_from_1e_minus_4_to_1e16() {
    // Both languages write the shortest digits that give the same float again.
    let floats = [0.0, 2.0, 2.0015, 0.1 + 0.2, 1e-4, 9999999999999998.0, 9.9e-5, 1e16];
    let in_python = ["0.0", "2.0", "2.0015", "0.30000000000000004", "0.0001", "9999999999999998.0"];
    let in_rust = floats.map(|float| format!("{float:?}"));
    assert_eq!(in_rust[..6], in_python);
    // Outside of that range, both write an exponent, but Python writes 9.9e-05 and 1e+16.
    assert_eq!(in_rust[6..], ["9.9e-5", "1e16"]);
    assert_eq!(format!("{}", 2.0), "2");

    let script = "import ast, sys; print(*map(str, ast.literal_eval(sys.argv[1])))";
    let python = Command::new("python3").args(["-c", script, &format!("{floats:?}")]).output();
    if let Ok(python) = python {
        let expected = format!("{} 9.9e-05 1e+16\n", in_python.join(" "));
        assert_eq!(String::from_utf8_lossy(&python.stdout), expected);
    }
}
