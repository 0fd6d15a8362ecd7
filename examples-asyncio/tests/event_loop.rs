//! The guarantees of the event loop that do not concern the order of tasks, which the test
//! `asyncio_order` compares with asyncio's. The times are lower bounds, which also hold on slow
//! machines.

// A task that one run returns is awaited in another.
#![allow(clippy::async_yields_async)]

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use examples_asyncio::event_loop::{EventLoop, Task, create_task, gather, run, sleep};
use futures::channel::{mpsc, oneshot};
use futures::future::{Either, LocalBoxFuture, join_all, select};
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, SinkExt, poll};
#[cfg(target_os = "linux")]
use nix::sys::{
    resource::{Usage, UsageWho, getrusage},
    time::TimeValLike,
};

const MS: Duration = Duration::from_millis(1);

/// Suspends the task for `count` iterations of the loop, in which other tasks run.
async fn iterations(count: usize) {
    for _ in 0..count {
        sleep(Duration::ZERO).await;
    }
}

/// Awaits the future, and returns how often it was polled.
async fn polls_of(future: impl Future) -> usize {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        future.as_mut().poll(cx).map(|_| polls)
    })
    .await
}

/// Creates a task that gets its own handle.
fn create_task_with_own_handle(code: impl AsyncFnOnce(Task<()>) + 'static) {
    let (sender, receiver) = oneshot::channel();
    let task = create_task(async { code(receiver.await.expect("it is sent")).await });
    assert!(sender.send(task).is_ok());
}

/// Polls the future with a waker that runs the code when its last clone is dropped. Catches a panic.
fn poll_with_waker<F: Future + Unpin>(future: &mut F, code: fn()) {
    let waker = Waker::from(Arc::new(OnDrop(code)));
    let poll = || future.poll_unpin(&mut Context::from_waker(&waker)).is_pending();
    forget(catch_unwind(AssertUnwindSafe(poll)));
}

/// A waker that runs the code when it is woken.
fn on_wake(code: impl Fn() + Send + Sync + 'static) -> Waker {
    struct OnWake<F>(F);

    impl<F: Fn() + Send + Sync> Wake for OnWake<F> {
        fn wake(self: Arc<Self>) {
            (self.0)();
        }
    }

    Waker::from(Arc::new(OnWake(code)))
}

/// Runs the code when it is dropped.
struct OnDrop(fn());

