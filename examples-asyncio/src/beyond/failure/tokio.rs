//! Handling a Failure, beyond the document, with tokio.
//!
//! `cargo run -p examples-asyncio -- failure --runtime tokio`

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

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
    let mut tasks = JoinSet::new();
    for (number, greeting) in greetings.into_iter().enumerate() {
        tasks.spawn_local(async move { (number, greeting_with_sleep_async(greeting).await) });
    }

    let mut results = BTreeMap::new(); // It is sorted by the greeters' numbers.
    // Awaiting a handle waits for one task. A JoinSet returns whichever result comes first.
    while let Some(task) = tasks.join_next().await {
        let (number, result) = task.expect("the greeter panicked");
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

#[tokio::main(flavor = "local")]
pub async fn main() {
    main_async().await;
}
