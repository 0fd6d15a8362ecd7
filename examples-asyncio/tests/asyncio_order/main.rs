//! Random programs run on this package's event loop and on CPython's asyncio, both with a virtual
//! clock, and must do the same in the same order: create, await and cancel tasks, gather, sleep,
//! raise, and use asyncio's events, queues and semaphores. They do not use `wait_for`, because
//! asyncio changed its order in 3.12, nor `to_thread`, because threads have no order.
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

use Feature::{Call, Cancel, Completed, Compute, Events, Gather};
use Feature::{Queues, Raise, Semaphores, Tasks, Unfinished};
use fastrand::Rng;
use futures::{FutureExt, poll};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Serialize;

mod virtual_time;

use virtual_time::Deadlock;

/// The event loop's own files, with another clock.
#[allow(dead_code)] // not all of it is used here
#[path = "../../src/event_loop"]
mod event_loop {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicBool;

    use crate::virtual_time::{Condvar, Instant};

    mod as_completed;
    mod ensure_future;
    mod event;
    mod foreign;
    mod gather;
    mod queue;
    mod ready;
    mod run;
    mod semaphore;
    mod sleep;
    mod task;
    mod timer;
    mod waiters;

    pub use as_completed::as_completed;
    pub use event::Event;
    pub use gather::gather;
    pub use queue::Queue;
    pub use run::EventLoop;
    pub use semaphore::Semaphore;
    pub use sleep::sleep;
    pub use task::{Task, create_task};
}

use event_loop::{Event, EventLoop, Queue, Semaphore, Task};
use event_loop::{as_completed, create_task, gather, sleep};

