//! Setting a Time Limit, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- timeout --runtime std-only`

use std::time::{Duration, Instant};

use crate::event_loop::{gather, run, sleep, wait_for};

struct Finally<'a>(&'a str);

impl Drop for Finally<'_> {
    fn drop(&mut self) {
        println!("{} is cancelled", self.0);
    }
}

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    if string == "Hisham" {
        // Cancelling a future drops it, with its variables: Drop takes the place of finally. A
        // future can only be dropped at an await, so one that never awaits cannot be cancelled.
        let _finally = Finally(string);
        sleep(Duration::from_secs(60)).await;
    }
    println!("{string} says hello!");
}

async fn greeting_in_time(string: &str) {
    let greeting = greeting_with_sleep_async(string);
    // After two seconds this drops the future. Err means that the time is up.
    if wait_for(greeting, Duration::from_secs(2)).await.is_err() {
        println!("{string} takes too long");
    }
}

async fn main_async() {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"].map(greeting_in_time);
    gather(greetings).await;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    run(main_async());
}
