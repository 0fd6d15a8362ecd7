//! Handling a Failure, beyond the document, with smol.
//!
//! `cargo run -p examples-asyncio -- failure --runtime smol`

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use smol::{LocalExecutor, Timer, channel};

async fn greeting_with_sleep_async(string: &str) -> Result<String, String> {
    println!("{string}");
    if string == "Hisham" {
        return Err("Hisham has lost his voice".to_owned());
    }
    Timer::after(Duration::from_secs(2)).await;
    Ok(format!("{string} says hello!"))
}

async fn main_async(event_loop: &LocalExecutor<'_>) {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    let (sender, receiver) = channel::unbounded();
    for (number, greeting) in greetings.into_iter().enumerate() {
        let sender = sender.clone();
        let greet =
            async move { sender.send((number, greeting_with_sleep_async(greeting).await)).await };
        event_loop.spawn(greet).detach(); // Dropping the handle would cancel the task.
    }
    drop(sender); // recv() returns an error when all senders are dropped.

    let mut results = BTreeMap::new(); // It is sorted by the greeters' numbers.
    // Awaiting a handle waits for one task. The channel returns whichever result comes first.
    while let Ok((number, result)) = receiver.recv().await {
        if let Err(error) = &result {
            println!("At once: {error}");
        }
        results.insert(number, result);
    }

    // A greeter that panics drops its sender, and sends nothing.
    assert_eq!(results.len(), greetings.len(), "a greeter panicked");

    for result in results.into_values() {
        println!("{}", result.unwrap_or_else(|error| format!("Failed: {error}")));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop)));
}
