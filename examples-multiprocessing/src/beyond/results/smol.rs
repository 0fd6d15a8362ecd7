//! Getting Results, beyond the document, with smol.
//!
//! `cargo run -p examples-multiprocessing -- results --runtime smol`

use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{env, io, thread};

use smol::process::Command;

fn greeting_with_sleep(string: &str) -> String {
    thread::sleep(Duration::from_secs(2));
    format!("{string} says hello!")
}

async fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let mut processes = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];

    for greeting in greetings {
        // A child shares no memory with its parent. It gets arguments, and prints its result into a
        // pipe. Python pickles both.
        let p = Command::new(env::current_exe()?)
            .args(["results", "--runtime", "smol", "--greeting-with-sleep", greeting])
            .stdout(Stdio::piped())
            .kill_on_drop(true) // An early return or a panic drops the handles.
            .spawn()?;
        processes.push(p);
    }

    for process in processes {
        // Waits for this child, and returns what it printed, as bytes.
        let output = process.output().await?;
        assert!(output.status.success(), "the greeter failed");
        print!("{}", String::from_utf8_lossy(&output.stdout));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    // The main guard. A child starts at main, too, and this argument makes it call the target.
    let mut args = env::args();
    if args.any(|arg| arg == "--greeting-with-sleep") {
        println!("{}", greeting_with_sleep(&args.next().unwrap_or_default()));
        return Ok(());
    }

    smol::block_on(main_multiprocessing())
}
