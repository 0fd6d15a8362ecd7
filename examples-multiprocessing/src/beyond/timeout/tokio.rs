//! Setting a Time Limit, beyond the document, with tokio.
//!
//! `cargo run -p examples-multiprocessing -- timeout --runtime tokio`

use std::time::{Duration, Instant};
use std::{env, io, thread};

use tokio::process::Command;
use tokio::runtime::Builder;
use tokio::time::timeout;

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    if string == "Hisham" {
        thread::sleep(Duration::from_secs(60));
    }
    println!("{string} says hello!");
}

async fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let mut processes = Vec::new();
    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        let p = Command::new(env::current_exe()?)
            .args(["timeout", "--runtime", "tokio", "--greeting-with-sleep", greeting])
            .kill_on_drop(true) // An early return or a panic drops the handles.
            .spawn()?;
        processes.push((greeting, p));
    }
    for (greeting, mut j) in processes {
        // Err means that the time is up.
        if let Ok(status) = timeout(Duration::from_secs(2), j.wait()).await {
            assert_ne!(status?.code(), Some(101), "the greeter panicked");
        } else {
            println!("{greeting} takes too long");
            // Sends SIGKILL and waits. Python's terminate() sends SIGTERM.
            j.kill().await?;
        }
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    // The main guard. A child starts at main, too, and this argument makes it call the target.
    let mut args = env::args();
    if args.any(|arg| arg == "--greeting-with-sleep") {
        greeting_with_sleep(&args.next().unwrap_or_default());
        return Ok(());
    }

    // A child needs no runtime, so this is not #[tokio::main].
    Builder::new_current_thread().enable_all().build()?.block_on(main_multiprocessing())
}
