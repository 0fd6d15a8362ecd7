//! Python `threading` Module, with std alone.
//!
//! `cargo run -p examples-threading -- creating-a-thread --runtime std-only`

use std::thread;

fn some_function(some_arg: &str) {
    println!("some_function was called with {some_arg}");
}

pub fn main() {
    // The thread runs from here on. There is no second step: start() is part of spawn.
    let new_thread = thread::spawn(|| some_function("some_arg"));
    // CPython joins at exit what nobody joined. A Rust program ends with main, and its threads end
    // with it, wherever they are: so somebody has to wait.
    new_thread.join().expect("some_function does not panic");
}
