//! Serving Clients, beyond the document, with tokio.
//!
//! `cargo run -p examples-asyncio -- server --runtime tokio`

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{self, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::{select, task, time::sleep};

async fn greeting_with_sleep_async(mut connection: TcpStream) -> io::Result<()> {
    let mut line = String::new(); // It ends at a newline, at the end of file, or after 1,000 bytes.
    io::BufReader::new(&mut connection).take(1000).read_line(&mut line).await?;
    let Some(string) = line.strip_suffix('\n') else { return Ok(()) };
    println!("{string}");
    sleep(Duration::from_secs(2)).await;
    connection.write_all(format!("{string} says hello!\n").as_bytes()).await
}

async fn client(address: SocketAddr, string: &str) -> io::Result<()> {
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(format!("{string}\n").as_bytes()).await?;
    let answer = io::BufReader::new(connection).lines().next_line().await?;
    println!("{}", answer.ok_or(io::ErrorKind::UnexpectedEof)?);
    Ok(())
}

/// Creates a task for each connection, as `start_server` does. Unlike it, it ends on an error.
async fn accept(listener: TcpListener) -> io::Result<()> {
    loop {
        // Nobody awaits it. It returns Err if its client has gone. It also ends with the runtime.
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
            task.await.expect("the client panicked").expect("the client got no answer");
        }
        Ok(())
    };
    // When the clients are done, this drops the accept loop, and with it the listener.
    select! { result = all_clients => result, result = accept(listener) => result }?;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

#[tokio::main(flavor = "local")]
pub async fn main() -> io::Result<()> {
    main_async().await
}
