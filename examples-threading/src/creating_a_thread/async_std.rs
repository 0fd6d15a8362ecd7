//! Python `threading` Module, with async-std.
//!
//! `cargo run -p examples-threading -- creating-a-thread --runtime async-std`

use async_std::task;

fn some_function(some_arg: &str) {
    println!("some_function was called with {some_arg}");
}

// task::spawn spawns a task; tasks share threads. spawn_blocking runs a function on a thread of the
// blocking pool. The pool has up to 500 threads, and further functions wait in a queue. For an
// ordinary thread use std::thread::spawn.
#[async_std::main]
pub async fn main() {
    // This also starts the function: Rust has no separate start().
    let new_thread = task::spawn_blocking(|| some_function("some_arg"));
    // CPython joins this thread at exit. A Rust program ends when main returns, and its threads end
    // with it. So main has to wait.
    new_thread.await;
}
