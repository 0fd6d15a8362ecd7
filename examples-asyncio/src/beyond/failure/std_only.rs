//! Handling a Failure, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- failure --runtime std-only`

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::event_loop::{as_completed, run, sleep};

async fn greeting_with_sleep_async(string: &str) -> Result<String, String> {
    println!("{string}");
    if string == "Hisham" {
        return Err("Hisham has lost his voice".to_owned());
    }
    sleep(Duration::from_secs(2)).await;
    Ok(format!("{string} says hello!"))
}

async fn main_async() {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    let greet =
        |(number, greeting)| async move { (number, greeting_with_sleep_async(greeting).await) };
    let mut tasks = as_completed(greetings.into_iter().enumerate().map(greet));

    let mut results = BTreeMap::new(); // It is sorted by the greeters' numbers.
    // Awaiting a task waits for that one. as_completed returns whichever result comes first.
    while let Some((number, result)) = tasks.next().await {
        if let Err(error) = &result {
            println!("At once: {error}");
        }
        results.insert(number, result);
    }

    for result in results.into_values() {
        println!("{}", result.unwrap_or_else(|error| format!("Failed: {error}")));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    run(main_async());
}
