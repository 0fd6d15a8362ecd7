//! Serving Clients, beyond the document, with tokio.
//!
//! `cargo run -p examples-multiprocessing -- server --runtime tokio`

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};
use std::{env, thread};

use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::{runtime::Builder, select};

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

/// Accepts connections, and starts a process for each. Python does so in the loop around `wait`.
async fn accept(listener: TcpListener, handlers: &mut Vec<Child>) -> io::Result<()> {
    loop {
        let connection = listener.accept().await?.0.into_std()?;
        // It is still non-blocking, and so would be the child's stdin.
        connection.set_nonblocking(false)?;
        // As inetd does: the connection is the child's stdin. Then the parent's copy is closed.
        let p = Command::new(env::current_exe()?)
            .args(["server", "--runtime", "tokio", "--greeting-with-sleep"])
            .stdin(OwnedFd::from(connection))
            .kill_on_drop(true) // An early return or a panic drops the handles.
            .spawn()?;
        handlers.retain_mut(|p| matches!(p.try_wait(), Ok(None))); // reaps those that have ended
        handlers.push(p);
    }
}

async fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let (mut clients, mut handlers) = (Vec::new(), Vec::new());
    let listener = TcpListener::bind("127.0.0.1:0").await?; // Port 0 is any free port.
    let address = listener.local_addr()?.to_string();
    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        let p = Command::new(env::current_exe()?)
            .args(["server", "--runtime", "tokio", "--client", &address, greeting])
            .kill_on_drop(true)
            .spawn()?;
        clients.push(p);
    }
    let all_clients = async {
        for mut p in clients {
            assert!(p.wait().await?.success(), "a client failed");
        }
        Ok(())
    };
    // When all clients have ended, this drops the other future. That stops the accept loop.
    select! {
        result = all_clients => result,
        result = accept(listener, &mut handlers) => result,
    }?;
    for mut p in handlers {
        p.kill().await?; // also those of silent clients
    }

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
        // A child needs no runtime, so this is not #[tokio::main].
        _ => Builder::new_current_thread().enable_all().build()?.block_on(main_multiprocessing()),
    }
}
