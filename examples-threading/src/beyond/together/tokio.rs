//! All Together, beyond the document, with tokio.
//!
//! `cargo run -p examples-threading -- together --runtime tokio`

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::select;
use tokio::signal::ctrl_c;
use tokio::sync::Semaphore;
use tokio::sync::watch::{self, Receiver};
use tokio::task::{self, JoinSet};
use tokio::time::{sleep, timeout};

/// Waits until the flag is set, or the time is up. Returns whether it is set.
fn wait(stop: &mut Receiver<bool>, time: Duration) -> bool {
    let is_set = timeout(time, stop.wait_for(|is_set| *is_set));
    Handle::current().block_on(is_set).is_ok()
}

fn fetch(page: u32, attempt: u32, stop: &mut Receiver<bool>) -> io::Result<String> {
    if page == 6 || (page == 3 && attempt == 1) {
        return Err(ErrorKind::ConnectionReset.into());
    }
    // Nothing ends thread::sleep() early. This ends when the flag is set.
    let text = format!("the text of page {page}");
    if wait(stop, Duration::from_secs(1)) { Err(ErrorKind::Interrupted.into()) } else { Ok(text) }
}

fn checksum(text: &str) -> u32 {
    let bytes = text.repeat(2000).into_bytes();
    bytes.iter().fold(0, |total, byte| total.wrapping_mul(31).wrapping_add((*byte).into()))
}

fn fetch_with_retries(page: u32, mut stop: Receiver<bool>) -> Option<u32> {
    for (attempt, pause) in [(1, 0), (2, 50), (3, 100)] {
        if wait(&mut stop, Duration::from_millis(pause)) {
            break;
        }
        match fetch(page, attempt, &mut stop) {
            Ok(text) => return Some(checksum(&text)),
            Err(error) if error.kind() == ErrorKind::Interrupted => break,
            Err(_) => println!("page {page} failed, attempt {attempt} of 3"),
        }
    }
    None
}

#[tokio::main(flavor = "current_thread")]
async fn main_threading() -> i32 {
    let s = Instant::now();
    let (stop, receiver) = watch::channel(false);
    let permits = Arc::new(Semaphore::new(4));
    let mut threads = JoinSet::new();
    for page in 1..=8 {
        let (permits, receiver) = (permits.clone(), receiver.clone());
        threads.spawn(async move {
            let _permit = permits.acquire().await.expect("nobody closes the semaphore");
            let thread = task::spawn_blocking(move || fetch_with_retries(page, receiver));
            (page, thread.await.expect("fetch panicked"))
        });
    }
    let mut pages = Vec::new();
    let all = async {
        while let Some(thread) = threads.join_next().await {
            if let (page, Some(sum)) = thread.expect("fetch panicked") {
                println!("page {page} arrived");
                pages.push(sum);
            }
        }
    };
    // Polls all three until one is ready, and drops the others.
    let status = select! {
        () = all => 0,
        result = ctrl_c() => result.map(|()| 130).expect("tokio cannot handle Ctrl-C"),
        () = sleep(Duration::from_secs(10)) => 1,
    };
    // Functions of the pool cannot be aborted. They wait for this.
    stop.send(true).expect("main holds a receiver");
    threads.join_all().await;

    println!("{} of 8 pages", pages.len());
    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
    status
}

pub fn main() {
    std::process::exit(main_threading());
}
