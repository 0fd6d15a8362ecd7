//! Setting a Time Limit, beyond the document, with tokio.
//!
//! `cargo run -p examples-threading -- timeout --runtime tokio`

use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::task::{self, JoinError};
use tokio::time::timeout;

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    if string == "Hisham" {
        thread::sleep(Duration::from_secs(60));
    }
    println!("{string} says hello!");
}

async fn main_threading() -> Result<(), JoinError> {
    let s = Instant::now();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        // A thread cannot be stopped. Dropping its handle does not stop it.
        let t = task::spawn_blocking(move || greeting_with_sleep(greeting));
        threads.push(t);
    }

    for (greeting, thread) in greetings.into_iter().zip(threads) {
        // Err means that the time is up. The inner Result has the panic of the greeter.
        match timeout(Duration::from_secs(2), thread).await {
            Ok(result) => result?,
            Err(_) => println!("{greeting} takes too long"),
        }
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() {
    let runtime = Builder::new_current_thread().enable_time().build().expect("tokio did not start");
    let result = runtime.block_on(main_threading());
    // Dropping the runtime, as a panic does, would wait until Hisham has slept for a minute.
    runtime.shutdown_background();
    result.expect("the greeter panicked");
}
