//! Python `asyncio` Module, older syntax, with tokio.
//!
//! `cargo run -p examples-asyncio -- older-syntax --runtime tokio`

use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::time::sleep;

async fn greeting_with_sleep_async(string: &str) {
    let s = Instant::now();
    println!("{string}");
    sleep(Duration::from_secs(2)).await;
    println!("says hello!");
    let elapsed = s.elapsed().as_secs_f64();
    // {:?} writes a float as Python's str() does, 2.0; {} would write 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // The runtime that has asyncio's one thread. The other, new_multi_thread, has one for each core
    // (and needs tokio's feature rt-multi-thread).
    let runtime = runtime::Builder::new_current_thread().enable_time().build();
    let event_loop = runtime.expect("tokio starts");
    event_loop.block_on(greeting_with_sleep_async("Codecademy"));
}
