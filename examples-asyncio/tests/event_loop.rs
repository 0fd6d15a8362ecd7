//! The guarantees of the event loop. The times are lower bounds, which also hold on slow machines.

// A task that one run returns is awaited in another.
#![allow(clippy::async_yields_async)]

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use examples_asyncio::event_loop::{EventLoop, Task, create_task, gather, run, sleep};
use futures::FutureExt;
use futures::channel::{mpsc as channel, oneshot};
use futures::future::{Either, join_all, select};
use futures::stream::{FuturesUnordered, StreamExt};
#[cfg(target_os = "linux")]
use nix::sys::{
    resource::{Usage, UsageWho, getrusage},
    time::TimeValLike,
};

const MS: Duration = Duration::from_millis(1);

/// A list that tasks write to in the order in which they run.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<u32>>>);

impl Log {
    fn add(&self, entry: u32) {
        self.0.borrow_mut().push(entry);
    }

    fn take(&self) -> Vec<u32> {
        self.0.take()
    }
}

/// Sets its flag when it is dropped.
struct SetOnDrop(Rc<Cell<bool>>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

fn panic_message(run: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).expect("the panic has a text")
}

#[test]
fn run_returns_the_output_and_may_borrow() {
    let text = String::from("output");
    assert_eq!(run(async { text.len() }), 6);
}

#[test]
fn a_sleep_lasts_as_long_as_it_says() {
    let begun = Instant::now();
    run(sleep(30 * MS));
    assert!(begun.elapsed() >= 30 * MS);
}

#[test]
fn a_sleep_never_ends_before_its_deadline() {
    let delay = Duration::from_micros(100);
    run(async {
        // While this task is ready, the loop never waits, so it wakes other tasks without delay.
        let busy = create_task(async {
            loop {
                sleep(Duration::ZERO).await;
            }
        });
        for _ in 0..100 {
            let begun = Instant::now();
            sleep(delay).await;
            assert!(begun.elapsed() >= delay);
        }
        busy.cancel();
    });
}

#[test]
fn a_sleep_counts_from_its_first_poll() {
    run(async {
        let sleeping = sleep(30 * MS);
        thread::sleep(60 * MS);
        let begun = Instant::now();
        sleeping.await;
        assert!(begun.elapsed() >= 30 * MS);
    });
}

#[test]
fn zero_overflowing_and_past_deadlines_do_not_panic() {
    run(async {
        sleep(Duration::ZERO).await;
        let mut never = pin!(sleep(Duration::MAX));
        for delay in [Duration::from_nanos(1), 5 * MS] {
            let mut late = pin!(sleep(delay));
            assert!(poll_once(late.as_mut()).await.is_pending());
            thread::sleep(10 * MS); // the deadline passes before the next poll
            late.await;
        }
        assert!(poll_once(never.as_mut()).await.is_pending());
    });
}

async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

#[test]
fn a_busy_task_does_not_starve_the_timers() {
    run(async {
        let busy = create_task(async {
            loop {
                sleep(Duration::ZERO).await;
            }
        });
        sleep(5 * MS).await;
        busy.cancel();
    });
}

#[test]
fn gather_returns_outputs_in_the_order_of_its_arguments() {
    let results = run(gather([3, 1, 2].map(|number| async move {
        sleep(number * 5 * MS).await;
        number
    })));
    assert_eq!(results, [3, 1, 2]);
    assert_eq!(run(gather(Vec::<std::future::Ready<()>>::new())), []);
}

#[test]
fn gather_resumes_the_first_panic_immediately() {
    let message = panic_message(|| {
        run(gather([false, true].map(|panics| async move {
            if panics {
                panic!("one of two");
            }
            pending::<()>().await
        })));
    });
    assert_eq!(message, "one of two");
}

#[test]
fn a_panic_propagates_only_to_the_awaiting_task() {
    run(async {
        let task = create_task(async { panic!("in the task") });
        let other = create_task(async {
            sleep(Duration::ZERO).await;
            "done"
        });
        assert_eq!(other.await, "done");
        let awaiting = async {
            let () = task.await;
        };
        let mut awaiting = pin!(awaiting);
        let caught = poll_fn(|cx| {
            Poll::Ready(panic_message(|| {
                let _ = awaiting.as_mut().poll(cx);
            }))
        });
        assert_eq!(caught.await, "in the task");
    });
}

