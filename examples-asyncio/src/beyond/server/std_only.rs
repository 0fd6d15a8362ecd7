//! Serving Clients, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- server --runtime std-only`

use std::io::{self, BufRead, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::event_loop::{create_task, gather, run, sleep, to_thread};

// std has no asynchronous sockets: it cannot ask the system which sockets are ready, as epoll does.
// The crates polling and mio can. So here, each call that waits has a thread of its own.
async fn greeting_with_sleep_async(mut connection: TcpStream) -> io::Result<()> {
    let mut lines = io::BufReader::new(connection.try_clone()?).take(1000);
    let mut line = String::new(); // It ends at a newline, at the end of file, or after 1,000 bytes.
    let line = to_thread(move || lines.read_line(&mut line).map(|_| line)).await?;
    let Some(string) = line.strip_suffix('\n').map(str::to_owned) else { return Ok(()) };
    println!("{string}");
    sleep(Duration::from_secs(2)).await;
    to_thread(move || connection.write_all(format!("{string} says hello!\n").as_bytes())).await
}

async fn client(address: SocketAddr, string: &'static str) -> io::Result<()> {
    let answer = to_thread(move || {
        let mut connection = TcpStream::connect(address)?;
        connection.write_all(format!("{string}\n").as_bytes())?;
        io::BufReader::new(connection).lines().next().ok_or(io::ErrorKind::UnexpectedEof)?
    });
    answer.await.map(|answer| println!("{answer}"))
}

/// Creates a task for each connection, as Python's `start_server` does.
async fn accept(listener: TcpListener) -> io::Result<()> {
    loop {
        let copy = listener.try_clone()?;
        // Nobody awaits it. It returns Err if its client has gone. Its thread ends with main.
        create_task(greeting_with_sleep_async(to_thread(move || copy.accept()).await?.0));
    }
}

async fn main_async() -> io::Result<()> {
    let s = Instant::now();
    let listener = TcpListener::bind("127.0.0.1:0")?; // Port 0 is any free port.
    let address = listener.local_addr()?;
    let server = create_task(accept(listener));
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    let greet = |greeting| async move { client(address, greeting).await.expect("no answer") };
    gather(greetings.map(greet)).await;
    // cancel() drops the task, but a thread waits in accept() until there is one more connection.
    assert!(server.cancel(), "accept() failed");
    let _ = to_thread(move || TcpStream::connect(address)).await;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    run(main_async())
}
