//! Taking Results as They Come, beyond the document, with tokio.
//!
//! `cargo run -p examples-asyncio -- as-completed --runtime tokio`

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

async fn greeting_with_sleep_async(string: &str, seconds: u64) -> String {
    sleep(Duration::from_secs(seconds)).await;
    format!("{string} says hello!")
}

async fn greeting_in_turn(string: &str, seconds: u64, semaphore: Rc<Semaphore>) -> String {
    // Waits for one of the permits. Dropping it releases it.
    let _permit = semaphore.acquire().await.expect("nobody closes it");
    greeting_with_sleep_async(string, seconds).await
}

async fn main_async() {
    let s = Instant::now();
    let semaphore = Rc::new(Semaphore::new(3));
    let greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    let mut tasks = JoinSet::new();
    for (string, seconds) in greetings {
        tasks.spawn_local(greeting_in_turn(string, seconds, semaphore.clone()));
    }
    while let Some(task) = tasks.join_next().await {
        println!("{}", task.expect("the greeter panicked"));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

#[tokio::main(flavor = "local")]
pub async fn main() {
    main_async().await;
}
