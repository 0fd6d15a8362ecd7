//! Setting a Time Limit, beyond the document, with smol.
//!
//! `cargo run -p examples-asyncio -- timeout --runtime smol`

use std::time::{Duration, Instant};

use smol::future::or;
use smol::{LocalExecutor, Timer};

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
        Timer::after(Duration::from_secs(60)).await;
    }
    println!("{string} says hello!");
}

async fn greeting_in_time(string: &str) {
    let in_time = async {
        greeting_with_sleep_async(string).await;
        Some(())
    };
    let too_late = async {
        Timer::after(Duration::from_secs(2)).await;
        None
    };
    // Polls both until one is ready, and drops the other.
    if or(in_time, too_late).await.is_none() {
        println!("{string} takes too long");
    }
}

async fn main_async(event_loop: &LocalExecutor<'_>) {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"].map(greeting_in_time);
    let tasks = greetings.map(|greeting| event_loop.spawn(greeting));
    for task in tasks {
        task.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop)));
}
