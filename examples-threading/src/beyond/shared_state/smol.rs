//! Sharing State, beyond the document, with smol.
//!
//! `cargo run -p examples-threading -- shared-state --runtime smol`

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

// The lock owns the map, so no thread can use the map without the lock.
struct State {
    greetings: Mutex<BTreeMap<&'static str, String>>,
    count: AtomicU32,
}

fn greeting_with_sleep(string: &'static str, state: &State) {
    println!("{string}");
    // Holds no lock while it sleeps, or the others would wait.
    thread::sleep(Duration::from_secs(2));
    let greeting = format!("{string} says hello!");
    // lock() returns a guard. Dropping it, at the end of the statement, unlocks.
    state.greetings.lock().expect("a greeter panicked").insert(string, greeting);
    // A counter needs no lock: this reads, adds and writes in one step.
    state.count.fetch_add(1, Ordering::Relaxed);
}

async fn main_threading() {
    let s = Instant::now();
    // Each thread owns a reference to the state, because it may outlive this function. std's Mutex
    // is right in async code, too, if no task awaits while it holds the guard.
    let state =
        Arc::new(State { greetings: Mutex::new(BTreeMap::new()), count: AtomicU32::new(0) });
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        let state = state.clone();
        let t = smol::unblock(move || greeting_with_sleep(greeting, &state));
        threads.push(t);
    }

    for thread in threads {
        thread.await;
    }

    println!("{} greetings", state.count.load(Ordering::Relaxed));
    for greeting in state.greetings.lock().expect("a greeter panicked").values() {
        println!("{greeting}"); // A BTreeMap is sorted by its keys.
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    smol::block_on(main_threading());
}
