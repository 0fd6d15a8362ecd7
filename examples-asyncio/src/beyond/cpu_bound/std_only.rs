//! Work for the Processor, beyond the document, with std alone (and this package's event loop).
//!
//! `cargo run --release -p examples-asyncio -- cpu-bound --runtime std-only`

use std::future::poll_fn;
use std::hint::black_box;
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;
use std::time::Instant;

use crate::event_loop::{gather, run};

fn compute(rounds: u64) -> u64 {
    // The random numbers of Park and Miller. Each is computed from the one before, so no round can
    // begin until the last has ended.
    let mut x = 1;
    for _ in 0..rounds {
        x = x * 48271 % 2147483647;
    }
    x
}

async fn compute_async(rounds: u64) -> u64 {
    // Nobody else has a turn until it awaits something, and it never does.
    compute(rounds)
}

fn one_after_another(rounds: u64) -> Vec<u64> {
    // Without black_box the compiler could see that all four compute the same, and compute it once.
    (0..4).map(|_| compute(black_box(rounds))).collect()
}

async fn side_by_side(rounds: u64) -> Vec<u64> {
    gather((0..4).map(|_| compute_async(rounds))).await
}

async fn on_other_threads(rounds: u64) -> Vec<u64> {
    // What wakes this task: on this loop it stays the same from the task's first turn to its last.
    let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
    let (sender, receiver) = channel();
    for _ in 0..4 {
        let (sender, waker) = (sender.clone(), waker.clone());
        // std has no pool of threads to take one from. This one can't be joined, because that would
        // block the loop: it sends its result and wakes the task.
        thread::spawn(move || {
            sender.send(compute(rounds)).expect("the task waits for the result");
            waker.wake();
        });
    }

    let mut results = Vec::new();
    poll_fn(|_| {
        results.extend(receiver.try_iter());
        if results.len() == 4 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    results
}

async fn main_async(rounds: u64) {
    let s = Instant::now();
    let mut results = one_after_another(rounds);
    let serial = s.elapsed().as_secs_f64();

    let s = Instant::now();
    results.extend(side_by_side(rounds).await);
    let parallel = s.elapsed().as_secs_f64();

    let s = Instant::now();
    results.extend(on_other_threads(rounds).await);
    let threaded = s.elapsed().as_secs_f64();

    assert_eq!(results, [results[0]; 12], "the same work with different results");
    println!("Rounds: {rounds}, each time with the result {}", results[0]);
    println!("One after another: {serial:?} seconds");
    // The loop has one thread: no gain.
    println!("Side by side: {parallel:?} seconds, speed-up {:.2}", serial / parallel);
    // Threads run at the same time, each on a core of its own if there are enough.
    println!("On other threads: {threaded:?} seconds, speed-up {:.2}", serial / threaded);
}

/// `rounds` is that of the command line.
pub fn main(rounds: u64) {
    run(main_async(rounds));
}
