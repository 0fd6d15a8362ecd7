//! Serving Clients, beyond the document, with std alone.
//!
//! `cargo run -p examples-multiprocessing -- server --runtime std-only`

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

fn greeting_with_sleep(mut connection: TcpStream) -> io::Result<()> {
    let mut line = String::new(); // It ends at a newline, at the end of file, or after 1,000 bytes.
    BufReader::new(&connection).take(1000).read_line(&mut line)?;
    let Some(string) = line.strip_suffix('\n') else { return Ok(()) };
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    connection.write_all(format!("{string} says hello!\n").as_bytes())
}

fn client(address: &str, string: &str) -> io::Result<()> {
    let mut connection = TcpStream::connect(address)?;
    connection.write_all(format!("{string}\n").as_bytes())?;
    println!("{}", BufReader::new(connection).lines().next().expect("no answer")?);
    Ok(())
}

/// Kills its child when it is dropped, like `kill_on_drop` of the runtimes.
struct KillOnDrop(Child);
impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Accepts connections, and starts a process for each. Python does so in the loop around `wait`.
fn accept(listener: TcpListener, stop: &AtomicBool) -> io::Result<()> {
    let mut handlers: Vec<KillOnDrop> = Vec::new();
    loop {
        let (connection, _) = listener.accept()?;
        if stop.load(Ordering::SeqCst) {
            return Ok(()); // Drops all handlers, also those of silent clients.
        }
        // As inetd does: the connection is the child's stdin. Then the parent's copy is closed.
        let p = Command::new(env::current_exe()?)
            .args(["server", "--runtime", "std-only", "--greeting-with-sleep"])
            .stdin(OwnedFd::from(connection))
            .spawn()?;
        handlers.retain_mut(|p| matches!(p.0.try_wait(), Ok(None))); // reaps those that have ended
        handlers.push(KillOnDrop(p));
    }
}

fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let (mut clients, stop) = (Vec::new(), AtomicBool::new(false));
    let listener = TcpListener::bind("127.0.0.1:0")?; // Port 0 is any free port.
    let address = listener.local_addr()?.to_string();
    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        let p = Command::new(env::current_exe()?)
            .args(["server", "--runtime", "std-only", "--client", &address, greeting])
            .spawn()?;
        clients.push(KillOnDrop(p));
    }
    let (accepted, statuses) = thread::scope(|scope| {
        let statuses = scope.spawn(|| {
            let statuses: io::Result<Vec<_>> = clients.iter_mut().map(|p| p.0.wait()).collect();
            // Nothing cancels accept(). So this sets the flag, and connects once, which wakes it.
            stop.store(true, Ordering::SeqCst);
            let _ = TcpStream::connect(&address);
            statuses
        });
        (accept(listener, &stop), statuses.join().expect("it does not panic"))
    });
    accepted?;
    assert!(statuses?.iter().all(ExitStatus::success), "a client failed");

    let elapsed = s.elapsed().as_secs_f64();
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    // The main guard. A child starts at main, too, and its arguments make it call the target.
    let args: Vec<_> = env::args().collect();
    match &args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [.., "--client", address, string] => client(address, string),
        [.., "--greeting-with-sleep"] => {
            let connection = io::stdin().as_fd().try_clone_to_owned()?;
            greeting_with_sleep(connection.into()).or(Ok(())) // Err: the client is gone.
        }
        _ => main_multiprocessing(),
    }
}
