//! Using Multiple Threads in Python, with std alone.
//!
//! `cargo run -p examples-threading -- multiple-threads --runtime std-only`

use std::thread;

fn some_function(some_arg: &str) {
    // println! locks stdout while it writes a line, so the lines of several threads do not mix.
    println!("some_function was called with {some_arg}");
}

pub fn main() {
    let mut threads = Vec::new();
    let args = ["arg1", "arg2", "arg3"];

    for arg in args {
        // `move` gives the closure its own `arg`. The thread may outlive this function, so the
        // closure cannot borrow from it.
        let thread = thread::spawn(move || some_function(arg));
        threads.push(thread);
    }

    // CPython joins these threads at exit. A Rust program ends when main returns.
    for thread in threads {
        thread.join().expect("some_function panicked");
    }
}
