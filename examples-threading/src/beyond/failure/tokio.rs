//! Handling a Failure, beyond the document, with tokio.
//!
//! `cargo run -p examples-threading -- failure --runtime tokio`

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

fn greeting_with_sleep(string: &str) -> Result<String, String> {
    println!("{string}");
    if string == "Hisham" {
        return Err("Hisham has lost his voice".to_owned());
    }
    thread::sleep(Duration::from_secs(2));
    Ok(format!("{string} says hello!"))
}

async fn main_threading() {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    let mut threads = JoinSet::new();
    for (number, greeting) in greetings.into_iter().enumerate() {
        threads.spawn_blocking(move || (number, greeting_with_sleep(greeting)));
    }

    let mut results = BTreeMap::new(); // It is sorted by the greeters' numbers.
    // Awaiting a handle waits for one thread. A JoinSet returns whichever result comes first.
    while let Some(thread) = threads.join_next().await {
        let (number, result) = thread.expect("the greeter panicked");
        if let Err(error) = &result {
            println!("At once: {error}");
        }
        results.insert(number, result);
    }

    for result in results.into_values() {
        println!("{}", result.unwrap_or_else(|error| format!("Failed: {error}")));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    main_threading().await;
}
