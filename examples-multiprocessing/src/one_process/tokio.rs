//! Python `multiprocessing` Module, with tokio.
//!
//! `cargo run -p examples-multiprocessing -- one-process --runtime tokio`

use std::time::{Duration, Instant};
use std::{env, io, thread};

use tokio::process::Command;
use tokio::runtime;

fn greeting_with_sleep(string: &str) {
    let s = Instant::now();
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    println!("says hello!");
    let elapsed = s.elapsed().as_secs_f64();
    // {:?} writes a float as Python's str() does, 2.0; {} would write 2.
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
}

pub fn main() -> io::Result<()> {
    // The main guard. A child starts at main, too, and an argument tells it to call the target.
    let mut args = env::args();
    if args.any(|arg| arg == "--greeting-with-sleep") {
        greeting_with_sleep(&args.next().unwrap_or_default());
        return Ok(());
    }

    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    // tokio starts a child only inside of the runtime that is to wait for it.
    let _entered = runtime.enter();
    // Python runs a function in a process, Rust runs a program: this one, again.
    let mut p = Command::new(env::current_exe()?)
        .args(["one-process", "--runtime", "tokio"])
        .args(["--greeting-with-sleep", "Codecademy"])
        .spawn()?;
    // CPython joins at exit what nobody joined. A Rust program just ends, and its child goes on
    // alone: so somebody has to wait.
    runtime.block_on(p.wait())?;
    Ok(())
}
