//! Joining a Thread, with smol.
//!
//! `cargo run -p examples-threading -- joining-threads --runtime smol`

use std::thread;
use std::time::{Duration, Instant};

fn greeting_with_sleep(string: &str) {
    // println! locks stdout while it writes a line, so the lines of several threads do not mix.
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    println!("{string} says hello!");
}

async fn main_threading() {
    let s = Instant::now();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        // Created and started in one step, on a thread of the blocking pool. The pool has up to 500
        // threads, and further functions wait in a queue.
        let t = smol::unblock(move || greeting_with_sleep(greeting));
        threads.push(t);
    }

    for thread in threads {
        // join() in Python does not raise the exception of a thread. If the function panicked, this
        // panics, too.
        thread.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    // `{:?}` writes 2.0, as Python's str() does (from 1e-4 to 1e16). `{}` writes 2.
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    smol::block_on(main_threading());
}
