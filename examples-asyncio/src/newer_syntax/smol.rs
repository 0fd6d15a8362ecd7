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
    // {:?} writes a float as Python's str() does, 2.0; {} would write 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // Drives the future, and the timers, on this thread. That takes no executor: there are no tasks.
    smol::block_on(greeting_with_sleep_async("Codecademy"));
}
