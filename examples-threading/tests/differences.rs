//! Shows how threads in Rust differ from Python's: the differences in README.md, each by a test.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Barrier, Mutex, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use child::{is_program, program};

mod child;

/// Longer than any machine needs for a message between two threads.
const LONG: Duration = Duration::from_secs(60);

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

#[test]
fn spawning_a_thread_starts_it() {
    let says_hello = |sender: Sender<&'static str>| move || sender.send("hello").unwrap();
    let tokio = current_thread();
    let (sender, receiver) = channel();
    // None of them is started, joined or awaited.
    let _std_only = thread::spawn(says_hello(sender.clone()));
    let _tokio = tokio.spawn_blocking(says_hello(sender.clone()));
    let _async_std = async_std::task::spawn_blocking(says_hello(sender.clone()));
    let _smol = smol::unblock(says_hello(sender));
    for _ in 0..4 {
        assert_eq!(receiver.recv_timeout(LONG), Ok("hello"));
    }
}

#[test]
fn a_thread_ends_when_main_returns() {
    if is_program() {
        thread::spawn(|| {
            loop {
                thread::park();
            }
        });
        return;
    }
    // CPython joins the thread at exit. If Rust did so, too, this call would never return.
    let status = program().status().unwrap();
    assert!(status.success());
}

#[test]
fn a_scope_joins_its_threads_at_its_end() {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        // The thread borrows a variable of this function.
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(50));
            is_done.store(true, Ordering::SeqCst);
        });
    });
    assert!(is_done.load(Ordering::SeqCst));
}

/// Spawns `limit` functions and a hundred more, which all block. Returns how many of them started.
fn started_at_most(limit: usize, mut spawn: impl FnMut(Box<dyn FnOnce() + Send>)) -> usize {
    let (gate, started) = (Arc::new(Mutex::new(())), Arc::new(AtomicUsize::new(0)));
    let closed = gate.lock().unwrap();
    for _ in 0..limit + 100 {
        let (gate, started) = (gate.clone(), started.clone());
        spawn(Box::new(move || {
            started.fetch_add(1, Ordering::SeqCst);
            drop(gate.lock());
        }));
    }
    let begun = Instant::now();
    while started.load(Ordering::SeqCst) < limit && begun.elapsed() < LONG {
        thread::sleep(Duration::from_millis(1));
    }
    // Without a limit, the others start now.
    thread::sleep(Duration::from_millis(50));
    let started = started.load(Ordering::SeqCst);
    drop(closed);
    started
}

#[test]
fn a_blocking_pool_is_bounded() {
    let runtime = current_thread();
    assert_eq!(started_at_most(512, |function| drop(runtime.spawn_blocking(function))), 512);
    // async-std and smol share a pool.
    assert_eq!(started_at_most(500, |function| smol::unblock(function).detach()), 500);
}

#[test]
fn tokio_waits_for_functions_that_run_when_its_runtime_is_dropped() {
    let is_done = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = channel();
    let runtime = current_thread();
    let also_done = is_done.clone();
    runtime.spawn_blocking(move || {
        sender.send(()).unwrap();
        thread::sleep(Duration::from_millis(50));
        also_done.store(true, Ordering::SeqCst);
    });
    receiver.recv_timeout(LONG).unwrap();
    drop(runtime);
    assert!(is_done.load(Ordering::SeqCst));
}

/// A function that runs until its gate is dropped, and says so.
fn with_gate(sender: &Sender<&'static str>) -> (Sender<()>, impl FnOnce() + Send + use<>) {
    let (gate, wait) = channel::<()>();
    let sender = sender.clone();
    let function = move || {
        sender.send("runs").unwrap();
        let _ = wait.recv();
        sender.send("runs to completion").unwrap();
    };
    (gate, function)
}

#[test]
fn a_blocking_function_that_runs_cannot_be_cancelled() {
    let runtime = current_thread();
    let (sender, receiver) = channel();
    let [(gate_1, first), (gate_2, second), (gate_3, third)] = [(); 3].map(|()| with_gate(&sender));
    let of_tokio = runtime.spawn_blocking(first);
    let of_async_std = async_std::task::spawn_blocking(second);
    let of_smol = smol::unblock(third);
    for _ in 0..3 {
        assert_eq!(receiver.recv_timeout(LONG), Ok("runs"));
    }
    of_tokio.abort();
    drop(of_async_std);
    drop(of_smol); // which cancels a task
    drop((gate_1, gate_2, gate_3));
    for _ in 0..3 {
        assert_eq!(receiver.recv_timeout(LONG), Ok("runs to completion"));
    }
}

