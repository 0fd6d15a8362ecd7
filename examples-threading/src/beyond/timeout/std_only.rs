//! Giving Up, beyond the document, with std alone.
//!
//! `cargo run -p examples-threading -- timeout --runtime std-only`

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    if string == "Hisham" {
        thread::sleep(Duration::from_secs(60));
    }
    println!("{string} says hello!");
}

fn main_threading() {
    let s = Instant::now();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        let (sender, t) = mpsc::channel();
        // A thread cannot be stopped. It ends with the process, when main returns: every thread in
        // Rust is what Python calls a daemon.
        thread::spawn(move || {
            greeting_with_sleep(greeting);
            sender.send(())
        });
        threads.push(t);
    }

    for (greeting, thread) in greetings.into_iter().zip(threads) {
        // join() has no time limit. Receiving from a channel has one.
        if thread.recv_timeout(Duration::from_secs(2)) == Err(RecvTimeoutError::Timeout) {
            println!("{greeting} takes too long");
        }
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    main_threading();
}
