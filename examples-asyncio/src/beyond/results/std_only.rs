//! Getting Results, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- results --runtime std-only`

use std::time::{Duration, Instant};

use crate::event_loop::{gather, run, sleep};

async fn greeting_with_sleep_async(string: &str) -> String {
    sleep(Duration::from_secs(2)).await;
    format!("{string} says hello!")
}

async fn main_async() {
    let s = Instant::now();
    let greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ];
    // Returns a Vec of what the futures returned, in their order.
    for greeting in gather(greetings).await {
        println!("{greeting}");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    run(main_async());
}
