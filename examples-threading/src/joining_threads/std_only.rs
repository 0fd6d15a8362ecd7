//! Joining a Thread, with std alone.
//!
//! `cargo run -p examples-threading -- joining-threads --runtime std-only`

use std::thread;
use std::time::{Duration, Instant};

fn greeting_with_sleep(string: &str) {
    // println! locks stdout and writes the whole line, so other threads cannot tear it.
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    println!("{string} says hello!");
}

fn main_threading() {
    let s = Instant::now();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        // Created and started in one step.
        let t = thread::spawn(move || greeting_with_sleep(greeting));
        threads.push(t);
    }

    for thread in threads {
        // join() in Python hides an exception of the thread. This returns its panic.
        thread.join().expect("the greeter panicked");
    }

    let elapsed = s.elapsed().as_secs_f64();
    // {:?} writes a float from 1e-4 to 1e16 as Python's str() does: 2.0. {} would write 2.
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    main_threading();
}
