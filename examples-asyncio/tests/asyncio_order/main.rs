//! Random programs run on this package's event loop and on CPython's asyncio, both with a virtual
//! clock, and must do the same in the same order: create, await and cancel tasks, gather, sleep,
//! raise.
//!
//! `PROGRAMS=3000 SEED=7 cargo test -p examples-asyncio --test asyncio_order` runs 3,000 programs
//! of each class, with another seed than the default.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::process::{Command, ExitCode, Stdio};
use std::rc::Rc;
use std::time::Duration;
use std::{env, iter};

use fastrand::Rng;
use futures::FutureExt;
use libtest_mimic::{Arguments, Failed, Trial};
use serde::{Deserialize, Serialize};

mod virtual_time;

/// The event loop's own files, with another clock.
#[allow(dead_code)] // not all of it is used here
#[path = "../../src/event_loop"]
mod event_loop {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicBool;

    use crate::virtual_time::{Condvar, Instant};

    mod ready;
    mod run;
    mod task;
    mod timer;

    pub use run::EventLoop;
    pub use task::{Task, create_task, gather};
    pub use timer::sleep;
}

use event_loop::{EventLoop, Task, create_task, gather, sleep};

/// A random program: main coroutines, which run in sequence on the same loop.
type Mains = Vec<&'static Coroutine>;

#[derive(Debug, Serialize)]
struct Coroutine {
    name: u32,
    ops: Vec<Op>,
}

/// A step of a coroutine. A task has the name of its coroutine. Times are in nanoseconds.
#[derive(Debug, Serialize)]
enum Op {
    Sleep(u64),
    /// Blocks the loop for this time.
    Compute(u64),
    Create(&'static Coroutine),
    Await(u32),
    /// Catches the exception of the task.
    TryAwait(u32),
    Cancel(u32),
    Gather(Vec<&'static Coroutine>),
    TryGather(Vec<&'static Coroutine>),
    Raise(()),
}

/// The coroutine, what it did, and when.
type Event = (u32, What, u64);

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum What {
    /// It began its step of this number.
    Step(usize),
    /// It came to its `end`, it `caught` an exception, or it `raised` one as a main coroutine.
    Other(String),
}

/// What a class of programs is made of.
#[derive(Clone, Copy, Default)]
struct Class {
    raise: bool,
    gather: bool,
    /// Tasks may be unfinished when a main coroutine ends.
    leave_unfinished: bool,
    compute: bool,
    cancel: bool,
}

const CLASSES: [(&str, Class); 6] = {
    const NONE: Class = Class {
        raise: false,
        gather: false,
        leave_unfinished: false,
        compute: false,
        cancel: false,
    };
    [
        ("tasks", Class { raise: true, ..NONE }),
        ("gather", Class { raise: true, gather: true, ..NONE }),
        ("unfinished_tasks", Class { raise: true, leave_unfinished: true, ..NONE }),
        ("a_busy_loop", Class { compute: true, ..NONE }),
        ("cancel", Class { cancel: true, leave_unfinished: true, ..NONE }),
        (
            "all",
            Class {
                raise: true,
                gather: true,
                leave_unfinished: true,
                compute: true,
                cancel: true,
            },
        ),
    ]
};

struct Generator<'a> {
    rng: &'a mut Rng,
    class: Class,
    last_name: u32,
}

impl Generator<'_> {
    fn program(&mut self) -> Mains {
        let mains = if self.class.leave_unfinished { self.rng.u32(1..=2) } else { 1 };
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
            match self.rng.u32(0..12) {
                0..=2 => ops.push(Op::Sleep(self.delay())),
                3..=4 if self.class.compute => ops.push(Op::Compute(self.delay())),
                5 if self.class.raise && self.rng.u32(0..3) == 0 => ops.push(Op::Raise(())),
                6 if self.class.gather && wait_for && depth > 0 => {
                    let count = self.rng.u32(0..=4);
                    let all = (0..count).map(|_| self.coroutine(depth - 1, true)).collect();
                    ops.push(if self.rng.bool() { Op::Gather(all) } else { Op::TryGather(all) });
                }
                7 if !handles.is_empty() && wait_for => ops.push(self.wait(&mut handles)),
                8 if self.class.cancel => {
                    let may = handles.iter().position(|(_, may_be_cancelled)| *may_be_cancelled);
                    ops.extend(may.map(|index| Op::Cancel(handles.remove(index).0)));
                }
                9.. if depth > 0 => {
                    let waits = !self.class.cancel || self.rng.bool();
                    let task = self.coroutine(depth - 1, waits);
                    handles.push((task.name, !waits));
                    ops.push(Op::Create(task));
                }
                _ => ops.push(Op::Sleep(0)),
            }
        }
        while wait_for && !self.class.leave_unfinished && !handles.is_empty() {
            ops.push(self.wait(&mut handles));
        }
        Box::leak(Box::new(Coroutine { name, ops }))
    }

