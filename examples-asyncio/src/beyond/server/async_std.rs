//! Serving Clients, beyond the document, with async-std.
//!
//! `cargo run -p examples-asyncio -- server --runtime async-std`

use std::time::{Duration, Instant};

use async_std::net::{SocketAddr, TcpListener, TcpStream};
use async_std::{io, prelude::*, task};

async fn greeting_with_sleep_async(mut connection: TcpStream) -> io::Result<()> {
    let mut line = Vec::new(); // It ends at a newline, at the end of file, or after 1,000 bytes.
    // In a debug build, read_line() panics if the connection is reset in the middle of a line.
    io::BufReader::new(&mut connection).take(1000).read_until(b'\n', &mut line).await?;
    let line = String::from_utf8(line).map_err(io::Error::other)?;
    let Some(string) = line.strip_suffix('\n') else { return Ok(()) };
    println!("{string}");
    task::sleep(Duration::from_secs(2)).await;
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
async fn accept(listener: TcpListener) -> io::Result<()> {
    loop {
        // Nobody awaits it. It returns Err if its client has gone. It also ends with main.
        task::spawn_local(greeting_with_sleep_async(listener.accept().await?.0));
    }
}

async fn main_async() -> io::Result<()> {
    let s = Instant::now();
    let listener = TcpListener::bind("127.0.0.1:0").await?; // Port 0 is any free port.
    let address = listener.local_addr()?;
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    let tasks = greetings.map(|greeting| task::spawn_local(client(address, greeting)));
    let all_clients = async {
        for task in tasks {
            task.await.expect("the client got no answer");
        }
        Ok(())
    };
    // When the clients are done, this drops the accept loop, and with it the listener.
    all_clients.race(accept(listener)).await?;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

#[async_std::main]
pub async fn main() -> io::Result<()> {
    main_async().await
}
