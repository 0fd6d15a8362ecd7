//! Setting a Time Limit, beyond the document, with smol.
//!
//! `cargo run -p examples-threading -- timeout --runtime smol`

use std::thread;
use std::time::{Duration, Instant};

use smol::Timer;
use smol::future::or;

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    if string == "Hisham" {
        thread::sleep(Duration::from_secs(60));
    }
    println!("{string} says hello!");
}

async fn main_threading() {
    let s = Instant::now();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        // A thread cannot be stopped. Dropping its handle does not stop it.
        let t = smol::unblock(move || greeting_with_sleep(greeting));
        threads.push(t);
    }

    for (greeting, thread) in greetings.into_iter().zip(threads) {
        let in_time = async {
            thread.await;
            Some(())
        };
        let too_late = async {
            Timer::after(Duration::from_secs(2)).await;
            None
        };
        // Polls both until one is ready, and drops the other.
        if or(in_time, too_late).await.is_none() {
            println!("{greeting} takes too long");
        }
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

// When main returns, the process ends with all its threads.
pub fn main() {
    smol::block_on(main_threading());
}
