//! Sharing State, beyond the document, with smol.
//!
//! `cargo run -p examples-multiprocessing -- shared-state --runtime smol`

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{env, io, thread};

use smol::io::{AsyncBufReadExt, BufReader};
use smol::process::Command;
use smol::stream::StreamExt;

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    println!("{string} says hello!");
}

async fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    // Processes share no memory: only main has these, so they need no lock. Threads can share them.
    let (mut processes, mut count, mut greetings) = (Vec::new(), 0, BTreeMap::new());
    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        let mut p = Command::new(env::current_exe()?)
            .args(["shared-state", "--runtime", "smol", "--greeting-with-sleep", greeting])
            .stdout(Stdio::piped())
            .kill_on_drop(true) // An early return or a panic drops the handles.
            .spawn()?;
        let lines = BufReader::new(p.stdout.take().expect("it is piped")).lines();
        processes.push((greeting, lines, p));
    }
    for (_, lines, _) in &mut processes {
        println!("{}", lines.next().await.expect("the greeter failed")?);
    }
    for (greeting, mut lines, mut p) in processes {
        greetings.insert(greeting, lines.next().await.expect("the greeter failed")?);
        count += 1;
        assert!(p.status().await?.success(), "the greeter failed");
    }

    println!("{count} greetings");
    greetings.values().for_each(|greeting| println!("{greeting}"));

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

    smol::block_on(main_multiprocessing())
}
