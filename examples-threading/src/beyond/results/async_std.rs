//! Getting Results, beyond the document, with async-std.
//!
//! `cargo run -p examples-threading -- results --runtime async-std`

use std::thread;
use std::time::{Duration, Instant};

use async_std::task;

fn greeting_with_sleep(string: &str) -> String {
    thread::sleep(Duration::from_secs(2));
    format!("{string} says hello!")
}

async fn main_threading() {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    let threads =
        greetings.map(|greeting| task::spawn_blocking(move || greeting_with_sleep(greeting)));
    for thread in threads {
        // Waits for this thread. Returns what the function returned, or panics if that panicked.
        println!("{}", thread.await);
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

#[async_std::main]
pub async fn main() {
    main_threading().await;
}
