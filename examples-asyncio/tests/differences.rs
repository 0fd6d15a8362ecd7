//! Shows how tasks in Rust differ from Python's: the differences in README.md, each by a test.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, ready};
use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::process::{Child, ExitStatus};
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use child::{is_program, program};
use examples_asyncio::event_loop;
use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, join_all, try_join_all};
use futures::{FutureExt, TryStreamExt};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use smol::LocalExecutor;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::signal::unix::{SignalKind, signal};

#[path = "../../examples-threading/tests/child/mod.rs"]
mod child;

fn local_runtime() -> tokio::runtime::LocalRuntime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build_local(Default::default()).unwrap()
}

/// A flag, and a future that sets it when it is polled.
fn future_that_sets_a_flag() -> (Rc<Cell<bool>>, impl Future<Output = ()>) {
    let flag = Rc::new(Cell::new(false));
    let set = flag.clone();
    (flag, async move { set.set(true) })
}

/// Suspends this task often enough that all others of its thread run.
async fn let_others_run() {
    for _ in 0..10 {
        smol::future::yield_now().await;
    }
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

/// Spawns a task on each runtime and lets it run. Nobody awaits it: its handle is dropped, or in
/// smol given to `end_of_smol`.
fn spawn_on_each<F: Future<Output = ()> + 'static>(
    future: impl Fn(&'static str) -> F,
    end_of_smol: fn(smol::Task<()>),
) {
    let of_ours = future("std-only");
    event_loop::run(async {
        drop(event_loop::create_task(of_ours));
        let_others_run().await;
    });
    local_runtime().block_on(async {
        drop(tokio::task::spawn_local(future("tokio")));
        let_others_run().await;
    });
    async_std::task::block_on(async {
        drop(async_std::task::spawn_local(future("async-std")));
        let_others_run().await;
    });
    let executor = LocalExecutor::new();
    smol::block_on(executor.run(async {
        end_of_smol(executor.spawn(future("smol")));
        let_others_run().await;
    }));
}

#[test]
fn dropping_a_handle_cancels_the_task_only_in_smol() {
    let have_run = Rc::new(RefCell::new(Vec::new()));
    let future = |runtime| {
        let have_run = have_run.clone();
        async move { have_run.borrow_mut().push(runtime) }
    };
    spawn_on_each(future, drop);
    assert_eq!(*have_run.borrow(), ["std-only", "tokio", "async-std"]);
}

#[test]
fn dropping_a_join_set_cancels_its_tasks() {
    let (flag, future) = future_that_sets_a_flag();
    local_runtime().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn_local(future);
        drop(tasks);
        let_others_run().await;
    });
    assert!(!flag.get());
}

/// Spawns a task, lets `limit` stop waiting for it, and returns whether the task runs on.
async fn runs_on<T, F: Future>(
    spawn: impl FnOnce(LocalBoxFuture<'static, ()>) -> T,
    limit: impl FnOnce(T, Duration) -> F,
) -> bool {
    let (sender, receiver) = oneshot::channel::<()>();
    let (flag, set_flag) = future_that_sets_a_flag();
    let future = async {
        let _ = receiver.await;
        set_flag.await;
    };
    limit(spawn(future.boxed_local()), Duration::from_millis(1)).await;
    let _ = sender.send(());
    let_others_run().await;
    flag.get()
}

#[test]
fn a_task_runs_on_after_a_time_limit_except_in_smol() {
    let of_ours = event_loop::run(runs_on(event_loop::create_task, event_loop::wait_for));
    let limit = |task, limit| tokio::time::timeout(limit, task);
    let of_tokio = local_runtime().block_on(runs_on(tokio::task::spawn_local, limit));
    let limit = |task, limit| async_std::future::timeout(limit, task);
    let of_async_std = async_std::task::block_on(runs_on(async_std::task::spawn_local, limit));
    let executor = LocalExecutor::new();
    let limit = |task, limit| {
        smol::future::or(task, async move {
            smol::Timer::after(limit).await;
        })
    };
    let of_smol = smol::block_on(executor.run(runs_on(|future| executor.spawn(future), limit)));
    assert_eq!([of_ours, of_tokio, of_async_std, of_smol], [true, true, true, false]);
}

#[test]
fn spawn_local_panics_in_a_current_thread_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let spawn = || runtime.block_on(async { tokio::task::spawn_local(async {}).await });
    let text = "`spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`";
    assert_eq!(panic_of(spawn), text);
    local_runtime().block_on(async { tokio::task::spawn_local(async {}).await }).unwrap();
}

