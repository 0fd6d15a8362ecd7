//! Python `asyncio` Module, newer syntax, with smol.
//!
//! `cargo run -p examples-asyncio -- newer-syntax --runtime smol`

use std::time::{Duration, Instant};

use smol::Timer;

async fn greeting_with_sleep_async(string: &str) {
    let s = Instant::now();
    println!("{string}");
    Timer::after(Duration::from_secs(2)).await;
    println!("says hello!");
    let elapsed = s.elapsed().as_secs_f64();
    // `{:?}` writes 2.0, as Python's str() does (from 1e-4 to 1e16). `{}` writes 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // Polls the future on this thread. There are no tasks, so there is no executor.
    smol::block_on(greeting_with_sleep_async("Codecademy"));
}
