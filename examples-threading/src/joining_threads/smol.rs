//! Joining a Thread, with smol.
//!
//! `cargo run -p examples-threading -- joining-threads --runtime smol`

use std::thread;
use std::time::{Duration, Instant};

fn greeting_with_sleep(string: &str) {
    // println! holds a lock while it writes, newline and all: no other thread can tear the line.
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    println!("{string} says hello!");
}

async fn main_threading() {
    let s = Instant::now();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        // Created and started in one step, on a thread out of the pool for blocking functions. That
        // has up to 500 threads, and keeps them in case of more to do.
        let t = smol::unblock(move || greeting_with_sleep(greeting));
        threads.push(t);
    }

    for thread in threads {
        // Python's join() hides that the thread raised an exception. This panics if the thread did.
        thread.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    // {:?} writes a float as Python's str() does, 2.0; {} would write 2.
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    smol::block_on(main_threading());
}