#[test]
fn the_tasks_of_the_ports_share_one_thread() {
    async fn thread_id() -> thread::ThreadId {
        smol::future::yield_now().await;
        thread::current().id()
    }
    let four = || [thread_id(), thread_id(), thread_id(), thread_id()];

    let of_ours = event_loop::run(event_loop::gather(four()));
    let of_tokio = local_runtime()
        .block_on(async { try_join_all(four().map(tokio::task::spawn_local)).await.unwrap() });
    let of_async_std = async_std::task::block_on(async {
        join_all(four().map(async_std::task::spawn_local)).await
    });
    let executor = LocalExecutor::new();
    let tasks = four().map(|task| executor.spawn(task));
    let of_smol = smol::block_on(executor.run(join_all(tasks)));
    for threads in [of_ours, of_tokio, of_async_std, of_smol] {
        assert_eq!(threads, [thread::current().id(); 4]);
    }
}

#[test]
fn a_sleep_starts_when_created_in_tokio_and_smol_and_when_polled_elsewhere() {
    let runtime = local_runtime();
    let _entered = runtime.enter();
    let delay = Duration::from_millis(20);
    loop {
        let tokio = tokio::time::sleep(delay);
        let smol = pin!(smol::Timer::after(delay));
        let mut ours = event_loop::sleep(delay);
        let async_std = pin!(async_std::task::sleep(delay));
        thread::sleep(2 * delay);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(tokio.deadline() <= tokio::time::Instant::now());
        assert!(smol.poll(&mut cx).is_ready());
        let begun = Instant::now();
        let poll_ours = async move { ours.poll_unpin(&mut Context::from_waker(Waker::noop())) };
        let polls = (async_std.poll(&mut cx), event_loop::run(poll_ours));
        // If the machine stalled during the polls, they prove nothing: try again.
        if begun.elapsed() < delay {
            assert_eq!(polls, (Poll::Pending, Poll::Pending));
            break;
        }
    }
}

