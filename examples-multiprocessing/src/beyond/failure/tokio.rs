//! Handling a Failure, beyond the document, with tokio.
//!
//! `cargo run -p examples-multiprocessing -- failure --runtime tokio`

use std::time::{Duration, Instant};
use std::{env, io, process, thread};

use tokio::process::Command;
use tokio::runtime::Builder;

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    if string == "Hisham" {
        // Runs no destructors. (sys.exit() in Python raises SystemExit, so finally blocks run.) A
        // panic would exit with 101, and an error that main returns with 1. Both print a message.
        process::exit(3);
    }
    thread::sleep(Duration::from_secs(2));
}

async fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let mut processes = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];

    for greeting in greetings {
        let p = Command::new(env::current_exe()?)
            .args(["failure", "--runtime", "tokio", "--greeting-with-sleep", greeting])
            .kill_on_drop(true) // An early return or a panic drops the handles.
            .spawn()?;
        processes.push(p);
    }

    for (greeting, mut j) in greetings.into_iter().zip(processes) {
        // Ok, even if the child failed. If a signal ended the child, `code()` is None.
        let code = j.wait().await?.code().expect("a signal ended the greeter");
        println!("{greeting} exited with {code}");
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
