//! Python `threading` Module, with smol.
//!
//! `cargo run -p examples-threading -- creating-a-thread --runtime smol`

fn some_function(some_arg: &str) {
    println!("some_function was called with {some_arg}");
}

// smol::spawn makes tasks, which share a thread. unblock gives a function a thread of its own, out of
// a pool that grows as needed.
pub fn main() {
    // The thread runs from here on. There is no second step: start() is part of unblock.
    let new_thread = smol::unblock(|| some_function("some_arg"));
    // CPython joins at exit what nobody joined. A Rust program ends with main, and its threads end
    // with it, wherever they are: so somebody has to wait.
    smol::block_on(new_thread);
}
