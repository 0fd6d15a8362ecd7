//! Limiting Concurrency, beyond the document, with smol.
//!
//! `cargo run -p examples-threading -- workers --runtime smol`

use std::thread;
use std::time::{Duration, Instant};

use smol::channel::{self, Receiver};

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    thread::sleep(Duration::from_secs(1));
}

// A channel of smol may have several receivers. Each name goes to one of them.
fn worker(names: Receiver<&str>) {
    while let Ok(string) = names.recv_blocking() {
        greeting_with_sleep(string);
    }
}

async fn main_threading() {
    let s = Instant::now();
    let (sender, names) = channel::unbounded();
    let mut threads = Vec::new();
    for _ in 0..2 {
        let names = names.clone();
        threads.push(smol::unblock(move || worker(names)));
    }

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        sender.send(greeting).await.expect("main holds a receiver");
    }
    // This closes the channel. Python sends a sentinel to each worker.
    drop(sender);
    for thread in threads {
        thread.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    smol::block_on(main_threading());
}
