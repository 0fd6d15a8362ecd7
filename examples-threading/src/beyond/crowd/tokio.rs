//! A Crowd of Greeters, beyond the document, with tokio.
//!
//! `cargo run --release -p examples-threading -- crowd --count 1000 --runtime tokio`

use std::thread;
use std::time::{Duration, Instant};

use tokio::{runtime, task};

fn silent_greeting() {
    thread::sleep(Duration::from_secs(2));
}

async fn main_threading(count: usize) {
    let s = Instant::now();
    let mut threads = Vec::new();
    for _ in 0..count {
        // If there can't be another thread, this greeter waits until one of the others has greeted,
        // and the crowd takes four seconds or more. Only if there is no thread at all, it panics.
        let t = task::spawn_blocking(silent_greeting);
        threads.push(t);
    }

    for thread in threads {
        thread.await.expect("the greeting does not panic");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

/// `count` is that of the command line.
pub fn main(count: usize) {
    let runtime = runtime::Builder::new_current_thread()
        // Without this the pool has 512, and more greeters wait for their turn.
        .max_blocking_threads(count)
        // As small a stack as Linux allows on most machines; where more is needed, std gives more.
        // Without this it is 2 MiB, of which a thread uses what it touches.
        .thread_stack_size(16 * 1024)
        .build();
    runtime.expect("tokio starts").block_on(main_threading(count));
}
