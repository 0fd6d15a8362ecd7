//! Sharing State, beyond the document, with std alone.
//!
//! `cargo run -p examples-multiprocessing -- shared-state --runtime std-only`

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{collections::BTreeMap, env, thread};

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    println!("{string} says hello!");
}

/// Kills its child when it is dropped, like `kill_on_drop` of the runtimes.
struct KillOnDrop(Child);
impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    // Processes share no memory: only main has these, so they need no lock. Threads can share them.
    let (mut processes, mut count, mut greetings) = (Vec::new(), 0, BTreeMap::new());
    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        let mut p = Command::new(env::current_exe()?)
            .args(["shared-state", "--runtime", "std-only", "--greeting-with-sleep", greeting])
            .stdout(Stdio::piped())
            .spawn()?;
        let lines = BufReader::new(p.stdout.take().expect("it is piped")).lines();
        processes.push((greeting, lines, KillOnDrop(p)));
    }
    for (_, lines, _) in &mut processes {
        println!("{}", lines.next().expect("the greeter failed")?);
    }
    for (greeting, mut lines, mut p) in processes {
        greetings.insert(greeting, lines.next().expect("the greeter failed")?);
        count += 1;
        assert!(p.0.wait()?.success(), "the greeter failed");
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
    main_multiprocessing()
}
