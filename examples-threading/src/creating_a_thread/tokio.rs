//! Python `threading` Module, with tokio.
//!
//! `cargo run -p examples-threading -- creating-a-thread --runtime tokio`

use tokio::task;

fn some_function(some_arg: &str) {
    println!("some_function was called with {some_arg}");
}

// tokio::spawn makes tasks, which share threads. spawn_blocking gives a function a thread of its own,
// out of a pool that grows as needed.
#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    // The thread runs from here on. There is no second step: start() is part of spawn_blocking.
    let new_thread = task::spawn_blocking(|| some_function("some_arg"));
    // CPython joins at exit what nobody joined. So does a tokio runtime when it is dropped, but only
    // for threads that are running by then: so somebody has to wait.
    new_thread.await.expect("some_function does not panic");
}
