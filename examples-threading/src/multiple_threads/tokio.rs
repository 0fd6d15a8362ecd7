//! Using Multiple Threads in Python, with tokio.
//!
//! `cargo run -p examples-threading -- multiple-threads --runtime tokio`

use tokio::task;

fn some_function(some_arg: &str) {
    // println! locks stdout and writes the whole line, so other threads cannot tear it.
    println!("some_function was called with {some_arg}");
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let mut threads = Vec::new();
    let args = ["arg1", "arg2", "arg3"];

    for arg in args {
        // `move` gives the thread its own copy of `arg`, as `args=(...)` does in Python. The
        // thread may outlive this function, so it cannot borrow from it.
        let thread = task::spawn_blocking(move || some_function(arg));
        threads.push(thread);
    }

    // CPython joins these threads at exit. A tokio runtime waits only for those that have started.
    for thread in threads {
        thread.await.expect("some_function panicked");
    }
}