    fn wait(&mut self, handles: &mut Vec<(u32, bool)>) -> Op {
        let (name, _) = handles.swap_remove(self.rng.usize(0..handles.len()));
        if self.rng.bool() { Op::TryAwait(name) } else { Op::Await(name) }
    }

    /// From 0 ns to 1 s, of all orders of magnitude.
    fn delay(&mut self) -> u64 {
        match self.rng.u32(0..8) {
            0 => 0,
            magnitude => self.rng.u64(1..10_u64.pow(magnitude + 2)),
        }
    }
}

/// The panic that takes the place of an exception. It prints nothing.
struct Raised;

type Events = Rc<RefCell<Vec<Event>>>;

fn add(events: &Events, name: u32, what: What) {
    events.borrow_mut().push((name, what, virtual_time::now().as_nanos() as u64));
}

/// Adds the event when it is dropped, as `finally` would in Python.
struct AtEnd(Events, u32);

impl Drop for AtEnd {
    fn drop(&mut self) {
        add(&self.0, self.1, What::Other("end".to_owned()));
    }
}

fn interpret(coroutine: &'static Coroutine, events: Events) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        let name = coroutine.name;
        let _at_end = AtEnd(events.clone(), name);
        let mut handles: HashMap<u32, Task<()>> = HashMap::new();
        let all = |coroutines: &[&'static Coroutine]| {
            let coroutines = coroutines.iter();
            gather(coroutines.map(|one| interpret(one, events.clone())).collect::<Vec<_>>())
        };
        for (step, op) in coroutine.ops.iter().enumerate() {
            add(&events, name, What::Step(step));
            let mut take = |name| handles.remove(name).expect("it was created");
            let mut has_caught = false;
            match op {
                Op::Sleep(delay) => sleep(Duration::from_nanos(*delay)).await,
                Op::Compute(time) => virtual_time::advance(Duration::from_nanos(*time)),
                Op::Create(task) => {
                    handles.insert(task.name, create_task(interpret(task, events.clone())));
                }
                Op::Cancel(name) => take(name).cancel(),
                Op::Await(name) => take(name).await,
                Op::TryAwait(name) => {
                    has_caught = AssertUnwindSafe(take(name)).catch_unwind().await.is_err();
                }
                Op::Gather(coroutines) => drop(all(coroutines).await),
                Op::TryGather(coroutines) => {
                    has_caught = AssertUnwindSafe(all(coroutines)).catch_unwind().await.is_err();
                }
                Op::Raise(()) => resume_unwind(Box::new(Raised)),
            }
            if has_caught {
                add(&events, name, What::Other("caught".to_owned()));
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
            add(&events, main.name, What::Other("raised".to_owned()));
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

fn compare(class: Class, count: usize, seed: u64) -> Result<(), Failed> {
    let mut rng = Rng::with_seed(seed);
    let program = || Generator { rng: &mut rng, class, last_name: 0 }.program();
    let programs: Vec<_> = iter::repeat_with(program).take(count).collect();
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
        let trial = Trial::test(name, move || compare(class, count as usize, seed));
        let reason = if has_python { "" } else { "python3 not found" };
        trial.with_kind(reason).with_ignored_flag(!has_python)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}
