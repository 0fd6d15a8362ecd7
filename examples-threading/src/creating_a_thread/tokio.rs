//! Python `threading` Module, with tokio.
//!
//! `cargo run -p examples-threading -- creating-a-thread --runtime tokio`

use tokio::task;

fn some_function(some_arg: &str) {
    println!("some_function was called with {some_arg}");
}

// tokio::spawn spawns a task; tasks share threads. spawn_blocking runs a function on a thread of
// the blocking pool. The pool has up to 512 threads, and further functions wait in a queue. For an
// ordinary thread, tokio's documentation recommends std::thread::spawn.
#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    // This also starts the function: Rust has no separate start().
    let new_thread = task::spawn_blocking(|| some_function("some_arg"));
    // CPython joins this thread at exit. A tokio runtime that is dropped waits only for functions
    // that have started, so main has to wait.
    new_thread.await.expect("some_function panicked");
}
