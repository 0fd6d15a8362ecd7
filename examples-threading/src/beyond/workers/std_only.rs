//! Limiting Concurrency, beyond the document, with std alone.
//!
//! `cargo run -p examples-threading -- workers --runtime std-only`

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    thread::sleep(Duration::from_secs(1));
}

// An mpsc channel has one receiver, so the two workers share it behind a lock.
fn worker(names: Arc<Mutex<Receiver<&str>>>) {
    loop {
        // Not `while let Ok(string) = names.lock()...`: that holds the lock until the end of the
        // loop's body, so the other worker would wait while this one sleeps.
        let next = names.lock().expect("a worker panicked").recv();
        let Ok(string) = next else { return };
        greeting_with_sleep(string);
    }
}

fn main_threading() {
    let s = Instant::now();
    let (sender, receiver) = mpsc::channel();
    let names = Arc::new(Mutex::new(receiver));
    let mut threads = Vec::new();
    for _ in 0..2 {
        let names = names.clone();
        threads.push(thread::spawn(move || worker(names)));
    }

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        sender.send(greeting).expect("main holds a receiver");
    }
    // This closes the channel. Python sends a sentinel to each worker.
    drop(sender);
    for thread in threads {
        thread.join().expect("the worker panicked");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    main_threading();
}
