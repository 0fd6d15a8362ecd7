//! Handling a Failure, beyond the document, with std alone.
//!
//! `cargo run -p examples-threading -- failure --runtime std-only`

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

fn greeting_with_sleep(string: &str) -> Result<String, String> {
    println!("{string}");
    if string == "Hisham" {
        return Err("Hisham has lost his voice".to_owned());
    }
    thread::sleep(Duration::from_secs(2));
    Ok(format!("{string} says hello!"))
}

fn main_threading() {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    let (sender, receiver) = mpsc::channel();
    for (number, greeting) in greetings.into_iter().enumerate() {
        let sender = sender.clone();
        thread::spawn(move || sender.send((number, greeting_with_sleep(greeting))));
    }
    drop(sender); // The receiver's loop ends when all senders are dropped.

    let mut results = BTreeMap::new(); // It is sorted by the greeters' numbers.
    // join() waits for one thread. The channel returns whichever result comes first.
    for (number, result) in receiver {
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
    main_threading();
}