/// A random program: what `run_until_complete` is called with, again and again on the same loop.
type Program = Vec<Main>;

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Main {
    Coroutine(&'static Coroutine),
    /// A task that an earlier main coroutine has created, unless it raised before.
    Task(u32),
}

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

/// What a coroutine does. A task has the name of its coroutine. Times are in nanoseconds. A `usize`
/// says which of the program's events, queues or semaphores.
#[derive(Debug, Serialize)]
enum Op {
    Sleep(u64),
    /// Blocks the loop for this time.
    Compute(u64),
    /// Awaits the coroutine itself, without a task.
    Call(&'static Coroutine),
    Create(&'static Coroutine),
    Await(u32),
    Cancel(u32),
    Gather(Vec<&'static Coroutine>),
    GatherTasks(Vec<u32>),
    AsCompleted(Vec<&'static Coroutine>),
    Raise(()),
    Set(usize),
    Clear(usize),
    Wait(usize),
    Put(usize),
    Get(usize),
    /// Calls the coroutine while it has a permit of the semaphore.
    With(usize, &'static Coroutine),
}

/// The coroutine, what it did, and when. It began the step of a number, it `got` the output of a
/// task or an item of a queue (which is the name of a coroutine), it came to its `end`, or it
/// `caught` an exception. As a main coroutine, it `raised` one, or it waits for ever: a `deadlock`.
type Entry = (u32, String, u64);

/// What programs may do beyond creating and awaiting tasks, and sleeping.
#[derive(Clone, Copy, PartialEq)]
enum Feature {
    Raise,
    Gather,
    /// Tasks may be unfinished when a main coroutine ends.
    Unfinished,
    Compute,
    Cancel,
    Call,
    Completed,
    Events,
    Queues,
    Semaphores,
    /// Tasks that exist already are gathered.
    Tasks,
}

/// The classes of programs, and their features.
const CLASSES: &[(&str, &[Feature])] = &[
    ("tasks", &[Raise]),
    ("calls", &[Raise, Call]),
    ("gather", &[Raise, Gather]),
    ("gather_tasks", &[Raise, Gather, Tasks]),
    ("as_completed", &[Raise, Completed]),
    ("unfinished_tasks", &[Raise, Unfinished]),
    ("a_busy_loop", &[Compute]),
    ("cancel", &[Cancel, Unfinished]),
    ("events", &[Events, Cancel, Unfinished]),
    ("queues", &[Queues, Raise]),
    ("semaphores", &[Semaphores, Raise, Gather]),
    ("same_in_all_versions", ALL.split_at(2).1),
    ("all", ALL),
];

/// The first two have this loop's order in some versions of CPython only.
const ALL: &[Feature] = &[
    Semaphores, Tasks, Raise, Gather, Unfinished, Compute, Cancel, Call, Completed, Events, Queues,
];

struct Generator {
    rng: Rng,
    class: &'static [Feature],
    last_name: u32,
    /// The tasks that the last coroutine creates, and neither awaits nor cancels.
    left: Vec<u32>,
}

impl Generator {
    fn may(&self, feature: Feature) -> bool {
        self.class.contains(&feature)
    }

    fn program(&mut self) -> Program {
        self.last_name = 0;
        let mut program = vec![Main::Coroutine(self.coroutine(3, true))];
        while self.may(Unfinished) && self.rng.bool() {
            program.push(match self.left.pop() {
                Some(task) => Main::Task(task),
                None => Main::Coroutine(self.coroutine(3, true)),
            });
        }
        program
    }

    /// A coroutine whose tasks create tasks, `depth` levels deep. If `wait_for` is false, it may be
    /// cancelled, so it awaits no task, queue or semaphore. (asyncio would cancel the awaited task,
    /// too. A queue or semaphore would lose the waiter at once, and not in the next iteration. So
    /// would an event, but nobody can see that.)
    fn coroutine(&mut self, depth: u32, wait_for: bool) -> &'static Coroutine {
        self.last_name += 1;
        let name = self.last_name;
        let mut ops = Vec::new();
        // The names of tasks that are not awaited yet, and whether they may be cancelled.
        let mut handles: Vec<(u32, bool)> = Vec::new();
        let count = self.rng.usize(depth as usize..=6);
        while ops.len() < count {
            let number = self.rng.usize(0..2);
            ops.push(match self.rng.u32(0..45) {
                0..=3 => Op::Sleep(self.delay()),
                4..=5 => Op::Sleep(0),
                6..=10 if depth > 0 => {
                    let waits = !self.may(Cancel) || self.rng.bool();
                    let task = self.coroutine(depth - 1, waits);
                    handles.push((task.name, !waits));
                    Op::Create(task)
                }
                11 if wait_for && !handles.is_empty() => {
                    Op::Await(handles.swap_remove(self.rng.usize(0..handles.len())).0)
                }
                12 if self.may(Raise) => Op::Raise(()),
                13..=15 if self.may(Compute) => Op::Compute(self.delay()),
                16 if self.may(Cancel) => {
                    let may_be_cancelled = |handle: &(u32, bool)| handle.1;
                    let Some(index) = handles.iter().position(may_be_cancelled) else { continue };
                    Op::Cancel(handles.remove(index).0)
                }
                17..=18 if self.may(Call) && depth > 0 => {
                    Op::Call(self.coroutine(depth - 1, wait_for))
                }
                19 if self.may(Gather) && wait_for && depth > 0 => {
                    Op::Gather(self.coroutines(depth))
                }
                20..=21 if self.may(Tasks) && wait_for && !handles.is_empty() => {
                    let from = self.rng.usize(0..handles.len());
                    Op::GatherTasks(handles.drain(from..).map(|(name, _)| name).collect())
                }
                22 if self.may(Completed) && wait_for && depth > 0 => {
                    Op::AsCompleted(self.coroutines(depth))
                }
                23..=26 if self.may(Events) => Op::Set(number),
                27 if self.may(Events) => Op::Clear(number),
                28..=29 if self.may(Events) => Op::Wait(number),
                30..=34 if self.may(Queues) => Op::Put(number),
                35..=36 if self.may(Queues) && wait_for => Op::Get(number),
                37.. if self.may(Semaphores) && wait_for && depth > 0 => {
                    Op::With(number, self.coroutine(depth - 1, true))
                }
                _ => continue,
            });
        }
        self.rng.shuffle(&mut handles);
        self.left = handles.into_iter().map(|(name, _)| name).collect();
        if wait_for && !(self.may(Unfinished) && self.rng.bool()) {
            ops.extend(self.left.drain(..).map(Op::Await));
        }
        let steps = ops.into_iter().map(|op| Step { op, catches: self.rng.bool() }).collect();
        Box::leak(Box::new(Coroutine { name, steps }))
    }

    /// The coroutines that one of this depth gathers.
    fn coroutines(&mut self, depth: u32) -> Vec<&'static Coroutine> {
        (0..self.rng.u32(0..=4)).map(|_| self.coroutine(depth - 1, true)).collect()
    }

    /// From 0 ns to 1 s, of all orders of magnitude. Many are equal, so that deadlines are, too.
    fn delay(&mut self) -> u64 {
        let power_of_ten = 10_u64.pow(self.rng.u32(0..10));
        if self.rng.bool() { power_of_ten } else { self.rng.u64(0..power_of_ten) }
    }
}

/// The panic that takes the place of an exception. It prints nothing, and all are equal: of two in
/// one iteration, `gather` resumes the first in the order of the tasks, asyncio the first in time.
struct Raised;

/// What the coroutines of a program share.
struct Shared {
    log: RefCell<Vec<Entry>>,
    tasks: RefCell<HashMap<u32, Task<u32>>>,
    events: [Event; 2],
    queues: [Queue<u32>; 2],
    semaphores: [Semaphore; 2],
}

impl Shared {
    fn add(&self, name: u32, what: impl ToString) {
        let time = virtual_time::now().as_nanos() as u64;
        self.log.borrow_mut().push((name, what.to_string(), time));
    }

    fn take(&self, task: &u32) -> Option<Task<u32>> {
        self.tasks.borrow_mut().remove(task)
    }
}

/// Adds the entry when it is dropped, as `finally` would in Python.
struct AtEnd(Rc<Shared>, u32);

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.0.add(self.1, "end");
    }
}

/// Returns the name of the coroutine.
fn interpret(
    coroutine: &'static Coroutine,
    shared: Rc<Shared>,
) -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(async move {
        let name = coroutine.name;
        let _at_end = AtEnd(shared.clone(), name);
        let interpret = |coroutine| interpret(coroutine, shared.clone());
        let take = |task: &u32| shared.take(task).unwrap();
        let got = |what| shared.add(name, format!("got {what}"));
        for (number, step) in coroutine.steps.iter().enumerate() {
            shared.add(name, number);
            let running = AssertUnwindSafe(async {
                match &step.op {
                    Op::Sleep(delay) => sleep(Duration::from_nanos(*delay)).await,
                    Op::Compute(time) => virtual_time::advance(Duration::from_nanos(*time)),
                    Op::Call(callee) => got(interpret(callee).await),
                    Op::Create(new) => {
                        let task = create_task(interpret(new));
                        shared.tasks.borrow_mut().insert(new.name, task);
                    }
                    Op::Await(task) => got(take(task).await),
                    Op::Cancel(task) => got(u32::from(take(task).cancel())),
                    Op::Gather(all) => {
                        gather(all.iter().copied().map(interpret)).await.into_iter().for_each(got)
                    }
                    Op::GatherTasks(all) => {
                        gather(all.iter().map(take)).await.into_iter().for_each(got)
                    }
                    Op::AsCompleted(all) => {
                        let mut tasks = as_completed(all.iter().copied().map(interpret));
                        while let Some(name) = tasks.next().await {
                            got(name);
                        }
                    }
                    Op::Raise(()) => resume_unwind(Box::new(Raised)),
                    Op::Set(number) => shared.events[*number].set(),
                    Op::Clear(number) => shared.events[*number].clear(),
                    Op::Wait(number) => shared.events[*number].wait().await,
                    Op::Put(number) => shared.queues[*number].put_nowait(name),
                    Op::Get(number) => got(shared.queues[*number].get().await),
                    Op::With(number, callee) => {
                        let _permit = shared.semaphores[*number].acquire().await;
                        got(interpret(callee).await);
                    }
                }
            });
            match running.catch_unwind().await {
                Ok(()) => {}
                Err(_) if step.catches => shared.add(name, "caught"),
                Err(panic) => resume_unwind(panic),
            }
        }
        name
    })
}

/// Runs one main coroutine after another on the same loop.
fn run_on_event_loop(program: &Program) -> Vec<Entry> {
    virtual_time::reset();
    let shared = Rc::new(Shared {
        log: RefCell::default(),
        tasks: RefCell::default(),
        events: Default::default(),
        queues: [Queue::new(), Queue::new()],
        semaphores: [1, 2].map(Semaphore::new),
    });
    let event_loop = EventLoop::default();
    for main in program {
        let run = || match main {
            Main::Coroutine(main) => event_loop.run_until_complete(interpret(main, shared.clone())),
            Main::Task(name) => {
                shared.take(name).map_or(0, |task| event_loop.run_until_complete(task))
            }
        };
        let Err(panic) = catch_unwind(AssertUnwindSafe(run)) else { continue };
        let (Main::Coroutine(Coroutine { name, .. }) | Main::Task(name)) = main;
        if panic.is::<Deadlock>() {
            shared.add(*name, "deadlock");
            break;
        }
        shared.add(*name, "raised");
    }
    // The loop drops unfinished tasks after this.
    shared.log.take()
}

/// Runs the programs on CPython.
fn run_on_asyncio(programs: &[Program]) -> Result<Vec<Vec<Entry>>, Failed> {
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
    let mut generator = Generator { rng: Rng::with_seed(seed), class, last_name: 0, left: vec![] };
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

/// In a process that has run for 292 years. A `u64` has the nanoseconds of 584.
fn the_longest_sleep_does_not_overflow() -> Result<(), Failed> {
    virtual_time::advance(Duration::from_nanos(1 << 63));
    EventLoop::default().run_until_complete(async {
        assert!(poll!(sleep(Duration::MAX)).is_pending());
    });
    Ok(())
}

/// The number that an environment variable has.
fn variable(name: &str, default: u64) -> u64 {
    let Ok(value) = env::var(name) else { return default };
    value.parse().unwrap_or_else(|_| panic!("{name}: expected a number, found {value:?}"))
}

fn main() -> ExitCode {
    let (count, seed) = (variable("PROGRAMS", 100), variable("SEED", 1));
    eprintln!("{count} programs of each class, seed {seed}");
    let print_version = "import sys; print('%d.%02d.%02d' % sys.version_info[:3])";
    let version = Command::new("python3").args(["-c", print_version]).output();
    let version = version.map(|output| output.stdout).unwrap_or_default();
    let longest_sleep = "the_longest_sleep_does_not_overflow";
    let longest_sleep = Trial::test(longest_sleep, the_longest_sleep_does_not_overflow);
    let trials = CLASSES.iter().map(|&(name, class)| {
        let trial = Trial::test(name, move || compare(class, count, seed));
        let reason = match &*version {
            b"" => "python3 not found",
            old if old < b"3.10.13" && class.contains(&Semaphores) => {
                "semaphores had another order in older versions"
            }
            new if new >= b"3.12" && class.contains(&Tasks) => {
                "gather of done tasks changed in 3.12"
            }
            _ => "",
        };
        trial.with_kind(reason).with_ignored_flag(!reason.is_empty())
    });
    let trials = trials.chain([longest_sleep]).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
