//! Handling a Failure, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- failure --runtime std-only`

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::event_loop::{Task, create_task, run, sleep};

async fn greeting_with_sleep_async(string: &str) -> Result<String, String> {
    println!("{string}");
    if string == "Hisham" {
        return Err("Hisham has lost his voice".to_owned());
    }
    sleep(Duration::from_secs(2)).await;
    Ok(format!("{string} says hello!"))
}

/// Waits for the first task that completes, removes it, and returns its number and output.
async fn first_completed<T: 'static>(tasks: &mut BTreeMap<usize, Task<T>>) -> (usize, T) {
    poll_fn(|cx| {
        // A task that is not done keeps the waker of `cx`, so each of them wakes this future.
        for (&number, task) in tasks.iter_mut() {
            if let Poll::Ready(output) = Pin::new(task).poll(cx) {
                tasks.remove(&number);
                return Poll::Ready((number, output));
            }
        }
        Poll::Pending
    })
    .await
}

async fn main_async() {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"].map(greeting_with_sleep_async);
    let mut tasks: BTreeMap<_, _> = greetings.map(create_task).into_iter().enumerate().collect();
    let mut results = BTreeMap::new(); // It is sorted by the greeters' numbers.
    while !tasks.is_empty() {
        let (number, result) = first_completed(&mut tasks).await;
        if let Err(error) = &result {
            println!("At once: {error}");
        }
        results.insert(number, result);
    }

    for result in results.into_values() {
        println!("{}", result.unwrap_or_else(|error| format!("Failed: {error}")));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    run(main_async());
}
