//! Python `asyncio` Module, older syntax, with async-std.
//!
//! `cargo run -p examples-asyncio -- older-syntax --runtime async-std`

use std::time::{Duration, Instant};

use async_std::task::{self, sleep};

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
    // There is no event loop to create: async-std has one runtime for the whole process. It has
    // worker threads, but block_on polls its future on this thread.
    task::block_on(greeting_with_sleep_async("Codecademy"));
}
