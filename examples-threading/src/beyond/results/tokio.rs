//! Getting Results, beyond the document, with tokio.
//!
//! `cargo run -p examples-threading -- results --runtime tokio`

use std::thread;
use std::time::{Duration, Instant};

use tokio::task;

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
        // Waits for this thread, and returns what the function returned, or its panic.
        println!("{}", thread.await.expect("the greeter panicked"));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    main_threading().await;
}
