//! Python `threading` Module, with async-std.
//!
//! `cargo run -p examples-threading -- creating-a-thread --runtime async-std`

use async_std::task;

fn some_function(some_arg: &str) {
    println!("some_function was called with {some_arg}");
}

// task::spawn makes tasks, which share threads. spawn_blocking gives a function a thread of its own,
// out of a pool that grows as needed.
#[async_std::main]
pub async fn main() {
    // The thread runs from here on. There is no second step: start() is part of spawn_blocking.
    let new_thread = task::spawn_blocking(|| some_function("some_arg"));
    // CPython joins at exit what nobody joined. A Rust program ends with main, and its threads end
    // with it, wherever they are: so somebody has to wait.
    new_thread.await;
}