#[test]
fn a_task_can_be_cancelled_before_its_first_turn_and_by_itself() {
    let log = Log::default();
    run(async {
        let task = create_task({
            let log = log.clone();
            async move { log.add(1) }
        });
        task.cancel();

        let itself = Rc::new(RefCell::new(None));
        let dropped = Rc::new(Cell::new(false));
        let task = create_task({
            let (log, itself, flag) = (log.clone(), itself.clone(), SetOnDrop(dropped.clone()));
            async move {
                let _flag = flag;
                sleep(Duration::ZERO).await;
                let task: Task<()> = itself.take().expect("it is set");
                task.cancel();
                log.add(2);
                sleep(Duration::ZERO).await;
                log.add(3);
            }
        });
        itself.replace(Some(task));
        for _ in 0..5 {
            sleep(Duration::ZERO).await;
        }
        assert!(dropped.get());
    });
    assert_eq!(log.take(), [2]);
}

#[test]
fn an_output_that_nobody_awaits_is_dropped_when_its_task_is_done() {
    let dropped = Rc::new(Cell::new(false));
    let flag = SetOnDrop(dropped.clone());
    run(async {
        drop(create_task(async move { flag }));
        sleep(Duration::ZERO).await;
        assert!(dropped.get());
    });
}

#[test]
fn loops_run_one_after_another_and_on_several_threads() {
    let handles: Vec<_> = (0..4)
        .map(|number| {
            thread::spawn(move || {
                for _ in 0..10 {
                    assert_eq!(
                        run(gather([ready(number), ready(number + 1)])),
                        [number, number + 1]
                    );
                }
            })
        })
        .collect();
    handles.into_iter().for_each(|handle| handle.join().unwrap());
}

#[test]
fn run_inside_a_loop_and_create_task_outside_of_one_panic() {
    let message = panic_message(|| run(async { run(async {}) }));
    assert_eq!(message, "this thread runs an event loop already");
    let message = panic_message(|| drop(create_task(async {})));
    assert_eq!(message, "no running event loop");
}

#[test]
fn futures_need_not_be_send() {
    let shared = Rc::new(Cell::new(1));
    let task_shared = shared.clone();
    run(async {
        create_task(async move {
            sleep(MS).await;
            task_shared.set(2);
        })
        .await;
    });
    assert_eq!(shared.get(), 2);
}

#[test]
fn another_thread_wakes_the_loop() {
    let (sender, receiver) = oneshot::channel();
    let waker = thread::spawn(move || {
        thread::sleep(20 * MS); // by now the loop most likely sleeps; it must work either way
        sender.send("sent").unwrap();
    });
    assert_eq!(run(receiver), Ok("sent"));
    waker.join().unwrap();
}

#[test]
fn many_wakes_from_other_threads_are_not_lost() {
    const EACH: u32 = 10_000;
    let (sender, mut receiver) = channel::unbounded();
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let sender = sender.clone();
            thread::spawn(move || (0..EACH).for_each(|n| sender.unbounded_send(n).unwrap()))
        })
        .collect();
    drop(sender);
    let count = run(async move {
        create_task(async move {
            let mut count = 0;
            while receiver.next().await.is_some() {
                count += 1;
            }
            count
        })
        .await
    });
    assert_eq!(count, 4 * EACH);
    senders.into_iter().for_each(|sender| sender.join().unwrap());
}

#[test]
fn a_waker_may_outlive_its_task_and_its_loop() {
    let (give, take) = mpsc::channel();
    let kept = run(async move {
        create_task(poll_fn(move |cx| {
            give.send(cx.waker().clone()).unwrap();
            Poll::Ready(())
        }))
        .await;
        let waker = take.recv().unwrap();
        waker.wake_by_ref();
        assert_eq!(create_task(async { 1 }).await, 1);
        let elsewhere = waker.clone();
        thread::spawn(move || elsewhere.wake()).join().unwrap();
        assert_eq!(create_task(async { 2 }).await, 2);
        waker
    });
    kept.wake();
}

