//! Python `threading` Module, with std alone.
//!
//! `cargo run -p examples-threading -- creating-a-thread --runtime std-only`

use std::thread;

fn some_function(some_arg: &str) {
    println!("some_function was called with {some_arg}");
}

pub fn main() {
    // This also starts the thread: Rust has no separate start().
    let new_thread = thread::spawn(|| some_function("some_arg"));
    // CPython joins this thread at exit. A Rust program ends when main returns, and its threads end
    // with it. So main has to wait.
    new_thread.join().expect("some_function panicked");
}
