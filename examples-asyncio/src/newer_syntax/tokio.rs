//! Python `asyncio` Module, newer syntax, with tokio.
//!
//! `cargo run -p examples-asyncio -- newer-syntax --runtime tokio`

use std::time::{Duration, Instant};

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

// The flavor that has asyncio's one thread. The default has one for each core (and needs tokio's
// feature rt-multi-thread).
#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    greeting_with_sleep_async("Codecademy").await;
}
