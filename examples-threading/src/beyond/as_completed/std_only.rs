//! Taking Results as They Come, beyond the document, with std alone.
//!
//! `cargo run -p examples-threading -- as-completed --runtime std-only`

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

fn greeting_with_sleep(string: &str, seconds: u64) -> String {
    thread::sleep(Duration::from_secs(seconds));
    format!("{string} says hello!")
}

fn main_threading() {
    let s = Instant::now();
    let greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    // std has no pool of threads. These three share an iterator.
    let greetings = Arc::new(Mutex::new(greetings.into_iter()));
    let (sender, receiver) = mpsc::channel();
    let mut threads = Vec::new();
    for _ in 0..3 {
        let (greetings, sender) = (greetings.clone(), sender.clone());
        threads.push(thread::spawn(move || {
            // Unlocks before it returns, so no thread holds the lock while it sleeps.
            let next = || greetings.lock().expect("a thread panicked").next();
            while let Some((greeting, seconds)) = next() {
                let result = greeting_with_sleep(greeting, seconds);
                sender.send(result).expect("main holds the receiver");
            }
        }));
    }
    drop(sender); // The receiver's loop ends when all senders are dropped.

    // join() waits for one thread. The channel returns whichever result comes first.
    for greeting in receiver {
        println!("{greeting}");
    }
    for thread in threads {
        thread.join().expect("the greeter panicked");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    main_threading();
}
