//! Setting a Time Limit, beyond the document, with tokio.
//!
//! `cargo run -p examples-threading -- timeout --runtime tokio`

use std::thread;
use std::time::{Duration, Instant};

use tokio::time::timeout;
use tokio::{runtime, task};

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    if string == "Hisham" {
        thread::sleep(Duration::from_secs(60));
    }
    println!("{string} says hello!");
}

async fn main_threading() {
    let s = Instant::now();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        // A thread cannot be stopped. Dropping its handle does not stop it.
        let t = task::spawn_blocking(move || greeting_with_sleep(greeting));
        threads.push(t);
    }

    for (greeting, thread) in greetings.into_iter().zip(threads) {
        // Err means that the time is up.
        if timeout(Duration::from_secs(2), thread).await.is_err() {
            println!("{greeting} takes too long");
        }
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    let runtime = runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("tokio did not start");
    runtime.block_on(main_threading());
    // Dropping the runtime would wait until Hisham has slept for a minute.
    runtime.shutdown_background();
}