#[test]
fn the_futures_crates_combinators_run() {
    run(async {
        let sleeps = (0..100).map(|number| async move {
            sleep(number % 7 * MS).await;
            number
        });
        assert_eq!(join_all(sleeps.clone()).await, (0..100).collect::<Vec<_>>());

        let mut unordered: FuturesUnordered<_> = sleeps.collect();
        let mut seen = Vec::new();
        while let Some(number) = unordered.next().await {
            seen.push(number);
        }
        seen.sort();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());

        match select(pin!(sleep(MS)), pin!(sleep(Duration::MAX))).await {
            Either::Left(((), _)) => {}
            Either::Right(_) => panic!("the longer sleep ended first"),
        }

        let (sender, receiver) = channel::channel(1);
        let sending = create_task(async move {
            let mut sender = sender;
            for number in 0..100 {
                futures::future::poll_fn(|cx| sender.poll_ready(cx)).await.unwrap();
                sender.start_send(number).unwrap();
            }
        });
        assert_eq!(receiver.collect::<Vec<_>>().await, (0..100).collect::<Vec<_>>());
        sending.await;
    });
}

#[test]
fn a_sleep_may_move_to_another_task() {
    run(async {
        let mut sleeping = Box::pin(sleep(10 * MS));
        assert!(poll_once(sleeping.as_mut()).await.is_pending());
        // Now it has to wake this task, not the one that polled it first.
        create_task(sleeping).await;
    });
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

#[test]
fn combinators_may_poll_a_sleep_before_its_deadline() {
    let begun = Instant::now();
    run(join_all([sleep(5 * MS), sleep(40 * MS)]));
    assert!(begun.elapsed() >= 40 * MS);
}

#[test]
fn a_dropped_sleep_leaves_no_timer() {
    // If the timer were left, the loop would wake the task and poll it once more.
    let polls = Cell::new(0);
    run(async {
        {
            let mut given_up = pin!(sleep(5 * MS));
            assert!(poll_once(given_up.as_mut()).await.is_pending());
        }
        let mut sleeping = pin!(sleep(50 * MS));
        poll_fn(|cx| {
            polls.set(polls.get() + 1);
            sleeping.as_mut().poll(cx)
        })
        .await;
    });
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_sleep_cannot_move_to_another_event_loop() {
    let mut sleeping = Box::pin(sleep(Duration::from_secs(60)));
    let event_loop = EventLoop::new();
    event_loop.run_until_complete(async {
        assert!(poll_once(sleeping.as_mut()).await.is_pending());
    });
    let message = panic_message(|| run(sleeping));
    assert_eq!(message, "a sleep cannot move to another event loop");
}

#[test]
fn a_task_that_is_woken_twice_is_polled_once() {
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    run(async {
        let task = create_task(poll_fn(move |cx| {
            counted.set(counted.get() + 1);
            if counted.get() == 1 {
                cx.waker().wake_by_ref();
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            cx.waker().wake_by_ref();
            Poll::Ready(())
        }));
        task.await;
        sleep(Duration::ZERO).await;
    });
    assert_eq!(polls.get(), 2);

    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    run(async {
        let task = create_task(poll_fn(move |cx| {
            counted.set(counted.get() + 1);
            cx.waker().wake_by_ref();
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
        for _ in 0..10 {
            sleep(Duration::ZERO).await;
        }
        task.cancel();
    });
    assert!(polls.get() <= 11, "{} turns in 11 rounds", polls.get());
}

#[test]
fn a_task_wakes_the_task_that_awaited_it_last() {
    run(async {
        let mut task = Box::pin(create_task(sleep(5 * MS)));
        assert!(poll_once(task.as_mut()).await.is_pending());
        // Now it has to wake this task, not the one that polled it first.
        create_task(task).await;
    });
}

#[test]
fn gather_resumes_the_first_of_two_panics() {
    let message = panic_message(|| {
        run(gather([1, 2].map(|number| async move { panic!("number {number}") })));
    });
    assert_eq!(message, "number 1");
}

#[test]
fn awaiting_a_task_of_a_dropped_loop_panics() {
    let event_loop = EventLoop::new();
    let task = event_loop.run_until_complete(async { create_task(pending::<()>()) });
    drop(event_loop);
    let message = panic_message(|| run(task));
    assert_eq!(message, "the awaited task was dropped with its event loop");
}

#[test]
fn awaiting_a_task_panics_when_its_loop_is_dropped() {
    let event_loop = EventLoop::new();
    let task = event_loop.run_until_complete(async { create_task(pending::<()>()) });
    let is_panic = run(async {
        let waiting = create_task(AssertUnwindSafe(task).catch_unwind());
        sleep(Duration::ZERO).await;
        drop(event_loop);
        match select(waiting, sleep(60_000 * MS)).await {
            Either::Left((output, _)) => output.is_err(),
            Either::Right(_) => false,
        }
    });
    assert!(is_panic);
}

thread_local! {
    static USES: Cell<u32> = const { Cell::new(0) };
}

/// Uses the loop while it is dropped, as a destructor may, and counts that.
struct UseOnDrop;

impl Drop for UseOnDrop {
    fn drop(&mut self) {
        drop(create_task(async {}));
        let mut sleeping = pin!(sleep(MS));
        let _ = sleeping.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        USES.set(USES.get() + 1);
    }
}

/// The loop drops `held` when it drops the task's future.
async fn cancel_a_task_that_holds<T: 'static>(held: T) {
    let task = create_task(async move {
        let _held = held;
        pending::<()>().await;
    });
    sleep(Duration::ZERO).await;
    task.cancel();
    sleep(Duration::ZERO).await;
}

#[test]
fn destructors_may_use_the_loop() {
    run(async {
        let held = UseOnDrop;
        create_task(async move {
            let _held = held;
            sleep(MS).await;
        })
        .await;
        cancel_a_task_that_holds(UseOnDrop).await;
    });
    assert_eq!(USES.get(), 2);
}

/// A waker that uses the loop when it wakes, and when it is dropped.
struct UsingWaker(UseOnDrop);

impl Wake for UsingWaker {
    fn wake(self: Arc<Self>) {
        drop(UseOnDrop);
    }
}

#[test]
fn wakers_may_use_the_loop_when_they_wake_and_when_they_are_dropped() {
    let waker = || Waker::from(Arc::new(UsingWaker(UseOnDrop)));
    run(async {
        let mut woken = pin!(sleep(MS));
        let _ = woken.as_mut().poll(&mut Context::from_waker(&waker()));
        // The second poll replaces the waker of the first.
        let _ = woken.as_mut().poll(&mut Context::from_waker(&waker()));
        {
            let mut given_up = pin!(sleep(500 * MS));
            let _ = given_up.as_mut().poll(&mut Context::from_waker(&waker()));
        }
        sleep(20 * MS).await;
    });
    // All three are dropped, and one is woken.
    assert_eq!(USES.get(), 4);
}

struct PanicOnDrop;

impl Drop for PanicOnDrop {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

#[test]
fn a_panicking_destructor_ends_only_its_task() {
    run(async {
        cancel_a_task_that_holds(PanicOnDrop).await;
        assert_eq!(create_task(async { 1 }).await, 1);
    });
}

#[test]
fn the_output_survives_destructors_that_use_the_dropped_loop_or_panic() {
    fn leave_behind<T: 'static>(held: fn() -> T) -> u32 {
        run(async move {
            for _ in 0..3 {
                let held = held();
                drop(create_task(async move {
                    let _held = held;
                    pending::<()>().await;
                }));
            }
            sleep(Duration::ZERO).await;
            1
        })
    }
    assert_eq!(leave_behind(|| UseOnDrop), 1);
    assert_eq!(USES.get(), 3);
    assert_eq!(leave_behind(|| PanicOnDrop), 1);
}

#[test]
fn the_loop_may_be_dropped_while_another_one_runs() {
    let inner = EventLoop::new();
    inner.run_until_complete(async {
        let held = UseOnDrop;
        drop(create_task(async move {
            let _held = held;
            pending::<()>().await;
        }));
        sleep(Duration::ZERO).await;
    });
    run(async {
        drop(inner);
        assert_eq!(USES.get(), 1);
        create_task(sleep(MS)).await;
    });
}

#[test]
fn a_loop_may_be_dropped_when_its_thread_ends() {
    thread_local! {
        static LOOP: EventLoop = EventLoop::new();
    }
    let thread = thread::spawn(|| {
        LOOP.with(|event_loop| {
            event_loop.run_until_complete(async { drop(create_task(pending::<()>())) })
        });
    });
    thread.join().unwrap();
}

#[test]
fn the_values_of_panics_may_panic_in_their_destructors() {
    // gather resumes the first of these panics, and the loop drops the second.
    let both = gather([0, 1].map(|_| async { panic_any(PanicOnDrop) }));
    let first = catch_unwind(AssertUnwindSafe(|| run(both))).expect_err("it panics");
    assert!(catch_unwind(AssertUnwindSafe(|| drop(first))).is_err());

    struct PanicTwice;
    impl Drop for PanicTwice {
        fn drop(&mut self) {
            panic_any(PanicOnDrop);
        }
    }
    run(async {
        cancel_a_task_that_holds(PanicTwice).await;
        assert_eq!(create_task(async { 1 }).await, 1);
    });
}

#[test]
fn dropped_outputs_may_panic_in_their_destructors() {
    run(async {
        {
            let mut gathering = pin!(gather([0, 1].map(|_| async { PanicOnDrop })));
            assert!(poll_once(gathering.as_mut()).await.is_pending());
        }
        sleep(MS).await;
        assert_eq!(create_task(async { 1 }).await, 1);
    });
}

#[test]
fn main_may_panic_in_its_destructor() {
    struct Ready(#[allow(dead_code)] PanicOnDrop);
    impl Future for Ready {
        type Output = u32;
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
            Poll::Ready(1)
        }
    }
    assert_eq!(run(Ready(PanicOnDrop)), 1);
    assert_eq!(run(async { 2 }), 2);
}

#[test]
fn a_panicking_waker_does_not_stop_other_timers() {
    struct Panicking;
    impl Wake for Panicking {
        fn wake(self: Arc<Self>) {
            panic!("in a waker");
        }
    }
    run(async {
        let waker = Waker::from(Arc::new(Panicking));
        let mut sleeping = pin!(sleep(MS));
        let _ = sleeping.as_mut().poll(&mut Context::from_waker(&waker));
        let mut task = pin!(create_task(sleep(MS)));
        let _ = task.as_mut().poll(&mut Context::from_waker(&waker));
        create_task(sleep(2 * MS)).await;
    });
}

#[test]
fn a_waker_of_one_run_does_not_wake_the_main_future_of_the_next() {
    let event_loop = EventLoop::new();
    // Main is woken in its last poll.
    event_loop.run_until_complete(select(sleep(Duration::ZERO), ready(())));
    event_loop.run_until_complete(async {});

    // Its waker is woken between the runs.
    let mut kept = None;
    event_loop.run_until_complete(poll_fn(|cx| {
        kept = Some(cx.waker().clone());
        Poll::Ready(())
    }));
    kept.expect("it was polled").wake();
    event_loop.run_until_complete(async {});

    // A task that the first main awaited ends while the second one runs.
    let mut task = event_loop.run_until_complete(async {
        let mut task = Box::pin(create_task(sleep(5 * MS)));
        assert!(poll_once(task.as_mut()).await.is_pending());
        task
    });
    event_loop.run_until_complete(sleep(10 * MS));
    event_loop.run_until_complete(task.as_mut());
}

#[test]
fn a_task_that_awaits_itself_panics() {
    let itself: Rc<RefCell<Option<Task<()>>>> = Rc::default();
    let message = panic_message(|| {
        run(async {
            let own = itself.clone();
            let (sender, receiver) = oneshot::channel();
            let task = create_task(async move {
                let own = own.take().expect("it is set");
                let awaiting = AssertUnwindSafe(own).catch_unwind();
                let _ = sender.send(awaiting.await.expect_err("it panics"));
            });
            itself.replace(Some(task));
            resume_unwind(receiver.await.expect("it is sent"));
        })
    });
    assert_eq!(message, "a task cannot await itself");
}

/// If each left something behind, 500,000 would take megabytes. This runs in a process of its own,
/// because the memory of other tests counts, too.
#[test]
#[cfg(target_os = "linux")]
fn dropped_sleeps_leave_no_memory_behind() {
    const PROGRAM: &str = "IS_PROGRAM";
    let test = "dropped_sleeps_leave_no_memory_behind";
    if std::env::var_os(PROGRAM).is_none() {
        let mut program = std::process::Command::new(std::env::current_exe().unwrap());
        let output = program.args(["--exact", test, "--nocapture"]).env(PROGRAM, "1").output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let max_rss = || getrusage(UsageWho::RUSAGE_SELF).unwrap().max_rss();
    let before = max_rss();
    run(async {
        let mut kept = Box::pin(sleep(Duration::MAX));
        for _ in 0..500_000 {
            let mut next = Box::pin(sleep(Duration::MAX));
            assert!(poll_once(next.as_mut()).await.is_pending());
            kept = next; // two are alive at the same time
        }
        drop(kept);
    });
    let grown = max_rss() - before;
    assert!(grown < 2_000, "{grown} KiB");
}

#[test]
#[cfg(target_os = "linux")]
fn no_timer_has_a_thread() {
    run(async {
        let tasks: Vec<_> = (0..1000).map(|_| create_task(sleep(50 * MS))).collect();
        sleep(Duration::ZERO).await;
        let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
        assert!(threads < 500, "{threads} threads for a thousand timers");
        for task in tasks {
            task.await;
        }
    });
}
