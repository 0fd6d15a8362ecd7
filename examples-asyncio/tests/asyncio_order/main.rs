//! Random programs run on this package's event loop and on CPython's asyncio, both with a virtual
//! clock, and must do the same in the same order: create, await and cancel tasks, gather, sleep,
//! raise.
//!
//! `PROGRAMS=3000 SEED=7 cargo test -p examples-asyncio --test asyncio_order` runs 3,000 programs
//! of each class, with another seed than the default.

use std::cell::RefCell;
use std::collections::HashMap;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::process::{Command, ExitCode, Stdio};
use std::rc::Rc;
use std::time::Duration;

use Feature::{Cancel, Compute, Gather, LeaveUnfinished, Raise};
use fastrand::Rng;
use futures::FutureExt;
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Serialize;

mod virtual_time;

/// The event loop's own files, with another clock.
#[allow(dead_code)] // not all of it is used here
#[path = "../../src/event_loop"]
mod event_loop {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicBool;

    use crate::virtual_time::{Condvar, Instant};

    mod ensure_future;
    mod foreign;
    mod gather;
    mod ready;
    mod run;
    mod sleep;
    mod task;
    mod timer;

    pub use gather::gather;
    pub use run::EventLoop;
    pub use sleep::sleep;
    pub use task::{Task, create_task};
}

use event_loop::{EventLoop, Task, create_task, gather, sleep};

/// A random program: main coroutines, which run in sequence on the same loop.
type Mains = Vec<&'static Coroutine>;

#[derive(Debug, Serialize)]
struct Coroutine {
    name: u32,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    op: Op,
    /// Whether the coroutine catches the exception of what it awaits.
    catches: bool,
}

/// What a coroutine does. A task has the name of its coroutine. Times are in nanoseconds.
#[derive(Debug, Serialize)]
enum Op {
    Sleep(u64),
    /// Blocks the loop for this time.
    Compute(u64),
    Create(&'static Coroutine),
    Await(u32),
    Cancel(u32),
    Gather(Vec<&'static Coroutine>),
    Raise(()),
}

/// The coroutine, what it did, and when. It began the step of a number, it came to its `end`, it
/// `caught` an exception, or it `raised` one as a main coroutine.
type Event = (u32, String, u64);

/// What programs may do beyond creating and awaiting tasks, and sleeping.
#[derive(Clone, Copy, PartialEq)]
enum Feature {
    Raise,
    Gather,
    /// Tasks may be unfinished when a main coroutine ends.
    LeaveUnfinished,
    Compute,
    Cancel,
}

/// The classes of programs, and their features.
const CLASSES: [(&str, &[Feature]); 6] = [
    ("tasks", &[Raise]),
    ("gather", &[Raise, Gather]),
    ("unfinished_tasks", &[Raise, LeaveUnfinished]),
    ("a_busy_loop", &[Compute]),
    ("cancel", &[Cancel, LeaveUnfinished]),
    ("all", &[Raise, Gather, LeaveUnfinished, Compute, Cancel]),
];

struct Generator {
    rng: Rng,
    class: &'static [Feature],
    last_name: u32,
}

impl Generator {
    fn may(&self, feature: Feature) -> bool {
        self.class.contains(&feature)
    }

    fn program(&mut self) -> Mains {
        self.last_name = 0;
        let mains = if self.may(LeaveUnfinished) { self.rng.u32(1..=2) } else { 1 };
        (0..mains).map(|_| self.coroutine(3, true)).collect()
    }

    /// A coroutine whose tasks create tasks, `depth` levels deep. If `wait_for` is false, it awaits
    /// no task, so that it may be cancelled. (asyncio would cancel the awaited task, too.)
    fn coroutine(&mut self, depth: u32, wait_for: bool) -> &'static Coroutine {
        self.last_name += 1;
        let name = self.last_name;
        let mut ops = Vec::new();
        // The names of tasks that are not awaited yet, and whether they may be cancelled.
        let mut handles: Vec<(u32, bool)> = Vec::new();
        for _ in 0..self.rng.u32(0..=4) {
            ops.push(match self.rng.u32(0..12) {
                0..=2 => Op::Sleep(self.delay()),
                3..=4 if self.may(Compute) => Op::Compute(self.delay()),
                5 if self.may(Raise) => Op::Raise(()),
                6 if self.may(Gather) && wait_for && depth > 0 => {
                    let count = self.rng.u32(0..=4);
                    Op::Gather((0..count).map(|_| self.coroutine(depth - 1, true)).collect())
                }
                7 if !handles.is_empty() && wait_for => {
                    Op::Await(handles.swap_remove(self.rng.usize(0..handles.len())).0)
                }
                8 if self.may(Cancel) => {
                    let may_be_cancelled = |handle: &(u32, bool)| handle.1;
                    let Some(index) = handles.iter().position(may_be_cancelled) else { continue };
                    Op::Cancel(handles.remove(index).0)
                }
                9.. if depth > 0 => {
                    let waits = !self.may(Cancel) || self.rng.bool();
                    let task = self.coroutine(depth - 1, waits);
                    handles.push((task.name, !waits));
                    Op::Create(task)
                }
                _ => Op::Sleep(0),
            });
        }
        if wait_for && !self.may(LeaveUnfinished) {
            self.rng.shuffle(&mut handles);
            ops.extend(handles.into_iter().map(|(name, _)| Op::Await(name)));
        }
        let steps = ops.into_iter().map(|op| Step { op, catches: self.rng.bool() }).collect();
        Box::leak(Box::new(Coroutine { name, steps }))
    }

    /// From 0 ns to 1 s, of all orders of magnitude. Many are equal, so that deadlines are, too.
    fn delay(&mut self) -> u64 {
        let power_of_ten = 10_u64.pow(self.rng.u32(0..10));
        if self.rng.bool() { power_of_ten } else { self.rng.u64(0..power_of_ten) }
    }
}

/// The panic that takes the place of an exception. It prints nothing.
struct Raised;

type Events = Rc<RefCell<Vec<Event>>>;

fn add(events: &Events, name: u32, what: impl ToString) {
    let time = virtual_time::now().as_nanos() as u64;
    events.borrow_mut().push((name, what.to_string(), time));
}

/// Adds the event when it is dropped, as `finally` would in Python.
struct AtEnd(Events, u32);

impl Drop for AtEnd {
    fn drop(&mut self) {
        add(&self.0, self.1, "end");
    }
}

fn interpret(coroutine: &'static Coroutine, events: Events) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        let name = coroutine.name;
        let _at_end = AtEnd(events.clone(), name);
        let mut handles: HashMap<u32, Task<()>> = HashMap::new();
        for (number, step) in coroutine.steps.iter().enumerate() {
            add(&events, name, number);
            let interpret = |coroutine| interpret(coroutine, events.clone());
            let running = AssertUnwindSafe(async {
                match &step.op {
                    Op::Sleep(delay) => sleep(Duration::from_nanos(*delay)).await,
                    Op::Compute(time) => virtual_time::advance(Duration::from_nanos(*time)),
                    Op::Create(task) => {
                        handles.insert(task.name, create_task(interpret(task)));
                    }
                    Op::Await(name) => handles.remove(name).unwrap().await,
                    Op::Cancel(name) => handles.remove(name).unwrap().cancel(),
                    Op::Gather(all) => drop(gather(all.iter().copied().map(interpret)).await),
                    Op::Raise(()) => resume_unwind(Box::new(Raised)),
                }
            });
            match running.catch_unwind().await {
                Ok(()) => {}
                Err(_) if step.catches => add(&events, name, "caught"),
                Err(panic) => resume_unwind(panic),
            }
        }
    })
}

