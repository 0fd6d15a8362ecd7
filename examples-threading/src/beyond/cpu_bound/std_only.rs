//! Work for the Processor, beyond the document, with std alone.
//!
//! `cargo run --release -p examples-threading -- cpu-bound --runtime std-only`

use std::hint::black_box;
use std::thread;
use std::time::Instant;

fn compute(rounds: u64) -> u64 {
    // The random numbers of Park and Miller. Each is computed from the one before, so no round can
    // begin until the last has ended.
    let mut x = 1;
    for _ in 0..rounds {
        x = x * 48271 % 2147483647;
    }
    x
}

fn one_after_another(rounds: u64) -> Vec<u64> {
    // Without black_box the compiler could see that all four compute the same, and compute it once.
    (0..4).map(|_| compute(black_box(rounds))).collect()
}

fn side_by_side(rounds: u64) -> Vec<u64> {
    let mut threads = Vec::new();
    for _ in 0..4 {
        let t = thread::spawn(move || compute(rounds));
        threads.push(t);
    }

    let mut results = Vec::new();
    for thread in threads {
        // Joining it gives what its function returned.
        results.push(thread.join().expect("computing does not panic"));
    }
    results
}

fn main_threading(rounds: u64) {
    let s = Instant::now();
    let mut results = one_after_another(rounds);
    let serial = s.elapsed().as_secs_f64();

    let s = Instant::now();
    results.extend(side_by_side(rounds));
    let parallel = s.elapsed().as_secs_f64();

    assert_eq!(results, [results[0]; 8], "the same work with different results");
    println!("Rounds: {rounds}, each time with the result {}", results[0]);
    println!("One after another: {serial:?} seconds");
    // Threads run at the same time, each on a core of its own if there are enough.
    println!("Side by side: {parallel:?} seconds, speed-up {:.2}", serial / parallel);
}

/// `rounds` is that of the command line.
pub fn main(rounds: u64) {
    main_threading(rounds);
}
