//! Work for the Processor, beyond the document, with tokio.
//!
//! `cargo run --release -p examples-asyncio -- cpu-bound --runtime tokio`

use std::hint::black_box;
use std::time::Instant;

use tokio::{runtime, task};

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
    let tasks: Vec<_> = (0..4).map(|_| tokio::spawn(compute_async(rounds))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.expect("computing does not panic"));
    }
    results
}

async fn on_other_threads(rounds: u64) -> Vec<u64> {
    // Threads out of the pool for blocking functions. The loop has turns for other tasks meanwhile.
    let tasks: Vec<_> = (0..4).map(|_| task::spawn_blocking(move || compute(rounds))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.expect("computing does not panic"));
    }
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
    let runtime = runtime::Builder::new_current_thread().build();
    runtime.expect("tokio starts").block_on(main_async(rounds));
}
