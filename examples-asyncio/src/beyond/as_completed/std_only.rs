//! Taking Results as They Come, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- as-completed --runtime std-only`

use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::event_loop::{Semaphore, as_completed, run, sleep};

async fn greeting_with_sleep_async(string: &str, seconds: u64) -> String {
    sleep(Duration::from_secs(seconds)).await;
    format!("{string} says hello!")
}

async fn greeting_in_turn(string: &str, seconds: u64, semaphore: Rc<Semaphore>) -> String {
    // Waits for one of the permits. Dropping it releases it.
    let _permit = semaphore.acquire().await;
    greeting_with_sleep_async(string, seconds).await
}

async fn main_async() {
    let s = Instant::now();
    let semaphore = Rc::new(Semaphore::new(3));
    let greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    let greet = |(string, seconds)| greeting_in_turn(string, seconds, semaphore.clone());
    let mut tasks = as_completed(greetings.map(greet));
    while let Some(greeting) = tasks.next().await {
        println!("{greeting}");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    run(main_async());
}