#[test]
fn a_blocking_function_that_waits_in_the_queue_can_be_cancelled() {
    if !is_program() {
        let output = program().env("BLOCKING_MAX_THREADS", "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    let (sender, receiver) = channel();
    let [(gate_1, first), (gate_2, second)] = [(); 2].map(|()| with_gate(&sender));
    // Each pool has one thread, and this function keeps it busy.
    runtime.spawn_blocking(first);
    smol::unblock(second).detach();
    assert_eq!([(); 2].map(|()| receiver.recv_timeout(LONG)), [Ok("runs"); 2]);
    let says = |text| {
        let sender = sender.clone();
        move || sender.send(text).unwrap()
    };
    let of_tokio = runtime.spawn_blocking(says("tokio"));
    of_tokio.abort();
    let of_async_std = async_std::task::spawn_blocking(says("async-std"));
    assert_eq!(smol::block_on(of_async_std.cancel()), None);
    drop(smol::unblock(says("smol")));
    drop((gate_1, gate_2));
    assert!(runtime.block_on(of_tokio).unwrap_err().is_cancelled());
    smol::block_on(smol::unblock(says("the last one")));
    let mut said: Vec<_> = receiver.try_iter().collect();
    said.sort_unstable();
    assert_eq!(said, ["runs to completion", "runs to completion", "the last one"]);
}

#[test]
fn shutdown_background_does_not_wait_for_functions_that_run() {
    let (sender, receiver) = channel();
    let (gate, function) = with_gate(&sender);
    let runtime = current_thread();
    runtime.spawn_blocking(function);
    assert_eq!(receiver.recv_timeout(LONG), Ok("runs"));
    // If this waited, it would wait forever.
    runtime.shutdown_background();
    drop(gate);
    assert_eq!(receiver.recv_timeout(LONG), Ok("runs to completion"));
}

#[test]
fn async_std_and_smol_do_not_wait_for_functions_that_run() {
    if is_program() {
        let (sender, receiver) = channel();
        for _ in 0..2 {
            let sender = sender.clone();
            let waits = move || {
                sender.send(()).unwrap();
                loop {
                    thread::park();
                }
            };
            async_std::task::spawn_blocking(waits.clone());
            smol::unblock(waits).detach();
        }
        (0..4).for_each(|_| receiver.recv_timeout(LONG).unwrap());
        return;
    }
    // If it waited, this call would never return.
    assert!(program().status().unwrap().success());
}

#[test]
fn a_flag_alone_does_not_end_accept_but_a_connection_does() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
    let stopped = stop.clone();
    let server = thread::spawn(move || {
        listener.incoming().take_while(|_| !stopped.load(Ordering::SeqCst)).count()
    });
    stop.store(true, Ordering::SeqCst);
    thread::sleep(Duration::from_millis(50));
    assert!(!server.is_finished());
    let _connection = TcpStream::connect(address).unwrap();
    assert_eq!(server.join().unwrap(), 0);
}

#[test]
fn threads_share_data_in_an_arc_or_borrow_it_in_a_scope() {
    let shared = Arc::new(Mutex::new(0));
    let add = |total: &Mutex<i32>| (0..1000).for_each(|_| *total.lock().unwrap() += 1);
    // Each of these threads owns a reference, because it may outlive this function.
    let threads = [(); 4].map(|()| {
        let shared = shared.clone();
        thread::spawn(move || add(&shared))
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*shared.lock().unwrap(), 4000);

    let borrowed = Mutex::new(0);
    thread::scope(|scope| [(); 4].map(|()| drop(scope.spawn(|| add(&borrowed)))));
    assert_eq!(borrowed.into_inner().unwrap(), 4000);
}

#[test]
fn an_update_in_two_steps_may_be_lost() {
    let (count, barrier) = (AtomicUsize::new(0), Barrier::new(2));
    let add_in_two_steps = || {
        let value = count.load(Ordering::SeqCst);
        barrier.wait();
        count.store(value + 1, Ordering::SeqCst);
    };
    let add_in_one_step = || {
        barrier.wait();
        count.fetch_add(1, Ordering::SeqCst);
    };
    thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(add_in_two_steps))));
    assert_eq!(count.swap(0, Ordering::SeqCst), 1);
    thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(add_in_one_step))));
    assert_eq!(count.into_inner(), 2);
}

