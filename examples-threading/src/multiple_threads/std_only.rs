//! Using Multiple Threads in Python, with std alone.
//!
//! `cargo run -p examples-threading -- multiple-threads --runtime std-only`

use std::thread;

fn some_function(some_arg: &str) {
    // println! locks stdout while it writes a line, so the lines of several threads do not mix.
    println!("some_function was called with {some_arg}");
}

pub fn main() {
    let args = ["arg1", "arg2", "arg3"];

    // CPython joins these threads at exit. A Rust program ends when main returns, but a scope joins
    // its threads at its end.
    thread::scope(|scope| {
        for arg in &args {
            // The thread may borrow `args`, because the scope ends before `args` does. A thread
            // from thread::spawn may outlive this function, so it must own what it uses.
            scope.spawn(move || some_function(arg));
        }
    });
}