/// Runs one main coroutine after another on the same loop.
fn run_on_event_loop(program: &Mains) -> Vec<Event> {
    virtual_time::reset();
    let events = Events::default();
    let event_loop = EventLoop::new();
    for main in program {
        let run = || event_loop.run_until_complete(interpret(main, events.clone()));
        if catch_unwind(AssertUnwindSafe(run)).is_err() {
            add(&events, main.name, "raised");
        }
    }
    // The loop drops unfinished tasks after this.
    events.take()
}

/// Runs the programs on CPython.
fn run_on_asyncio(programs: &[Mains]) -> Result<Vec<Vec<Event>>, Failed> {
    // This folder, also if the test was compiled in another one.
    let script = env::var("CARGO_MANIFEST_DIR")? + "/tests/asyncio_order/on_asyncio.py";
    let mut python = Command::new("python3");
    let mut python = python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let stdin = python.stdin.take().ok_or("python3 has no stdin")?;
    serde_json::to_writer(stdin, programs)?;
    let output = python.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("python3 failed: {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn compare(class: &'static [Feature], count: u64, seed: u64) -> Result<(), Failed> {
    let mut generator = Generator { rng: Rng::with_seed(seed), class, last_name: 0 };
    let programs: Vec<_> = (0..count).map(|_| generator.program()).collect();
    let on_asyncio = run_on_asyncio(&programs)?;
    let pairs = programs.iter().map(run_on_event_loop).zip(on_asyncio).zip(&programs);
    let different: Vec<_> = pairs.filter(|((ours, asyncios), _)| ours != asyncios).collect();
    let shortest = different.iter().min_by_key(|((ours, _), _)| ours.len());
    let Some(((ours, asyncios), program)) = shortest else { return Ok(()) };
    let same = ours.iter().zip(asyncios).take_while(|(one, other)| one == other).count();
    Err(format!(
        "{} of {count} programs differ (seed {seed}). The shortest of them:\n{program:#?}\n\
         Both: {:?}\nThen here: {:?}\nThen on asyncio: {:?}",
        different.len(),
        &ours[..same],
        &ours[same..],
        &asyncios[same..]
    )
    .into())
}

/// The number that an environment variable has.
fn variable(name: &str, default: u64) -> u64 {
    let Ok(value) = env::var(name) else { return default };
    value.parse().unwrap_or_else(|_| panic!("{name}: expected a number, found {value:?}"))
}

fn main() -> ExitCode {
    let (count, seed) = (variable("PROGRAMS", 300), variable("SEED", 1));
    eprintln!("{count} programs of each class, seed {seed}");
    let version = Command::new("python3").arg("--version").output();
    let has_python = version.is_ok_and(|output| output.status.success());
    let trials = CLASSES.map(|(name, class)| {
        let trial = Trial::test(name, move || compare(class, count, seed));
        let reason = if has_python { "" } else { "python3 not found" };
        trial.with_kind(reason).with_ignored_flag(!has_python)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}
