//! Many Threads, beyond the document, with tokio.
//!
//! `cargo run --release -p examples-threading -- crowd --count 1000 --runtime tokio`

use std::time::{Duration, Instant};
use std::{io, thread};

use tokio::runtime::Builder;
use tokio::task;

fn silent_greeting() -> u8 {
    thread::sleep(Duration::from_secs(2));
    1
}

async fn main_threading(count: usize) {
    let s = Instant::now();
    let mut threads = Vec::new();
    for _ in 0..count {
        // If the system refuses a thread, the function waits in the queue, and the program takes
        // four seconds or more. If the pool has no thread at all, this panics.
        let t = task::spawn_blocking(silent_greeting);
        threads.push(t);
    }

    let mut greeters = 0;
    for thread in threads {
        greeters += usize::from(thread.await.expect("the greeter panicked"));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Greeters: {greeters}");
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

/// `count` comes from the command line.
pub fn main(count: usize) -> io::Result<()> {
    let runtime = Builder::new_current_thread()
        // The default is 512 threads. Further functions wait in a queue.
        .max_blocking_threads(count)
        // Do not copy this small stack: a println! in a deeper call or a panic with a backtrace may
        // overflow it, which aborts the program. The default is 2 MiB of address space, of which a
        // thread uses only the pages that it touches.
        .thread_stack_size(16 * 1024)
        .build()?;
    runtime.block_on(main_threading(count));
    Ok(())
}
