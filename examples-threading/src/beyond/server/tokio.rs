//! Serving Clients, beyond the document, with tokio.
//!
//! `cargo run -p examples-threading -- server --runtime tokio`

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::{runtime::Builder, task};

fn greeting_with_sleep(mut connection: TcpStream) -> io::Result<()> {
    connection.set_read_timeout(Some(Duration::from_secs(10)))?; // for a client that is silent
    let mut line = String::new();
    BufReader::new(&connection).take(1000).read_line(&mut line)?; // The line may come in pieces.
    let Some(string) = line.strip_suffix('\n') else { return Ok(()) };
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    connection.write_all(format!("{string} says hello!\n").as_bytes())
}

fn client(address: SocketAddr, string: &str) {
    let mut connection = TcpStream::connect(address).expect("the server listens");
    connection.write_all(format!("{string}\n").as_bytes()).expect("the server reads");
    let answer = BufReader::new(connection).lines().next();
    println!("{}", answer.expect("there is no answer").expect("the server writes a line"));
}

fn accept(listener: TcpListener, stop: &AtomicBool) {
    // This loop and 511 connections fill the pool; others wait. examples-asyncio has the right way.
    for connection in listener.incoming().take_while(|_| !stop.load(Ordering::SeqCst)).flatten() {
        task::spawn_blocking(move || greeting_with_sleep(connection)); // Its error is dropped.
    }
}

async fn main_threading() -> io::Result<()> {
    static STOP: AtomicBool = AtomicBool::new(false);
    let s = Instant::now();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = task::spawn_blocking(|| accept(listener, &STOP));
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for thread in greetings.map(|string| task::spawn_blocking(move || client(address, string))) {
        thread.await?;
    }
    STOP.store(true, Ordering::SeqCst);
    let _ = TcpStream::connect(address); // Nothing in std ends accept(). This wakes it.
    server.await?;
    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() {
    let runtime = Builder::new_current_thread().build().expect("tokio did not start");
    let result = runtime.block_on(main_threading());
    runtime.shutdown_background(); // Dropping it would wait for handlers of silent clients.
    result.expect("cannot serve the clients");
}
