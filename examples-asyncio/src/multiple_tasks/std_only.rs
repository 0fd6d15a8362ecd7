//! Multiple Asynchronous Tasks, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- multiple-tasks --runtime std-only`

use std::time::{Duration, Instant};

use crate::event_loop::{EventLoop, gather, sleep};

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    sleep(Duration::from_secs(2)).await;
    println!("{string} says hello!");
}

async fn main_async() {
    let s = Instant::now();
    // As in Python, calling an async function runs none of it: nothing is printed yet. Python makes
    // a coroutine, Rust a future.
    let greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ];
    // Spawns a task for each future. The tasks run on this one thread, first in, first out.
    // If one panics, gather panics immediately, as gather in Python raises immediately.
    gather(greetings).await;

    let elapsed = s.elapsed().as_secs_f64();
    // `{:?}` writes 2.0, as Python's str() does (from 1e-4 to 1e16). `{}` writes 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // This package's event loop. Like asyncio's, it runs all tasks on the thread that calls it.
    let event_loop = EventLoop::default();
    event_loop.run_until_complete(main_async());
}
