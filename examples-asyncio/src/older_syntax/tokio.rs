//! Python `asyncio` Module, older syntax, with tokio.
//!
//! `cargo run -p examples-asyncio -- older-syntax --runtime tokio`

use std::time::{Duration, Instant};

use tokio::runtime::LocalRuntime;
use tokio::time::sleep;

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
    // The local runtime is like asyncio's event loop: it has one thread, and its tasks need not be
    // Send. The multi-thread runtime (Builder::new_multi_thread) has a worker thread per core. Its
    // tasks must be Send, and it needs tokio's feature rt-multi-thread.
    let event_loop = LocalRuntime::new().expect("tokio did not start");
    event_loop.block_on(greeting_with_sleep_async("Codecademy"));
}
