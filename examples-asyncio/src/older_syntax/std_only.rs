//! Python `asyncio` Module, older syntax, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- older-syntax --runtime std-only`

use std::time::{Duration, Instant};

use crate::event_loop::{EventLoop, sleep};

async fn greeting_with_sleep_async(string: &str) {
    let s = Instant::now();
    println!("{string}");
    sleep(Duration::from_secs(2)).await;
    println!("says hello!");
    let elapsed = s.elapsed().as_secs_f64();
    // `{:?}` writes 2.0, as Python's str() does (from 1e-4 to 1e16). `{}` writes 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // This package's event loop. Like asyncio's, it runs all tasks on the thread that calls it.
    let event_loop = EventLoop::default();
    event_loop.run_until_complete(greeting_with_sleep_async("Codecademy"));
}