/// Two futures. The first waits until this sends. The second panics after it has set the flag.
fn two_futures() -> (oneshot::Sender<()>, Rc<Cell<bool>>, [LocalBoxFuture<'static, ()>; 2]) {
    let (sender, receiver) = oneshot::channel();
    let (flag, set_flag) = future_that_sets_a_flag();
    let first = async { receiver.await.unwrap() };
    let second = async {
        set_flag.await;
        panic!("this test needs a task that panics");
    };
    (sender, flag, [first.boxed_local(), second.boxed_local()])
}

/// Awaits tasks of two such futures in order, as three of the ports do: the second task's panic
/// comes out only after the first task has ended. Returns that panic, or what the second task
/// returns.
async fn await_in_order<F: Future>(
    spawn: impl Fn(LocalBoxFuture<'static, ()>) -> F,
) -> Result<F::Output, Box<dyn Any + Send>> {
    let (sender, second_panics, futures) = two_futures();
    let [first, second] = futures.map(spawn);
    let in_order = async {
        first.await;
        second.await
    };
    let mut in_order = pin!(AssertUnwindSafe(in_order).catch_unwind());
    assert!(futures::poll!(in_order.as_mut()).is_pending());
    let_others_run().await;
    assert!(second_panics.get());
    assert!(futures::poll!(in_order.as_mut()).is_pending());
    sender.send(()).unwrap();
    in_order.await
}

#[test]
fn gather_panics_immediately_and_awaiting_in_order_does_not() {
    // The first task never ends.
    let (_sender, _, futures) = two_futures();
    let gathered = AssertUnwindSafe(|| event_loop::run(event_loop::gather(futures)));
    assert!(catch_unwind(gathered).is_err());

    let result = local_runtime().block_on(await_in_order(tokio::task::spawn_local));
    assert!(result.unwrap().is_err_and(|error| error.is_panic()));

    let result = async_std::task::block_on(await_in_order(async_std::task::spawn_local));
    assert!(result.is_err());

    let executor = LocalExecutor::new();
    let in_order = await_in_order(|future| executor.spawn(future));
    assert!(smol::block_on(executor.run(in_order)).is_err());
}

#[test]
fn cancelling_a_task_drops_its_future() {
    let value = Rc::new(());
    let held = value.clone();
    event_loop::run(async move {
        let task = event_loop::create_task(async move {
            let _held = held;
            pending::<()>().await;
        });
        event_loop::sleep(Duration::ZERO).await;
        assert_eq!(Rc::strong_count(&value), 2);
        task.cancel();
        event_loop::sleep(Duration::ZERO).await;
        // The loop drops its tasks at its end, so this has to be seen before.
        assert_eq!(Rc::strong_count(&value), 1);
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
}

#[test]
fn a_panic_of_a_task_that_nobody_awaits_is_only_on_stderr() {
    async fn fails(runtime: &str) {
        panic!("in {runtime}, nobody awaits this");
    }
    if is_program() {
        spawn_on_each(fails, smol::Task::detach);
        println!("all four run on");
        return;
    }
    let output = program().output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    assert!(output.status.success() && stdout.contains("all four run on\n"), "{stdout}{stderr}");
    for runtime in ["std-only", "tokio", "async-std", "smol"] {
        assert!(stderr.contains(&format!("in {runtime}, nobody awaits this\n")), "{stderr}");
    }
}

#[test]
fn a_time_limit_does_not_fire_before_the_future_awaits() {
    const LIMIT: Duration = Duration::from_millis(1);
    async fn blocks() -> bool {
        thread::sleep(10 * LIMIT);
        true
    }
    let limited = async { tokio::time::timeout(LIMIT, blocks()).await };
    assert!(local_runtime().block_on(limited).is_ok());
    let limited = async_std::future::timeout(LIMIT, blocks());
    assert!(async_std::task::block_on(limited).is_ok());
    let limit = async {
        smol::Timer::after(LIMIT).await;
        false
    };
    assert!(smol::block_on(smol::future::or(blocks(), limit)));
    let limit = async {
        event_loop::sleep(LIMIT).await;
        false
    };
    assert!(event_loop::run(smol::future::or(blocks(), limit)));
}

/// Runs this code, and returns the text of its panic, or nothing if it does not panic.
fn panic_of<T>(code: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(code)) else { return String::new() };
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap()
}

#[test]
fn block_on_inside_a_runtime_panics_in_tokio_and_our_event_loop() {
    let nested = || local_runtime().block_on(async { local_runtime().block_on(async {}) });
    assert!(panic_of(nested).starts_with("Cannot start a runtime from within a runtime."));
    let nested = || event_loop::run(async { event_loop::run(async {}) });
    assert_eq!(panic_of(nested), "this thread runs an event loop already");
}

#[test]
fn block_on_inside_a_runtime_blocks_all_tasks_in_async_std_and_smol() {
    let (flag, future) = future_that_sets_a_flag();
    async_std::task::block_on(async {
        async_std::task::spawn_local(future);
        async_std::task::block_on(async_std::task::sleep(Duration::from_millis(5)));
        assert!(!flag.get());
        let_others_run().await;
        assert!(flag.get());
    });

    let (flag, future) = future_that_sets_a_flag();
    let executor = LocalExecutor::new();
    smol::block_on(executor.run(async {
        executor.spawn(future).detach();
        smol::block_on(smol::Timer::after(Duration::from_millis(5)));
        assert!(!flag.get());
        let_others_run().await;
        assert!(flag.get());
    }));
}

#[test]
fn a_sleep_without_a_runtime_panics_in_tokio_and_our_event_loop() {
    use smol::block_on; // of no other runtime
    let sleep = || block_on(async { tokio::time::sleep(Duration::ZERO).await });
    let text =
        "there is no reactor running, must be called from the context of a Tokio 1.x runtime";
    assert_eq!(panic_of(sleep), text);
    let without_timers = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let sleep = || without_timers.block_on(async { tokio::time::sleep(Duration::ZERO).await });
    let text = "A Tokio 1.x context was found, but timers are disabled. \
                Call `enable_time` on the runtime builder to enable timers.";
    assert_eq!(panic_of(sleep), text);
    let sleep = || block_on(event_loop::sleep(Duration::ZERO));
    assert_eq!(panic_of(sleep), "no running event loop");
    // async-std and smol start a thread for their timers when the first one is polled.
    assert_eq!(panic_of(|| block_on(async_std::task::sleep(Duration::ZERO))), "");
    assert_eq!(panic_of(|| block_on(smol::Timer::after(Duration::ZERO))), "");
}

/// `Type(PhantomData::<T>).is_send()` is the method of this type if `T` is `Send`, and else that of
/// the trait.
struct Type<T>(PhantomData<T>);

impl<T: Send> Type<T> {
    fn is_send(&self) -> bool {
        true
    }
}

trait OrNot {
    fn is_send(&self) -> bool {
        false
    }
}

impl<T> OrNot for Type<T> {}

#[test]
fn a_future_that_holds_a_guard_of_std_while_it_awaits_is_not_send() {
    #[expect(clippy::await_holding_lock, reason = "clippy knows this difference, too")]
    async fn holds(mutex: &Mutex<()>) {
        let _guard = mutex.lock().unwrap();
        smol::future::yield_now().await;
    }
    async fn drops_before(mutex: &Mutex<()>) {
        drop(mutex.lock().unwrap());
        smol::future::yield_now().await;
    }
    async fn holds_that_of_tokio(mutex: &tokio::sync::Mutex<()>) {
        let _guard = mutex.lock().await;
        smol::future::yield_now().await;
    }
    fn type_of<T>(_: T) -> Type<T> {
        Type(PhantomData)
    }
    let (mutex, of_tokio) = (Mutex::new(()), tokio::sync::Mutex::new(()));
    assert!(!type_of(holds(&mutex)).is_send());
    assert!(type_of(drops_before(&mutex)).is_send());
    assert!(type_of(holds_that_of_tokio(&of_tokio)).is_send());
}

#[test]
fn two_tasks_that_hold_a_mutex_of_std_while_they_await_deadlock() {
    #[expect(clippy::await_holding_lock, reason = "clippy knows this difference, too")]
    async fn holds(mutex: Rc<Mutex<()>>) {
        println!("a task waits for the lock");
        let _guard = mutex.lock().unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
        println!("a task is done");
    }
    if is_program() {
        end_when_stdin_is_closed();
        let mutex = Rc::new(Mutex::new(()));
        local_runtime().block_on(async {
            let tasks = [mutex.clone(), mutex].map(holds).map(tokio::task::spawn_local);
            join_all(tasks).await;
        });
        return;
    }
    hangs_after(&["a task waits for the lock", "a task waits for the lock"]);
}

#[test]
fn block_on_of_another_library_hangs_in_a_task_of_tokio() {
    if is_program() {
        end_when_stdin_is_closed();
        local_runtime().block_on(async {
            println!("a task sleeps");
            smol::future::block_on(tokio::time::sleep(Duration::from_millis(1)));
        });
        return;
    }
    hangs_after(&["a task sleeps"]);
}

/// The current test, as a child program, prints these lines, and then neither goes on nor ends.
fn hangs_after(lines: &[&str]) {
    let mut child = program().spawn().unwrap();
    lines.iter().for_each(|line| wait_for(&mut child, line));
    // If it did not hang, it would end within milliseconds.
    thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it has ended");
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

/// The parent holds the other end of stdin, so the child does not outlive it.
fn end_when_stdin_is_closed() {
    thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
}

/// Reads what a child prints, up to the end of this line.
fn wait_for(child: &mut Child, line: &str) {
    let stdout = child.stdout.as_mut().unwrap();
    let mut text = String::new();
    while !text.ends_with(&format!("{line}\n")) {
        let mut byte = [0];
        stdout.read_exact(&mut byte).unwrap_or_else(|error| panic!("{error} after {text:?}"));
        text.push(byte[0].into());
    }
}

struct PrintOnDrop;

impl Drop for PrintOnDrop {
    fn drop(&mut self) {
        println!("a destructor runs");
    }
}

/// Starts the current test as a child program, waits until it prints "ready", and sends it a
/// signal. Returns how it ended, and what it printed after that.
fn end_with(signal: Signal) -> (ExitStatus, String) {
    // A child inherits that a signal is ignored, as under nohup. It does not inherit a handler.
    let always = Arc::new(AtomicBool::new(true));
    signal_hook::flag::register_conditional_default(signal as i32, always).unwrap();
    let mut child = program().spawn().unwrap();
    wait_for(&mut child, "ready");
    kill(Pid::from_raw(child.id() as i32), signal).unwrap();
    let _stdin = child.stdin.take(); // stays open
    let output = child.wait_with_output().unwrap();
    (output.status, String::from_utf8(output.stdout).unwrap())
}

#[test]
fn ctrl_c_and_sigterm_end_a_program_and_no_destructor_runs() {
    if is_program() {
        end_when_stdin_is_closed();
        local_runtime().block_on(async {
            let _guard = PrintOnDrop;
            println!("ready");
            pending::<()>().await;
        });
    }
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (status, stdout) = end_with(signal);
        assert_eq!((status.signal(), stdout.as_str()), (Some(signal as i32), ""));
    }
}

/// Runs a future that waits for signals, and then a destructor.
fn run_until_a_signal<F: Future>(signals: impl FnOnce() -> F) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(async {
        let _guard = PrintOnDrop;
        let mut signals = pin!(signals());
        // The first poll installs the handlers.
        assert!(futures::poll!(signals.as_mut()).is_pending());
        println!("ready");
        signals.await;
    });
}

#[test]
fn ctrl_c_of_tokio_waits_for_sigint_alone() {
    if is_program() {
        return run_until_a_signal(tokio::signal::ctrl_c);
    }
    let (status, stdout) = end_with(Signal::SIGINT);
    assert!(status.success() && stdout.contains("a destructor runs\n"), "{status} {stdout:?}");
    let (status, stdout) = end_with(Signal::SIGTERM);
    assert_eq!((status.signal(), stdout.as_str()), (Some(Signal::SIGTERM as i32), ""));
}

#[test]
fn a_program_can_clean_up_on_ctrl_c_and_on_sigterm() {
    if is_program() {
        return run_until_a_signal(|| async {
            let mut terminations = signal(SignalKind::terminate()).unwrap();
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => interrupted.unwrap(),
                _ = terminations.recv() => {}
            }
        });
    }
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (status, stdout) = end_with(signal);
        assert!(status.success() && stdout.contains("a destructor runs\n"), "{status} {stdout:?}");
    }
}

