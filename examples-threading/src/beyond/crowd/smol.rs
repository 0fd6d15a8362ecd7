//! Many Threads, beyond the document, with smol.
//!
//! `cargo run --release -p examples-threading -- crowd --count 500 --runtime smol`

use std::time::{Duration, Instant};
use std::{io, thread};

fn silent_greeting() -> u8 {
    thread::sleep(Duration::from_secs(2));
    1
}

async fn main_threading(count: usize) {
    let s = Instant::now();
    let mut threads = Vec::new();
    for _ in 0..count {
        // The pool has up to 500 threads. The environment variable BLOCKING_MAX_THREADS changes
        // that, up to 10,000. Further functions wait in a queue, so 501 take four seconds. If the
        // system refuses a thread, the pool retries in a busy loop, and the program never ends.
        let t = smol::unblock(silent_greeting);
        threads.push(t);
    }

    let mut greeters = 0;
    for thread in threads {
        greeters += usize::from(thread.await);
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Greeters: {greeters}");
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

/// `count` comes from the command line.
pub fn main(count: usize) -> io::Result<()> {
    smol::block_on(main_threading(count));
    Ok(())
}
