//! Setting a Time Limit, beyond the document, with std alone.
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
    let mut receivers = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        let (sender, receiver) = mpsc::channel();
        // A thread cannot be stopped. It ends with the process, when main returns: every thread in
        // Rust is what Python calls a daemon.
        thread::spawn(move || {
            greeting_with_sleep(greeting);
            sender.send(())
        });
        receivers.push(receiver);
    }

    for (greeting, receiver) in greetings.into_iter().zip(receivers) {
        // join() has no time limit. recv_timeout() has one.
        match receiver.recv_timeout(Duration::from_secs(2)) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => println!("{greeting} takes too long"),
            // A greeter that panics drops its sender, and sends nothing.
            Err(RecvTimeoutError::Disconnected) => panic!("the greeter panicked"),
        }
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    main_threading();
}
