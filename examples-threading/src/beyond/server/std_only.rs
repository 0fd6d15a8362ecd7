//! Serving Clients, beyond the document, with std alone.
//!
//! `cargo run -p examples-threading -- server --runtime std-only`

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

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
    for connection in listener.incoming().take_while(|_| !stop.load(Ordering::SeqCst)).flatten() {
        // Without a thread, this drops the connection. An error of the handler is dropped, too.
        let _ = thread::Builder::new().spawn(move || greeting_with_sleep(connection));
    }
}

fn main_threading() -> io::Result<()> {
    static STOP: AtomicBool = AtomicBool::new(false);
    let s = Instant::now();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(|| accept(listener, &STOP));
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for thread in greetings.map(|string| thread::spawn(move || client(address, string))) {
        thread.join().expect("a client has no answer");
    }
    STOP.store(true, Ordering::SeqCst);
    let _ = TcpStream::connect(address); // Nothing in std ends accept(). This wakes it.
    server.join().expect("the server panicked");
    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    main_threading()
}
