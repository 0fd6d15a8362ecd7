//! A Crowd of Greeters, beyond the document, with async-std.
//!
//! `cargo run --release -p examples-threading -- crowd --count 500 --runtime async-std`

use std::thread;
use std::time::{Duration, Instant};

use async_std::task;

fn silent_greeting() {
    thread::sleep(Duration::from_secs(2));
}

async fn main_threading(count: usize) {
    let s = Instant::now();
    let mut threads = Vec::new();
    for _ in 0..count {
        // The pool has up to 500 threads, or up to 10,000 if the environment says so, by
        // BLOCKING_MAX_THREADS. More greeters wait for their turn: 501 take four seconds. A thread
        // has a stack of 2 MiB, or RUST_MIN_STACK bytes, and uses what it touches. Should the
        // system refuse a thread, the pool asks again, without rest or end.
        let t = task::spawn_blocking(silent_greeting);
        threads.push(t);
    }

    for thread in threads {
        thread.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

/// `count` is that of the command line.
pub fn main(count: usize) {
    task::block_on(main_threading(count));
}
