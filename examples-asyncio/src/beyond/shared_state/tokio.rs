//! Sharing State, beyond the document, with tokio.
//!
//! `cargo run -p examples-asyncio -- shared-state --runtime tokio`

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task;
use tokio::time::sleep;

#[derive(Default)]
struct State {
    count: u32,
    greetings: BTreeMap<&'static str, String>, // It is sorted by the greeters' names.
}

// Tasks that run on one thread may share an Rc, and a RefCell lets each of them change what is in
// it. Tasks that run on several threads need an Arc and a Mutex.
async fn greeting_with_sleep_async(string: &'static str, state: Rc<RefCell<State>>) {
    println!("{string}");
    sleep(Duration::from_secs(2)).await;
    // Never hold this borrow at an await: while it lives, borrow_mut() panics in the other tasks.
    let mut state = state.borrow_mut();
    state.greetings.insert(string, format!("{string} says hello!"));
    state.count += 1;
}

async fn main_async() {
    let s = Instant::now();
    let state = Rc::new(RefCell::new(State::default()));
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
        .map(|string| greeting_with_sleep_async(string, state.clone()));
    let tasks = greetings.map(task::spawn_local);
    for task in tasks {
        task.await.expect("the greeter panicked");
    }

    let state = state.borrow();
    println!("{} greetings", state.count);
    for greeting in state.greetings.values() {
        println!("{greeting}");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

#[tokio::main(flavor = "local")]
pub async fn main() {
    main_async().await;
}