#[test]
fn a_program_that_has_begun_to_read_stdin_with_tokio_ends_only_when_it_has_read() {
    if is_program() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut stdin = tokio::io::stdin();
            assert!(stdin.read_u8().now_or_never().is_none());
            println!("main returns");
        });
        return;
    }
    let mut child = program().spawn().unwrap();
    wait_for(&mut child, "main returns");
    thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().unwrap().is_none());
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
}

#[test]
fn select_drops_the_futures_that_lose() {
    local_runtime().block_on(async {
        let (mut writer, mut reader) = tokio::io::duplex(8);
        writer.write_all(b"12").await.unwrap();
        let mut bytes = [0; 4];
        tokio::select! {
            biased;
            _ = reader.read_exact(&mut bytes) => unreachable!(),
            () = ready(()) => {}
        }
        // It has read two bytes, which are lost.
        writer.write_all(b"3456").await.unwrap();
        reader.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"3456");

        // Receiving from a channel loses nothing.
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        tokio::select! {
            biased;
            _ = receiver.recv() => unreachable!(),
            () = ready(()) => {}
        }
        sender.send("a message").unwrap();
        assert_eq!(receiver.recv().await, Some("a message"));
    });
}

#[test]
fn a_cancelled_read_line_loses_what_it_has_read_and_a_cancelled_next_line_does_not() {
    local_runtime().block_on(async {
        let (mut writer, reader) = tokio::io::duplex(64);
        let mut reader = tokio::io::BufReader::new(reader);
        writer.write_all(b"half").await.unwrap();
        assert!(reader.read_line(&mut String::new()).now_or_never().is_none());
        let mut lines = reader.lines();
        writer.write_all(b" a line\nhalf").await.unwrap();
        assert_eq!(lines.next_line().await.unwrap().unwrap(), " a line");
        assert!(lines.next_line().now_or_never().is_none());
        writer.write_all(b" a line\n").await.unwrap();
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "half a line");
    });
}