impl Drop for OnDrop {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl Wake for OnDrop {
    /// Drops the waker, which runs the code if it is the last clone.
    fn wake(self: Arc<Self>) {}
}

/// A future that always returns `poll`, and keeps an [`OnDrop`] until it is dropped.
fn holding(code: fn(), poll: Poll<()>) -> impl Future<Output = ()> {
    let held = OnDrop(code);
    poll_fn(move |_| {
        let _held = &held;
        poll
    })
}

thread_local! {
    /// How often [`count`] was called on this thread.
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    COUNT.set(COUNT.get() + 1);
}

/// What a destructor or a waker may do while the event loop runs it: use the loop, or panic.
const FOREIGN_CODE: [fn(); 3] = [
    || {
        drop(create_task(async {}));
        assert!(sleep(MS).now_or_never().is_none());
        count(); // only if the loop could be used, because the loop catches panics
    },
    || {
        count();
        panic!("in foreign code");
    },
    || {
        count();
        // The loop must not drop the value of this panic.
        panic_any(OnDrop(|| panic!("in the value of a panic")));
    },
];

#[test]
fn destructors_and_wakers_may_use_the_loop_or_panic() {
    /// Where the loop runs the code, how often, and a future that leads to that.
    type Place = (&'static str, usize, fn(fn()) -> LocalBoxFuture<'static, ()>);
    const PLACES: [Place; 8] = [
        ("the future of a completed task", 1, |code| {
            create_task(holding(code, Poll::Ready(()))).boxed_local()
        }),
        ("the future of a cancelled task", 1, |code| {
            let task = create_task(holding(code, Poll::Pending));
            iterations(1).map(|()| assert!(task.cancel())).boxed_local()
        }),
        ("an output that nobody awaits", 1, |code| {
            drop(create_task(async move { OnDrop(code) }));
            ready(()).boxed_local()
        }),
        ("the outputs of a dropped gather", 2, |code| {
            let mut gathering = gather([0, 1].map(|_| async move { OnDrop(code) })).boxed_local();
            async move { assert!(poll!(&mut gathering).is_pending()) }.boxed_local()
        }),
        ("the value of a second panic", 1, |code| {
            let panicking = gather([0, 1].map(|_| async move { panic_any(OnDrop(code)) }));
            // The first one is given to the awaiting task.
            AssertUnwindSafe(panicking).catch_unwind().map(forget).boxed_local()
        }),
        ("the waker of a timer", 1, |code| {
            let mut sleeping = sleep(MS);
            poll_with_waker(&mut sleeping, code);
            create_task(sleep(2 * MS)).map(|()| drop(sleeping)).boxed_local()
        }),
        ("the wakers of two tasks, of which one panics", 2, |code| {
            let mut tasks = [create_task(ready(())), create_task(async { panic!("in a task") })];
            tasks.iter_mut().for_each(|task| poll_with_waker(task, code));
            iterations(1).map(|()| drop(tasks)).boxed_local()
        }),
        ("a replaced waker, and that of a dropped sleep", 2, |code| {
            let mut sleeping = sleep(Duration::MAX);
            poll_with_waker(&mut sleeping, code);
            poll_with_waker(&mut sleeping, code);
            forget(catch_unwind(AssertUnwindSafe(|| drop(sleeping))));
            ready(()).boxed_local()
        }),
    ];
    for (place, expected, lead_to) in PLACES {
        for code in FOREIGN_CODE {
            COUNT.set(0);
            run(async move {
                lead_to(code).await;
                iterations(3).await;
                assert_eq!(COUNT.get(), expected, "{place}");
                assert_eq!(create_task(async { 1 }).await, 1, "{place}");
            });
        }
    }
}

#[test]
fn destructors_that_a_dropped_loop_runs_may_use_it_or_panic() {
    for code in FOREIGN_CODE {
        let leave_behind = || async move {
            for _ in 0..3 {
                drop(create_task(holding(code, Poll::Pending)));
            }
            let mut sleeping = sleep(Duration::MAX);
            poll_with_waker(&mut sleeping, code);
            forget(sleeping);
            1
        };
        COUNT.set(0);
        assert_eq!(run(leave_behind()), 1);
        assert_eq!(COUNT.take(), 4);

        let event_loop = EventLoop::default();
        event_loop.run_until_complete(leave_behind());
        run(async {
            drop(event_loop);
            assert_eq!(COUNT.take(), 4);
            assert_eq!(create_task(async { 2 }).await, 2);
        });
    }
}

#[test]
fn a_destructor_that_a_dropped_loop_runs_may_leave_a_timer() {
    let leave_timer = || {
        let mut sleeping = sleep(Duration::MAX);
        poll_with_waker(&mut sleeping, || panic!("in foreign code"));
        forget(sleeping);
    };
    let output = run(async move {
        drop(create_task(holding(leave_timer, Poll::Pending)));
        1
    });
    assert_eq!(output, 1);
}

#[test]
fn the_main_future_may_use_the_loop_or_panic_when_it_is_dropped() {
    for code in FOREIGN_CODE {
        COUNT.set(0);
        run(holding(code, Poll::Ready(())));
        assert_eq!(COUNT.get(), 1);
        assert_eq!(run(async { 1 }), 1);
    }
}

#[test]
fn a_loop_may_be_dropped_when_its_thread_ends() {
    thread_local! {
        static LOOP: EventLoop = EventLoop::default();
    }
    let thread = thread::spawn(|| {
        LOOP.with(|event_loop| {
            event_loop.run_until_complete(async { drop(create_task(pending::<()>())) })
        });
    });
    thread.join().unwrap();
}

#[test]
fn wrong_uses_panic_and_panics_propagate() {
    const AWAITS_WRONG_TASK: &str = "the task awaits itself, was awaited, or was dropped";
    const CASES: [(&str, fn()); 12] = [
        ("this thread runs an event loop already", || run(async { run(async {}) })),
        ("no running event loop", || drop(create_task(async {}))),
        ("no running event loop", || drop(gather([ready(())]).now_or_never())),
        ("no running event loop", || assert!(sleep(MS).now_or_never().is_none())),
        (AWAITS_WRONG_TASK, || run(run(async { create_task(pending()) }))),
        ("the awaited task is of another event loop", || {
            let event_loop = EventLoop::default();
            run(event_loop.run_until_complete(async { create_task(pending()) }))
        }),
        ("the awaited task is of another event loop", || {
            let event_loop = EventLoop::default();
            let task = event_loop.run_until_complete(async { create_task(pending::<()>()) });
            run(async { assert_eq!(task.await, ()) });
        }),
        (AWAITS_WRONG_TASK, || {
            run(async {
                let (sender, receiver) = oneshot::channel();
                create_task_with_own_handle(async |own| {
                    let awaiting = AssertUnwindSafe(own).catch_unwind();
                    let _ = sender.send(awaiting.await.expect_err("it panics"));
                });
                resume_unwind(receiver.await.expect("it is sent"));
            })
        }),
        (AWAITS_WRONG_TASK, || {
            run(async {
                let mut task = create_task(async {});
                (&mut task).await;
                task.await;
            })
        }),
        ("in main", || run(async { panic!("in main") })),
        ("in a task", || run(async { create_task(async { panic!("in a task") }).await })),
        ("number 2 of 3", || {
            run(gather([1, 2, 3].map(|number| async move {
                if number == 1 {
                    pending::<()>().await;
                }
                panic!("number {number} of 3");
            })));
        }),
    ];
    for (expected, code) in CASES {
        let panic = catch_unwind(code).expect_err(expected);
        let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        assert_eq!(text.as_deref(), Some(expected));
    }
}

#[test]
fn a_task_is_dropped_with_its_loop_before_its_awaiter_is_woken() {
    thread_local! {
        static TASK: RefCell<Option<Task<()>>> = const { RefCell::new(None) };
    }
    COUNT.set(0);
    run(async {
        let mut task = create_task(pending::<()>());
        let waker = on_wake(|| {
            let poll = || TASK.take().unwrap().now_or_never();
            assert!(catch_unwind(AssertUnwindSafe(poll)).is_err(), "it is pending");
            count();
        });
        assert!(task.poll_unpin(&mut Context::from_waker(&waker)).is_pending());
        TASK.set(Some(task));
    });
    assert_eq!(COUNT.get(), 1);
}

#[test]
fn a_task_that_is_done_outlives_its_loop() {
    let task = run(async {
        let task = create_task(async { 1 });
        iterations(1).await;
        task
    });
    assert_eq!(run(task), 1);
}

/// asyncio removes the callback of a task that gave up.
#[test]
fn a_dropped_handle_wakes_nobody() {
    run(async {
        let polls = polls_of(async {
            let task = create_task(sleep(5 * MS));
            assert!(matches!(select(task, sleep(MS)).await, Either::Right(_)));
            sleep(20 * MS).await;
        });
        assert_eq!(polls.await, 3);
        let polls = polls_of(async {
            let gathering = gather([1, 5].map(|number| sleep(number * MS)));
            assert!(matches!(select(Box::pin(gathering), sleep(2 * MS)).await, Either::Right(_)));
            sleep(20 * MS).await;
        });
        assert_eq!(polls.await, 3);
    });
}

#[test]
fn gather_returns_outputs_in_the_order_of_its_arguments() {
    let results = run(gather([3, 1, 2].map(|number| async move {
        sleep(number * 5 * MS).await;
        number
    })));
    assert_eq!(results, [3, 1, 2]);
}

#[test]
fn a_task_that_cancels_itself_runs_until_it_waits() {
    let steps = Rc::new(Cell::new(0));
    let task_steps = steps.clone();
    COUNT.set(0);
    run(async move {
        create_task_with_own_handle(async move |own| {
            let _held = OnDrop(count);
            own.cancel();
            task_steps.set(1);
            iterations(1).await;
            task_steps.set(2);
        });
        iterations(5).await;
        assert_eq!((steps.get(), COUNT.get()), (1, 1));
    });
}

#[test]
fn a_task_that_is_woken_twice_is_polled_once() {
    let polls = Rc::new(Cell::new(0));
    let task_polls = polls.clone();
    run(async {
        drop(create_task(poll_fn(move |cx| {
            task_polls.set(task_polls.get() + 1);
            if task_polls.get() == 1 {
                cx.waker().wake_by_ref();
                cx.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        })));
        iterations(5).await;
    });
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_future_wakes_the_task_that_polled_it_last() {
    run(async {
        let futures: [fn() -> LocalBoxFuture<'static, ()>; 2] =
            [|| sleep(5 * MS).boxed_local(), || create_task(sleep(5 * MS)).boxed_local()];
        for future in futures {
            let mut future = future();
            assert!(poll!(&mut future).is_pending());
            create_task(future).await;
        }
    });
}

#[test]
fn a_waker_that_outlives_its_task_wakes_nothing() {
    // Each task is woken in its last poll, too.
    async fn own_waker() -> Waker {
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::Ready(cx.waker().clone())
        })
        .await
    }
    let event_loop = EventLoop::default();
    let main = event_loop.run_until_complete(own_waker());
    let mut wakers = event_loop.run_until_complete(async {
        drop(create_task(pending::<()>()));
        let created = create_task(own_waker()).await;
        [vec![created], gather([own_waker(), own_waker()]).await].concat()
    });
    wakers.push(main);
    let wake = move || wakers.iter().for_each(Waker::wake_by_ref);
    wake();
    let wake_later = wake.clone();
    // The tasks of this run have the slots of the tasks that are done.
    let polls = event_loop.run_until_complete(polls_of(async move {
        wake();
        assert!(thread::scope(|scope| scope.spawn(&wake).join().is_ok()));
        assert_eq!(create_task(polls_of(iterations(2))).await, 3);
    }));
    assert_eq!(polls, 2);
    drop(event_loop);
    wake_later();
}

#[test]
fn wakes_from_other_threads_are_not_lost() {
    const EACH: usize = 10_000;
    let (sender, receiver) = mpsc::unbounded();
    for sender in vec![sender; 4] {
        thread::spawn(move || {
            thread::sleep(20 * MS); // by now the loop most likely sleeps; it must work either way
            (0..EACH).for_each(|number| sender.unbounded_send(number).unwrap());
        });
    }
    assert_eq!(run(async { create_task(receiver.count()).await }), 4 * EACH);
}

#[test]
fn the_futures_crates_combinators_run() {
    run(async {
        let sleeps = (0..100).map(|number| sleep(number % 7 * MS).map(move |()| number));
        let all: Vec<_> = (0..100).collect();
        assert_eq!(join_all(sleeps.clone()).await, all);

        let mut seen: Vec<_> = sleeps.collect::<FuturesUnordered<_>>().collect().await;
        seen.sort();
        assert_eq!(seen, all);

        let first = select(sleep(MS), sleep(Duration::MAX)).await;
        assert!(matches!(first, Either::Left(_)));

        let (mut sender, receiver) = mpsc::channel(1);
        drop(create_task(async move {
            for number in 0..100 {
                sender.send(number).await.unwrap();
            }
        }));
        assert_eq!(receiver.collect::<Vec<_>>().await, all);
    });
}

#[test]
fn a_sleep_lasts_for_its_delay_from_its_first_poll() {
    run(async {
        for is_busy in [false, true] {
            // While this task is ready, the loop never waits, so it wakes other tasks without delay.
            if is_busy {
                drop(create_task(iterations(usize::MAX)));
            }
            for delay in [vec![MS / 10; 100], vec![30 * MS]].concat() {
                let mut sleeping = sleep(delay);
                thread::sleep(delay); // does not count
                let begun = Instant::now();
                assert!(poll!(&mut sleeping).is_pending());
                sleeping.await; // a second poll, before the deadline
                assert!(begun.elapsed() >= delay);
            }
        }
    });
}

#[test]
fn a_sleep_may_move_to_another_loop() {
    let event_loop = EventLoop::default();
    let (begun, sleeping) = event_loop.run_until_complete(async {
        let mut sleeping = sleep(30 * MS);
        let begun = Instant::now();
        assert!(poll!(&mut sleeping).is_pending());
        (begun, sleeping)
    });
    run(sleeping);
    assert!(begun.elapsed() >= 30 * MS);
}

#[test]
fn overflowing_and_past_deadlines_do_not_panic() {
    run(async {
        let mut never = sleep(Duration::MAX);
        for delay in [Duration::from_nanos(1), 5 * MS] {
            let mut late = sleep(delay);
            assert!(poll!(&mut late).is_pending());
            thread::sleep(10 * MS); // the deadline passes before the next poll
            late.await;
            assert!(poll!(&mut never).is_pending());
        }
    });
}

#[test]
fn a_dropped_sleep_leaves_no_timer() {
    run(async {
        assert!(poll!(sleep(5 * MS)).is_pending());
        // If the timer were left, the loop would wake the task and poll it once more.
        assert_eq!(polls_of(sleep(50 * MS)).await, 2);
    });
}

/// If each left something behind, 500,000 would take megabytes. This runs in a process of its own,
/// because the memory of other tests counts, too.
#[test]
#[cfg(target_os = "linux")]
fn dropped_sleeps_leave_no_memory_behind() {
    if std::env::var_os("IS_PROGRAM").is_none() {
        let mut program = std::process::Command::new(std::env::current_exe().unwrap());
        program.args(["--exact", "dropped_sleeps_leave_no_memory_behind", "--nocapture"]);
        let output = program.env("IS_PROGRAM", "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let max_rss = || getrusage(UsageWho::RUSAGE_SELF).unwrap().max_rss();
    let before = max_rss();
    run(async {
        let mut kept = sleep(Duration::MAX);
        for _ in 0..500_000 {
            let mut next = sleep(Duration::MAX);
            assert!(poll!(&mut next).is_pending());
            kept = next; // two are alive at the same time
        }
        drop(kept);
    });
    let grown = max_rss() - before;
    assert!(grown < 2_000, "{grown} KiB");
}

#[test]
#[cfg(target_os = "linux")]
fn the_loop_sleeps_when_there_is_nothing_to_do() {
    let usage = || getrusage(UsageWho::RUSAGE_THREAD).unwrap();
    let cpu_time = |usage: Usage| {
        let time = usage.user_time() + usage.system_time();
        Duration::from_micros(time.num_microseconds() as u64)
    };
    let before = usage();
    run(gather((0..10).map(|_| sleep(500 * MS))));
    let after = usage();
    let used = cpu_time(after) - cpu_time(before);
    assert!(used < 250 * MS, "{used:?} of CPU time in half a second of sleep");
    // It waits once, not in many small steps.
    let times = after.voluntary_context_switches() - before.voluntary_context_switches();
    assert!(times < 100, "it waited {times} times");
}

/// With a search for a free deadline, it would take hundreds of times as long. CPU time does not count
/// the time in which the machine runs something else.
#[test]
#[cfg(target_os = "linux")]
fn sleeps_until_one_moment_cost_what_others_cost() {
    let cpu_time_of = |delay: fn(u32) -> Duration| {
        let before = getrusage(UsageWho::RUSAGE_THREAD).unwrap().user_time();
        run(async move {
            let begun = Instant::now();
            gather((0..64_000).map(|number| async move {
                // The delay to a moment, whenever the task begins.
                sleep(delay(number).saturating_sub(begun.elapsed())).await;
            }))
            .await;
        });
        getrusage(UsageWho::RUSAGE_THREAD).unwrap().user_time() - before
    };
    let distinct = cpu_time_of(|number| 1000 * MS + number * MS / 1_000);
    let equal = cpu_time_of(|_| 1000 * MS);
    println!("{equal} until one moment, {distinct} until as many moments");
    assert!(equal < distinct * 20);
}

#[test]
#[cfg(target_os = "linux")]
fn no_timer_has_a_thread() {
    run(async {
        let sleeping = create_task(gather((0..1000).map(|_| sleep(50 * MS))));
        iterations(3).await;
        let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
        assert!(threads < 500, "{threads} threads for a thousand timers");
        sleeping.await;
    });
}
