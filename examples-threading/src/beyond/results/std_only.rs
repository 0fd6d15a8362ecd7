//! Getting Results, beyond the document, with std alone.
//!
//! `cargo run -p examples-threading -- results --runtime std-only`

use std::thread;
use std::time::{Duration, Instant};

fn greeting_with_sleep(string: &str) -> String {
    thread::sleep(Duration::from_secs(2));
    format!("{string} says hello!")
}

fn main_threading() {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    let threads = greetings.map(|greeting| thread::spawn(move || greeting_with_sleep(greeting)));
    for thread in threads {
        // Waits for this thread, and returns what the function returned, or its panic.
        println!("{}", thread.join().expect("the greeter panicked"));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    main_threading();
}
