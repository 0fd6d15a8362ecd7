//! Using Multiple Threads in Python, with async-std.
//!
//! `cargo run -p examples-threading -- multiple-threads --runtime async-std`

use async_std::task;

fn some_function(some_arg: &str) {
    // println! locks stdout while it writes a line, so the lines of several threads do not mix.
    println!("some_function was called with {some_arg}");
}

#[async_std::main]
pub async fn main() {
    let mut threads = Vec::new();
    let args = ["arg1", "arg2", "arg3"];

    for arg in args {
        // `move` gives the closure its own `arg`. The thread may outlive this function, so the
        // closure cannot borrow from it.
        let thread = task::spawn_blocking(move || some_function(arg));
        threads.push(thread);
    }

    // CPython joins these threads at exit. A Rust program ends when main returns.
    for thread in threads {
        thread.await;
    }
}
