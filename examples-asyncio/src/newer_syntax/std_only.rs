//! Python `asyncio` Module, newer syntax, with std alone (and the event loop of this package).
//!
//! `cargo run -p examples-asyncio -- newer-syntax --runtime std-only`

use std::time::{Duration, Instant};

use crate::event_loop::{run, sleep};

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
    // Makes an event loop, and drops it with whatever it has left.
    run(greeting_with_sleep_async("Codecademy"));
}