#[test]
fn read_line_of_async_std_and_smol_panics_on_a_reset_in_the_middle_of_a_line_in_a_debug_build() {
    let connection = || {
        let reset = Err(io::Error::from(io::ErrorKind::ConnectionReset));
        futures::stream::iter([Ok("half"), reset]).into_async_read()
    };
    let of_async_std = async {
        async_std::io::prelude::BufReadExt::read_line(&mut connection(), &mut String::new()).await
    };
    let of_smol =
        async { smol::io::AsyncBufReadExt::read_line(&mut connection(), &mut String::new()).await };
    for read in [of_async_std.boxed_local(), of_smol.boxed_local()] {
        let result = catch_unwind(AssertUnwindSafe(|| smol::block_on(read)));
        assert_eq!(result.is_err(), cfg!(debug_assertions));
    }
    let (mut connection, mut line) = (connection(), Vec::new());
    let read = smol::io::AsyncBufReadExt::read_until(&mut connection, b'\n', &mut line);
    assert_eq!(smol::block_on(read).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn write_all_waits_until_the_other_side_reads() {
    local_runtime().block_on(async {
        let (mut writer, mut reader) = tokio::net::UnixStream::pair().unwrap();
        let mut bytes = vec![0; 10_000_000];
        let message = bytes.clone();
        let mut write = pin!(writer.write_all(&message));
        tokio::select! {
            _ = &mut write => panic!("nobody has read"),
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
        let (written, read) = futures::join!(write, reader.read_exact(&mut bytes));
        written.unwrap();
        read.unwrap();
    });
}

#[test]
fn a_join_set_and_our_as_completed_start_futures_in_order() {
    let (of_tokio, of_ours) = (Rc::new(RefCell::default()), Rc::new(RefCell::default()));
    let starts = |started: &Rc<RefCell<Vec<_>>>, number| {
        let started = started.clone();
        async move { started.borrow_mut().push(number) }
    };
    local_runtime().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        (0..100).for_each(|number| drop(tasks.spawn_local(starts(&of_tokio, number))));
        while tasks.join_next().await.is_some() {}
    });
    let futures: Vec<_> = (0..100).map(|number| starts(&of_ours, number)).collect();
    event_loop::run(async {
        let mut tasks = event_loop::as_completed(futures);
        while tasks.next().await.is_some() {}
    });
    let expected: Vec<_> = (0..100).collect();
    assert_eq!((&*of_tokio.borrow(), &*of_ours.borrow()), (&expected, &expected));
}

#[test]
fn borrow_mut_panics_while_another_task_holds_a_borrow_at_an_await() {
    #[expect(clippy::await_holding_refcell_ref, reason = "clippy knows this difference, too")]
    async fn holds(count: Rc<RefCell<u32>>) {
        let mut count = count.borrow_mut();
        smol::future::yield_now().await;
        *count += 1;
    }
    async fn holds_a_lock(count: Rc<tokio::sync::Mutex<u32>>) {
        let mut count = count.lock().await;
        smol::future::yield_now().await;
        *count += 1;
    }
    let (count, locked) = (Rc::new(RefCell::new(0)), Rc::new(tokio::sync::Mutex::new(0)));
    local_runtime().block_on(async {
        let tasks = [&count, &count].map(|it| tokio::task::spawn_local(holds(it.clone())));
        let results = join_all(tasks).await;
        assert!(results[0].is_ok() && results[1].as_ref().is_err_and(|error| error.is_panic()));
        let tasks = [&locked, &locked].map(|it| tokio::task::spawn_local(holds_a_lock(it.clone())));
        try_join_all(tasks).await.unwrap();
    });
    assert_eq!((*count.borrow(), *locked.try_lock().unwrap()), (1, 2));
}

#[test]
fn a_task_that_is_told_to_stop_can_await_before_it_ends() {
    let (sender, mut receiver) = oneshot::channel::<()>();
    let has_cleaned_up = local_runtime().block_on(async {
        let task = tokio::task::spawn_local(async move {
            tokio::select! {
                _ = pending::<()>() => unreachable!(),
                _ = &mut receiver => {}
            }
            smol::future::yield_now().await;
            true
        });
        let_others_run().await;
        sender.send(()).unwrap();
        task.await.unwrap()
    });
    assert!(has_cleaned_up);
}

#[test]
fn aborting_a_task_spares_the_tasks_that_it_spawned_but_not_those_of_its_join_set() {
    for (in_a_set, expected) in [(false, "goes on"), (true, "is dropped")] {
        let held = Rc::new(());
        let holding = held.clone();
        local_runtime().block_on(async {
            let child = async move {
                let _held = holding;
                pending::<()>().await;
            };
            let task = tokio::task::spawn_local(async move {
                let mut set = tokio::task::JoinSet::new();
                if in_a_set {
                    set.spawn_local(child);
                } else {
                    tokio::task::spawn_local(child);
                }
                pending::<()>().await;
            });
            let_others_run().await;
            task.abort();
            let_others_run().await;
            let is_dropped = Rc::strong_count(&held) == 1;
            assert_eq!(if is_dropped { "is dropped" } else { "goes on" }, expected);
        });
    }
}

/// Two futures that share a permit, and the names of those that have got it.
fn two_with_one_permit() -> (Rc<RefCell<Vec<&'static str>>>, [LocalBoxFuture<'static, ()>; 2]) {
    let started = Rc::new(RefCell::new(Vec::new()));
    let semaphore = Rc::new(smol::lock::Semaphore::new(1));
    let futures = ["first", "second"].map(|name| {
        let (started, semaphore) = (started.clone(), semaphore.clone());
        let start = async move {
            let _permit = semaphore.acquire().await;
            started.borrow_mut().push(name);
            pending().await
        };
        start.boxed_local()
    });
    (started, futures)
}

