//! CPU-bound Work, beyond the document, with tokio.
//!
//! `cargo run --release -p examples-asyncio -- cpu-bound --runtime tokio`

use std::hint::black_box;
use std::time::Instant;

use tokio::runtime::LocalRuntime;
use tokio::task;

fn compute(rounds: u64) -> u64 {
    // The Park-Miller random number generator. Each round needs the result of the one before it, so
    // the rounds cannot overlap.
    let mut x = 1;
    for _ in 0..rounds {
        x = x * 48271 % 2147483647;
    }
    x
}

async fn compute_async(rounds: u64) -> u64 {
    // No other task runs until this one awaits, and it never does.
    compute(rounds)
}

fn sequential(rounds: u64) -> Vec<u64> {
    // Without black_box the compiler may see that all four results are the same, and compute one.
    (0..4).map(|_| compute(black_box(rounds))).collect()
}

async fn concurrent(rounds: u64) -> Vec<u64> {
    let tasks: Vec<_> = (0..4).map(|_| task::spawn_local(compute_async(rounds))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.expect("the computation panicked"));
    }
    results
}

async fn on_other_threads(rounds: u64) -> Vec<u64> {
    // On threads of the blocking pool. The event loop can run other tasks meanwhile.
    let tasks: Vec<_> = (0..4).map(|_| task::spawn_blocking(move || compute(rounds))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.expect("the computation panicked"));
    }
    results
}

async fn main_async(rounds: u64) {
    let s = Instant::now();
    let mut results = sequential(rounds);
    let serial = s.elapsed().as_secs_f64();

    let s = Instant::now();
    results.extend(concurrent(rounds).await);
    let parallel = s.elapsed().as_secs_f64();

    let s = Instant::now();
    results.extend(on_other_threads(rounds).await);
    let threaded = s.elapsed().as_secs_f64();

    assert_eq!(results, [results[0]; 12], "the computations returned different results");
    println!("Rounds: {rounds}, each time with the result {}", results[0]);
    println!("Sequential: {serial:?} seconds");
    // The event loop has one thread, so there is no speed-up.
    println!("Concurrent: {parallel:?} seconds, speed-up {:.2}", serial / parallel);
    // Threads run in parallel, on as many cores as there are.
    println!("On other threads: {threaded:?} seconds, speed-up {:.2}", serial / threaded);
}

/// `rounds` comes from the command line.
pub fn main(rounds: u64) {
    LocalRuntime::new().expect("tokio did not start").block_on(main_async(rounds));
}
