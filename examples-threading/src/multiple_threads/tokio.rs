//! Using Multiple Threads in Python, with tokio.
//!
//! `cargo run -p examples-threading -- multiple-threads --runtime tokio`

use tokio::task;

fn some_function(some_arg: &str) {
    // println! holds a lock while it writes, newline and all: no other thread can tear the line.
    println!("some_function was called with {some_arg}");
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let mut threads = Vec::new();
    let args = ["arg1", "arg2", "arg3"];

    for arg in args {
        // `move` gives the thread its own copy of `arg`, as `args=(...)` does in Python. Without it
        // the thread would borrow a variable that may be gone before the thread is.
        let thread = task::spawn_blocking(move || some_function(arg));
        threads.push(thread);
    }

    // CPython joins at exit what nobody joined; a tokio runtime, only what is running by then.
    for thread in threads {
        thread.await.expect("some_function does not panic");
    }
}
