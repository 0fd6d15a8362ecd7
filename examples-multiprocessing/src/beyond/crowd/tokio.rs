//! Many Processes, beyond the document, with tokio.
//!
//! `cargo run --release -p examples-multiprocessing -- crowd --count 1000 --runtime tokio`

use std::time::{Duration, Instant};
use std::{env, io, thread};

use tokio::process::Command;
use tokio::runtime::Builder;

fn silent_greeting() {
    thread::sleep(Duration::from_secs(2));
}

async fn main_multiprocessing(count: usize) -> io::Result<()> {
    let s = Instant::now();
    let program = env::current_exe()?;
    let mut processes = Vec::new();
    let mut failure = None;
    for number in 1..=count {
        // On Linux a child needs a file descriptor. `ulimit -n` is the limit, often 1024. If none
        // is free, the signal SIGCHLD notifies tokio of the child's end.
        let p = Command::new(&program)
            .args(["crowd", "--runtime", "tokio", "--silent-greeting"])
            .spawn();
        match p {
            Ok(p) => processes.push(p),
            Err(error) => {
                let what = format!("process {number} of {count}: {error}");
                failure = Some(io::Error::new(error.kind(), what));
                break;
            }
        }
    }

    let mut greeters = 0;
    for mut j in processes {
        // A child returns an exit status. Success counts as one greeter.
        greeters += usize::from(j.wait().await.is_ok_and(|status| status.success()));
    }
    if let Some(error) = failure {
        return Err(error);
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Greeters: {greeters}");
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

/// `count` comes from the command line.
pub fn main(count: usize) -> io::Result<()> {
    if env::args().any(|arg| arg == "--silent-greeting") {
        silent_greeting();
        return Ok(());
    }

    // A child needs no runtime, so this is not #[tokio::main].
    Builder::new_current_thread().enable_all().build()?.block_on(main_multiprocessing(count))
}
