//! Handling a Failure, beyond the document, with smol.
//!
//! `cargo run -p examples-threading -- failure --runtime smol`

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use smol::channel;

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
    let (sender, receiver) = channel::unbounded();
    for (number, greeting) in greetings.into_iter().enumerate() {
        let sender = sender.clone();
        let greet = move || sender.send_blocking((number, greeting_with_sleep(greeting)));
        // Dropping the handle would cancel a function that has not started.
        smol::unblock(greet).detach();
    }
    drop(sender); // recv() returns an error when all senders are dropped.

    let mut results = BTreeMap::new(); // It is sorted by the greeters' numbers.
    // Awaiting a handle waits for one thread. The channel returns whichever result comes first.
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
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    smol::block_on(main_threading());
}
