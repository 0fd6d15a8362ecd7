//! Python `asyncio` Module, newer syntax, with async-std.
//!
//! `cargo run -p examples-asyncio -- newer-syntax --runtime async-std`

use std::time::{Duration, Instant};

use async_std::task::sleep;

async fn greeting_with_sleep_async(string: &str) {
    let s = Instant::now();
    println!("{string}");
    sleep(Duration::from_secs(2)).await;
    println!("says hello!");
    let elapsed = s.elapsed().as_secs_f64();
    // `{:?}` writes 2.0, as Python's str() does (from 1e-4 to 1e16). `{}` writes 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

// Generates a main that runs this one with task::block_on.
#[async_std::main]
pub async fn main() {
    greeting_with_sleep_async("Codecademy").await;
}