#[test]
fn cancelling_one_task_at_a_time_hands_its_permit_to_the_next() {
    for (last_first, expected) in [(false, &["first", "second"] as &[_]), (true, &["first"])] {
        let (started, futures) = two_with_one_permit();
        let executor = LocalExecutor::new();
        smol::block_on(executor.run(async {
            let mut tasks = futures.map(|future| executor.spawn(future));
            let_others_run().await;
            if last_first {
                tasks.reverse();
            }
            for task in tasks {
                task.cancel().await;
            }
        }));
        assert_eq!(*started.borrow(), expected);
    }
    local_runtime().block_on(async {
        let (started, futures) = two_with_one_permit();
        let tasks = futures.map(tokio::task::spawn_local);
        let_others_run().await;
        for task in tasks {
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
        assert_eq!(*started.borrow(), ["first", "second"]);

        let (started, futures) = two_with_one_permit();
        let mut tasks = tokio::task::JoinSet::new();
        futures.into_iter().for_each(|future| drop(tasks.spawn_local(future)));
        let_others_run().await;
        tasks.shutdown().await;
        assert_eq!(*started.borrow(), ["first"]);
    });
}

#[test]
fn a_thread_can_run_a_future_on_a_runtime_of_another_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let handle = runtime.handle().clone();
    let calls = move || handle.block_on(handle.spawn(async { thread::current().id() })).unwrap();
    let thread = thread::spawn(calls);
    runtime.block_on(async {
        while !thread.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    assert_eq!(thread.join().unwrap(), thread::current().id());
}

#[test]
fn a_recursive_async_function_boxes_its_future() {
    async fn factorial(n: u32) -> u32 {
        if n == 0 { 1 } else { n * Box::pin(factorial(n - 1)).await }
    }
    assert_eq!(event_loop::run(factorial(5)), 120);
}

#[test]
fn a_spawned_task_does_not_inherit_task_locals() {
    tokio::task_local! {
        static NAME: &'static str;
    }
    local_runtime().block_on(NAME.scope("outer", async {
        assert_eq!(NAME.get(), "outer");
        let inherits = tokio::task::spawn_local(async { NAME.try_with(|_| ()).is_ok() });
        assert!(!inherits.await.unwrap());
    }));
}
