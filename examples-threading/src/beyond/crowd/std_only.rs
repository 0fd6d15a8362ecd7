//! Many Threads, beyond the document, with std alone.
//!
//! `cargo run --release -p examples-threading -- crowd --count 1000 --runtime std-only`

use std::time::{Duration, Instant};
use std::{io, thread};

fn silent_greeting() -> u8 {
    thread::sleep(Duration::from_secs(2));
    1
}

fn main_threading(count: usize) -> io::Result<()> {
    let s = Instant::now();
    let mut threads = Vec::new();
    let mut failure = None;
    for number in 1..=count {
        // Do not copy this small stack: a println! in a deeper call or a panic with a backtrace may
        // overflow it, which aborts the program. The default is 2 MiB of address space, of which a
        // thread uses only the pages that it touches.
        let builder = thread::Builder::new().stack_size(16 * 1024);
        // If the system refuses a thread, this returns an error. thread::spawn would panic. (On
        // Linux a thread needs four memory mappings, and the kernel's default limit is 65,530 for a
        // process. A thread that gets only some of its four aborts the program.)
        match builder.spawn(silent_greeting) {
            Ok(t) => threads.push(t),
            Err(error) => {
                let what = format!("thread {number} of {count}: {error}");
                failure = Some(io::Error::new(error.kind(), what));
                break;
            }
        }
    }

    let mut greeters = 0;
    for thread in threads {
        greeters += usize::from(thread.join().expect("the greeter panicked"));
    }
    if let Some(error) = failure {
        return Err(error);
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Greeters: {greeters}");
    println!("Threading Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

/// `count` comes from the command line.
pub fn main(count: usize) -> io::Result<()> {
    main_threading(count)
}
