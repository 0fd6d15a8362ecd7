//! Serving Clients, beyond the document, with smol.
//!
//! `cargo run -p examples-asyncio -- server --runtime smol`

use std::time::{Duration, Instant};

use smol::net::{SocketAddr, TcpListener, TcpStream};
use smol::{LocalExecutor, Timer, io, prelude::*};

async fn greeting_with_sleep_async(mut connection: TcpStream) -> io::Result<()> {
    let mut line = Vec::new(); // It ends at a newline, at the end of file, or after 1,000 bytes.
    // In a debug build, read_line() panics if the connection is reset in the middle of a line.
    io::BufReader::new(&mut connection).take(1000).read_until(b'\n', &mut line).await?;
    let line = String::from_utf8(line).map_err(io::Error::other)?;
    let Some(string) = line.strip_suffix('\n') else { return Ok(()) };
    println!("{string}");
    Timer::after(Duration::from_secs(2)).await;
    connection.write_all(format!("{string} says hello!\n").as_bytes()).await
}

async fn client(address: SocketAddr, string: &str) -> io::Result<()> {
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(format!("{string}\n").as_bytes()).await?;
    let answer = io::BufReader::new(connection).lines().next().await;
    println!("{}", answer.ok_or(io::ErrorKind::UnexpectedEof)??);
    Ok(())
}

/// Creates a task for each connection, as `start_server` does. Unlike it, it ends on an error.
async fn accept(listener: TcpListener, event_loop: &LocalExecutor<'_>) -> io::Result<()> {
    loop {
        // Nobody awaits it. It returns Err if its client has gone. It also ends with event_loop.
        event_loop.spawn(greeting_with_sleep_async(listener.accept().await?.0)).detach();
    }
}

async fn main_async(event_loop: &LocalExecutor<'_>) -> io::Result<()> {
    let s = Instant::now();
    let listener = TcpListener::bind("127.0.0.1:0").await?; // Port 0 is any free port.
    let address = listener.local_addr()?;
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    let tasks = greetings.map(|greeting| event_loop.spawn(client(address, greeting)));
    let all_clients = async {
        for task in tasks {
            task.await.expect("the client got no answer");
        }
        Ok(())
    };
    // When the clients are done, this drops the accept loop, and with it the listener.
    all_clients.or(accept(listener, event_loop)).await?;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop)))
}