#[test]
fn a_guard_without_a_name_lives_until_the_end_of_its_statement() {
    let names = Mutex::new(vec!["Codecademy", "Chelsea"]);
    let is_locked = || matches!(names.try_lock(), Err(TryLockError::WouldBlock));
    let next = names.lock().unwrap().pop();
    assert!(next == Some("Chelsea") && !is_locked());
    for _ in names.lock().unwrap().iter() {
        assert!(is_locked());
    }
    match names.lock().unwrap().first() {
        Some(name) => assert!(*name == "Codecademy" && is_locked()),
        None => panic!("one name is left"),
    }
    while let Some(next) = names.lock().unwrap().pop() {
        assert!(next == "Codecademy" && is_locked());
    }
    assert!(!is_locked());
}

#[test]
fn a_panic_poisons_the_mutex_that_it_unlocks() {
    let shared = Mutex::new(1);
    let fails = || {
        let _guard = shared.lock().unwrap();
        panic!("this test needs a thread that panics");
    };
    thread::scope(|scope| scope.spawn(fails).join().unwrap_err());
    assert!(catch_unwind(AssertUnwindSafe(|| *shared.lock().unwrap())).is_err());
    assert_eq!(*shared.lock().unwrap_or_else(PoisonError::into_inner), 1);
}

#[test]
fn a_thread_cannot_lock_a_mutex_twice() {
    let mutex = Mutex::new(());
    let _guard = mutex.lock().unwrap();
    assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
}

#[test]
fn deep_recursion_needs_a_larger_stack_or_ends_the_process() {
    /// Needs more than a kilobyte of stack for each call.
    fn recurse(depth: usize) -> usize {
        let local = std::hint::black_box([depth; 128]);
        if depth == 0 { 0 } else { recurse(depth - 1) + local[0] }
    }
    if is_program() {
        let thread = thread::Builder::new().stack_size(64 << 20).spawn(|| recurse(4 << 10));
        thread.unwrap().join().unwrap();
        println!("64 MiB are enough");
        thread::spawn(|| recurse(4 << 10)).join().unwrap();
        println!("2 MiB are enough");
        return;
    }
    let output = program().env_remove("RUST_MIN_STACK").output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    assert!(
        stdout.contains("64 MiB are enough") && !stdout.contains("2 MiB are enough"),
        "{stdout}"
    );
    assert!(stderr.contains("has overflowed its stack"), "{stderr}");
}

#[test]
fn joining_reports_a_panic() {
    let fails = || -> () { panic!("this test needs a thread that panics") };
    assert!(thread::spawn(fails).join().is_err());
    let joined = current_thread().block_on(async { tokio::task::spawn_blocking(fails).await });
    assert!(joined.is_err_and(|error| error.is_panic()));
    // These two return no Result. They panic.
    let joined = || async_std::task::block_on(async_std::task::spawn_blocking(fails));
    assert!(catch_unwind(AssertUnwindSafe(joined)).is_err());
    let joined = || smol::block_on(smol::unblock(fails));
    assert!(catch_unwind(AssertUnwindSafe(joined)).is_err());
}

#[test]
fn println_never_mixes_two_lines() {
    let (name, word) = ("Codecademy", "hello!");
    if is_program() {
        let greet = || (0..1000).for_each(|_| println!("{name} says {word}"));
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(greet))));
        return;
    }
    let output = program().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let greetings: Vec<_> = text.lines().filter(|line| line.contains(word)).collect();
    assert_eq!(greetings, ["Codecademy says hello!"; 8 * 1000]);
}

#[test]
fn output_into_a_pipe_comes_line_by_line() {
    if is_program() {
        println!("a line");
        // The process keeps running until its stdin is closed.
        let _ = std::io::stdin().read_line(&mut String::new());
        return;
    }
    let mut child = program().spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.take_while(|line| !line.starts_with("test result")).any(|line| line == "a line"));
    assert!(child.try_wait().unwrap().is_none());
    drop(child.stdin.take());
    child.wait().unwrap();
}
