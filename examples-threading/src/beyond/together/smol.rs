//! All Together, beyond the document, with smol.
//!
//! `cargo run -p examples-threading -- together --runtime smol`

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_signal::{Signal, Signals};
use smol::channel::{self, Receiver};
use smol::future::or;
use smol::lock::Semaphore;
use smol::stream::StreamExt;
use smol::{LocalExecutor, Timer};

/// Waits until the channel is closed, or the time is up. Returns whether it is closed.
fn wait(stop: &Receiver<()>, time: Duration) -> bool {
    let is_closed = async { stop.recv().await.is_err() };
    let too_late = async {
        Timer::after(time).await;
        false
    };
    smol::block_on(or(is_closed, too_late))
}

fn fetch(page: u32, attempt: u32, stop: &Receiver<()>) -> io::Result<String> {
    if page == 6 || (page == 3 && attempt == 1) {
        return Err(ErrorKind::ConnectionReset.into());
    }
    // Nothing ends thread::sleep() early. This ends when the channel is closed.
    let text = format!("the text of page {page}");
    if wait(stop, Duration::from_secs(1)) { Err(ErrorKind::Interrupted.into()) } else { Ok(text) }
}

fn checksum(text: &str) -> u32 {
    let bytes = text.repeat(2000).into_bytes();
    bytes.iter().fold(0, |total, byte| total.wrapping_mul(31).wrapping_add((*byte).into()))
}

fn fetch_with_retries(page: u32, stop: &Receiver<()>) -> Option<u32> {
    for (attempt, pause) in [(1, 0), (2, 50), (3, 100)] {
        if wait(stop, Duration::from_millis(pause)) {
            break;
        }
        match fetch(page, attempt, stop) {
            Ok(text) => return Some(checksum(&text)),
            Err(error) if error.kind() == ErrorKind::Interrupted => break,
            Err(_) => println!("page {page} failed, attempt {attempt} of 3"),
        }
    }
    None
}

async fn main_threading(event_loop: &LocalExecutor<'_>) -> i32 {
    let s = Instant::now();
    let mut signals = Signals::new([Signal::Int]).expect("the system has this signal");
    let (stop, receiver) = channel::bounded(1); // Nobody sends. Dropping the sender closes it.
    let permits = Arc::new(Semaphore::new(4));
    let (sender, results) = channel::unbounded();
    let mut threads = Vec::new();
    for page in 1..=8 {
        let (permits, receiver, sender) = (permits.clone(), receiver.clone(), sender.clone());
        threads.push(event_loop.spawn(async move {
            let _permit = permits.acquire().await;
            let thread = smol::unblock(move || fetch_with_retries(page, &receiver));
            sender.send((page, thread.await)).await.expect("main holds the receiver");
        }));
    }
    drop(sender); // recv() returns an error when all senders are dropped.
    let mut pages = Vec::new();
    let all = async {
        while let Ok((page, result)) = results.recv().await {
            if let Some(sum) = result {
                println!("page {page} arrived");
                pages.push(sum);
            }
        }
        0
    };
    let interrupted = async { signals.next().await.map_or(1, |_| 130) };
    let too_late = async {
        Timer::after(Duration::from_secs(10)).await;
        1
    };
    let status = or(all, or(interrupted, too_late)).await; // drops those that are not ready
    drop(stop); // Functions of the pool cannot be cancelled. They wait for this.
    for thread in threads {
        thread.await;
    }

    println!("{} of 8 pages", pages.len());
    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
    status
}

pub fn main() {
    let event_loop = LocalExecutor::new();
    std::process::exit(smol::block_on(event_loop.run(main_threading(&event_loop))));
}
