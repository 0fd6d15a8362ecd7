//! CPU-bound Work, beyond the document, with tokio.
//!
//! `cargo run --release -p examples-threading -- cpu-bound --runtime tokio`

use std::hint::black_box;
use std::time::Instant;

use tokio::runtime::Builder;
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

fn sequential(rounds: u64) -> Vec<u64> {
    // Without black_box the compiler may see that all four results are the same, and compute one.
    (0..4).map(|_| compute(black_box(rounds))).collect()
}

async fn concurrent(rounds: u64) -> Vec<u64> {
    let mut threads = Vec::new();
    for _ in 0..4 {
        // The blocking pool may grow to 512 threads. For many CPU-bound computations, tokio's
        // documentation says to use a semaphore, and that rayon may be a good fit.
        let t = task::spawn_blocking(move || compute(rounds));
        threads.push(t);
    }

    let mut results = Vec::new();
    for thread in threads {
        // Awaiting the handle returns what the function returned.
        results.push(thread.await.expect("the computation panicked"));
    }
    results
}

async fn main_threading(rounds: u64) {
    let s = Instant::now();
    let mut results = sequential(rounds);
    let serial = s.elapsed().as_secs_f64();

    let s = Instant::now();
    results.extend(concurrent(rounds).await);
    let parallel = s.elapsed().as_secs_f64();

    assert_eq!(results, [results[0]; 8], "the computations returned different results");
    println!("Rounds: {rounds}, each time with the result {}", results[0]);
    println!("Sequential: {serial:?} seconds");
    // Threads run in parallel, on as many cores as there are.
    println!("Concurrent: {parallel:?} seconds, speed-up {:.2}", serial / parallel);
}

/// `rounds` comes from the command line.
pub fn main(rounds: u64) {
    let runtime = Builder::new_current_thread().build();
    runtime.expect("tokio did not start").block_on(main_threading(rounds));
}
