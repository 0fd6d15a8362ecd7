//! Using Multiple Threads in Python, with async-std.
//!
//! `cargo run -p examples-threading -- multiple-threads --runtime async-std`

use async_std::task;

fn some_function(some_arg: &str) {
    // println! locks stdout and writes the whole line, so other threads cannot tear it.
    println!("some_function was called with {some_arg}");
}

#[async_std::main]
pub async fn main() {
    let mut threads = Vec::new();
    let args = ["arg1", "arg2", "arg3"];

    for arg in args {
        // `move` gives the thread its own copy of `arg`, as `args=(...)` does in Python. The
        // thread may outlive this function, so it cannot borrow from it.
        let thread = task::spawn_blocking(move || some_function(arg));
        threads.push(thread);
    }

    // CPython joins these threads at exit. A Rust program ends when main returns.
    for thread in threads {
        thread.await;
    }
}
