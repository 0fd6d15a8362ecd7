//! An event loop like asyncio's, in safe Rust with nothing but `std`: written to be read.
//!
//! It has asyncio's names and asyncio's rules. One thread runs everything. A task that is ready
//! joins the end of a queue and is polled when its turn comes. When no task is ready, the thread
//! sleeps until the next deadline, or until another thread wakes a task.
//!
//! ```
//! use examples_asyncio::event_loop::{create_task, gather, run, sleep};
//! use std::time::Duration;
//!
//! async fn double(n: u32) -> u32 {
//!     sleep(Duration::from_millis(5)).await;
//!     2 * n
//! }
//!
//! let (first, others) = run(async {
//!     let task = create_task(double(1));
//!     let others = gather([double(2), double(3)]).await;
//!     (task.await, others)
//! });
//! assert_eq!((first, others), (2, vec![4, 6]));
//! ```
//!
//! Reading order: [`EventLoop::run_until_complete`] is the loop; `Ready` and `Wakeup` say whose turn
//! is next; [`create_task`] and [`gather`] make tasks; [`sleep`] sets timers. Tasks come in groups, those of
//! one `gather` together and a created one alone, so that a million need not have a million of everything.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::iter;
use std::mem::replace;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::{self, Rc};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// Runs `future` on a new event loop, as `asyncio.run` does. Tasks that it leaves unfinished are
/// dropped with the loop.
///
/// # Panics
///
/// When `future` does, and when this thread is running an event loop already.
pub fn run<F: Future>(future: F) -> F::Output {
    EventLoop::new().run_until_complete(future)
}

/// Runs tasks, one at a time, on the thread that calls
/// [`run_until_complete`](Self::run_until_complete).
#[derive(Default)]
pub struct EventLoop(Rc<Core>);

impl EventLoop {
    /// Makes a loop that has nothing to do yet.
    pub fn new() -> EventLoop {
        EventLoop::default()
    }

    /// Makes a task that starts when the loop next runs; see [`create_task`].
    pub fn create_task<F: Future + 'static>(&self, future: F) -> Task<F::Output> {
        self.0.create_task(future)
    }

    /// Runs `future` and all tasks until `future` has its output. Tasks that are unfinished by then
    /// stand still until the loop runs again.
    ///
    /// # Panics
    ///
    /// When `future` does, and when this thread is running an event loop already.
    pub fn run_until_complete<F: Future>(&self, future: F) -> F::Output {
        let core = &self.0;
        let none = RUNNING.with_borrow(Option::is_none);
        assert!(none, "cannot run an event loop while another runs on the same thread");
        RUNNING.set(Some(core.clone()));
        let _reset = ResetRunning;
        let mut future = pin!(future);
        let main = core.new_wakeup(MAIN);
        main.wake_by_ref();
        loop {
            core.wake_sleepers();
            let mut output = None;
            // One round: a turn for each that is ready by now. Whom they wake waits for the next
            // round, so that a task that never rests can't keep the others or the timers waiting.
            for _ in 0..core.ready.wait(core.next_deadline()) {
                let Some(next) = core.ready.queue.lock().unwrap().pop_front() else { break };
                if next.id != MAIN {
                    core.give_turn(&next);
                } else if let Poll::Ready(value) = main.poll(future.as_mut()) {
                    output = Some(value);
                }
            }
            if let Some(value) = output {
                return value;
            }
        }
    }
}

/// What the loop shares with the futures on its thread. No borrow of it may last while their code
/// runs (a poll, a wake, a drop), because that code may come back here.
#[derive(Default)]
struct Core {
    ready: Arc<Ready>,
    groups: RefCell<BTreeMap<Id, Rc<dyn Group>>>, // by the ids of their first tasks
    last_id: Cell<Id>,
    timers: RefCell<BTreeMap<Tick, Vec<Option<Waker>>>>,
}

/// Numbers tasks, those of a group in a row. None is used twice, so a wake-up that comes too late
/// finds nobody.
type Id = u64;

/// Not a task, but the future that the loop was given to run.
const MAIN: Id = 0;

impl Core {
    fn new_wakeup(&self, id: Id) -> Arc<Wakeup> {
        let (queued, cancelled) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Wakeup { id, queued, cancelled, ready: Arc::downgrade(&self.ready) })
    }

    /// Makes a task of each future. Returns where their outputs will be, and the last one's wakeup.
    fn start<F: Future + 'static>(
        &self,
        futures: Vec<Option<Pin<Box<F>>>>,
    ) -> (Rc<Outputs<F::Output>>, Option<Arc<Wakeup>>) {
        let ids = self.last_id.get() + 1..=self.last_id.get() + futures.len() as Id;
        let outputs = Rc::new(Outputs::new(futures.len()));
        let group = Futures { futures: RefCell::new(futures), outputs: outputs.clone() };
        self.groups.borrow_mut().insert(*ids.start(), Rc::new(group));
        self.last_id.set(*ids.end());
        let mut last = None;
        for id in ids {
            let wakeup = self.new_wakeup(id);
            wakeup.wake_by_ref();
            last = Some(wakeup);
        }
        (outputs, last)
    }

    fn create_task<F: Future + 'static>(&self, future: F) -> Task<F::Output> {
        let (outputs, wakeup) = self.start(vec![Some(Box::pin(future))]);
        Task { outputs, wakeup: wakeup.expect("one future makes one task") }
    }

    /// Polls the task of a wakeup, or ends it if it is cancelled.
    fn give_turn(&self, wakeup: &Arc<Wakeup>) {
        let groups = self.groups.borrow();
        let Some((&first, group)) = groups.range(..=wakeup.id).next_back() else { return };
        let group = group.clone();
        drop(groups);
        if group.give_turn((wakeup.id - first) as usize, wakeup) == 0 {
            let over = self.groups.borrow_mut().remove(&first);
            drop_safely((group, over));
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        let timers = self.timers.borrow();
        let (tick, _) = timers.first_key_value()?;
        START.checked_add(Duration::from_micros(tick.saturating_mul(TICK)))
    }

    fn wake_sleepers(&self) {
        let now = tick_in(Duration::ZERO);
        let next = || {
            let mut timers = self.timers.borrow_mut();
            timers.first_entry().filter(|first| *first.key() <= now).map(|first| first.remove())
        };
        iter::from_fn(next).flatten().flatten().for_each(Waker::wake);
    }

    /// Returns the sleeper's place among those of the tick.
    fn add_timer(&self, tick: Tick, waker: Waker) -> u32 {
        let mut timers = self.timers.borrow_mut();
        let sleepers = timers.entry(tick).or_default();
        if sleepers.len() == sleepers.capacity() {
            // By itself a Vec makes room for twice as many, which a million sleepers would feel.
            sleepers.reserve_exact(4 + sleepers.len() / 8);
        }
        sleepers.push(Some(waker));
        sleepers.len() as u32 - 1
    }

    fn change_timer(&self, tick: Tick, place: u32, waker: Option<Waker>) {
        let mut timers = self.timers.borrow_mut();
        let Some(sleepers) = timers.get_mut(&tick) else { return };
        let previous = replace(&mut sleepers[place as usize], waker);
        while let Some(None) = sleepers.last() {
            sleepers.pop();
        }
        if sleepers.is_empty() {
            timers.remove(&tick);
        }
        drop(timers);
        drop(previous);
    }
}

thread_local! {
    /// What `asyncio.get_running_loop()` looks up.
    static RUNNING: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

fn running() -> Rc<Core> {
    RUNNING.with_borrow(Clone::clone).expect("no running event loop")
}

/// However a loop stops, its thread has no running loop after that.
struct ResetRunning;

impl Drop for ResetRunning {
    fn drop(&mut self) {
        RUNNING.set(None);
    }
}

/// The queue of those that are ready: all of the loop that other threads can reach. Nothing that is
/// done under its lock can panic, so the lock can't be poisoned.
#[derive(Default)]
struct Ready {
    queue: Mutex<VecDeque<Arc<Wakeup>>>,
    pushed: Condvar,
}

impl Ready {
    fn push(&self, wakeup: Arc<Wakeup>) {
        let mut queue = self.queue.lock().unwrap();
        queue.push_back(wakeup);
        if queue.len() == 1 {
            self.pushed.notify_one(); // the loop sleeps only while the queue is empty
        }
    }

    /// Sleeps until somebody is ready or the deadline has come, and returns how many are ready.
    fn wait(&self, deadline: Option<Instant>) -> usize {
        let mut queue = self.queue.lock().unwrap();
        if queue.is_empty() {
            queue = match deadline.map(|d| d.saturating_duration_since(Instant::now())) {
                Some(rest) => self.pushed.wait_timeout(queue, rest).unwrap().0,
                None => self.pushed.wait(queue).unwrap(),
            };
        }
        queue.len()
    }
}

/// What a task's wakers hold. It is not the task: wakers may go to other threads, tasks may not.
struct Wakeup {
    id: Id,
    queued: AtomicBool, // is it in the queue? a task that is woken twice gets one turn
    cancelled: AtomicBool,
    ready: Weak<Ready>, // because the queue holds this
}

impl Wakeup {
    fn poll<F: Future + ?Sized>(self: &Arc<Self>, future: Pin<&mut F>) -> Poll<F::Output> {
        // Before the poll, not after: a wake-up that comes during the poll has to lead to another. A swap,
        // which also lets this thread see all that those wrote who woke the task before.
        self.queued.swap(false, Ordering::AcqRel);
        future.poll(&mut Context::from_waker(&Waker::from(self.clone())))
    }
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        if self.queued.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(ready) = self.ready.upgrade() {
            ready.push(self);
        }
    }
}

/// Makes a task of `future` on the running loop. It starts when its turn comes, whether or not
/// anybody awaits it, and goes on when the [`Task`] is dropped. It never leaves this thread, so
/// `future` need not be [`Send`].
///
/// # Panics
///
/// When no event loop is running on this thread.
pub fn create_task<F: Future + 'static>(future: F) -> Task<F::Output> {
    running().create_task(future)
}

/// A task of an event loop. Awaiting it gives its output, or passes on its panic.
pub struct Task<T> {
    outputs: Rc<Outputs<T>>,
    wakeup: Arc<Wakeup>,
}

impl<T> Task<T> {
    /// Ends the task: when its turn comes, the loop drops its future instead of polling it. Nobody
    /// can await it any more, so there is no `CancelledError`.
    pub fn cancel(self) {
        self.wakeup.cancelled.store(true, Ordering::Relaxed);
        self.wakeup.wake();
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.outputs.poll(cx).map(|outputs| outputs.into_iter().next().expect("awaited once"))
    }
}

/// Makes a task of each future and waits for them all. Returns their outputs in the futures' order,
/// whichever ends first. Unlike `asyncio.gather` it starts nothing before it is polled itself, and leaves
/// the tasks to go on if it is dropped.
///
/// # Panics
///
/// As soon as one of the tasks does (the others go on, as in asyncio), and when no event loop is
/// running on this thread.
pub async fn gather<F: Future + 'static>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let futures = futures.into_iter().map(|future| Some(Box::pin(future))).collect();
    let (outputs, _) = running().start(futures);
    poll_fn(|cx| outputs.poll(cx)).await
}

/// Tasks that were made together: a million of them have a million futures and wakeups, and one of
/// everything else. To the loop, a group of any type is this.
trait Group {
    /// Polls a task's future, or drops it if the task is cancelled. Returns how many are left.
    fn give_turn(&self, index: usize, wakeup: &Arc<Wakeup>) -> usize;
}

struct Futures<F: Future> {
    futures: RefCell<Vec<Option<Pin<Box<F>>>>>, // but for those that are done or being polled
    outputs: Rc<Outputs<F::Output>>,
}

impl<F: Future> Group for Futures<F> {
    fn give_turn(&self, index: usize, wakeup: &Arc<Wakeup>) -> usize {
        let future = self.futures.borrow_mut().get_mut(index).and_then(Option::take);
        let Some(mut future) = future else { return self.outputs.left.get() };
        let output = if wakeup.cancelled.load(Ordering::Relaxed) {
            None
        } else {
            match catch_unwind(AssertUnwindSafe(|| wakeup.poll(future.as_mut()))) {
                Ok(Poll::Pending) => {
                    self.futures.borrow_mut()[index] = Some(future);
                    return self.outputs.left.get();
                }
                Ok(Poll::Ready(output)) => Some(Ok(output)),
                Err(panic) => Some(Err(panic)),
            }
        };
        drop_safely(future);
        self.outputs.settle(index, output)
    }
}

/// A destructor that panics ends nothing but its task.
fn drop_safely<T>(value: T) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}

/// What became of the tasks of a group, for whoever waits to hear it.
struct Outputs<T> {
    outputs: RefCell<Vec<Option<T>>>,
    left: Cell<usize>,
    panic: Cell<Option<Box<dyn Any + Send>>>,
    waiter: Cell<Option<Waker>>,
}

impl<T> Outputs<T> {
    fn new(count: usize) -> Outputs<T> {
        let outputs = RefCell::new(iter::repeat_with(|| None).take(count).collect());
        Outputs { outputs, left: Cell::new(count), panic: Cell::new(None), waiter: Cell::new(None) }
    }

    /// A task that was cancelled has no output. Returns how many tasks are left.
    fn settle(&self, index: usize, output: Option<thread::Result<T>>) -> usize {
        self.left.set(self.left.get() - 1);
        let has_failed = matches!(output, Some(Err(_)));
        match output {
            Some(Ok(output)) => self.outputs.borrow_mut()[index] = Some(output),
            // Only the first counts.
            Some(Err(panic)) => self.panic.set(self.panic.take().or(Some(panic))),
            None => {}
        }
        if has_failed || self.left.get() == 0 {
            self.waiter.take().into_iter().for_each(Waker::wake);
        }
        self.left.get()
    }

    fn poll(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<Vec<T>> {
        if let Some(panic) = self.panic.take() {
            resume_unwind(panic);
        } else if self.left.get() == 0 {
            return Poll::Ready(self.outputs.take().into_iter().flatten().collect());
        }
        // Beside this one, the group holds them until its last task is done.
        let are_lost = Rc::strong_count(self) == 1;
        assert!(!are_lost, "the task that is awaited ended with its event loop");
        self.waiter.set(Some(cx.waker().clone()));
        Poll::Pending
    }
}

/// Suspends the task for `delay`, counted from the first poll, or a little longer. A `delay` of zero
/// gives a turn to all others that are ready; one that the clock can't reach the end of never ends.
///
/// # Panics
///
/// When it is polled and no event loop is running on this thread, or another than at first.
pub fn sleep(delay: Duration) -> Sleep {
    Sleep(State::New(delay))
}

/// What [`sleep`] returns. When it is dropped, its timer goes with it.
pub struct Sleep(State);

enum State {
    New(Duration),
    Sleeping { core: rc::Weak<Core>, tick: Tick, place: u32 }, // weak, because the core holds tasks
}

/// Deadlines are counted in ticks. Those who sleep until the same one share an entry among the timers,
/// and wake in the order in which they went to sleep.
type Tick = u64;

/// How many microseconds a tick has.
const TICK: u64 = 16;

/// When the first tick began.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

fn tick_in(delay: Duration) -> Tick {
    let microseconds = START.elapsed().saturating_add(delay).as_micros();
    u64::try_from(microseconds).unwrap_or(u64::MAX) / TICK
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let core = running();
        match self.0 {
            State::New(delay) => {
                let (mut tick, mut place) = (0, 0);
                if delay.is_zero() {
                    cx.waker().wake_by_ref();
                } else {
                    // The one after that in which the delay ends, so as not to be early.
                    tick = tick_in(delay) + 1;
                    place = core.add_timer(tick, cx.waker().clone());
                }
                self.0 = State::Sleeping { core: Rc::downgrade(&core), tick, place };
            }
            State::Sleeping { tick, .. } if tick <= tick_in(Duration::ZERO) => {
                return Poll::Ready(());
            }
            State::Sleeping { core: ref set_in, tick, place } => {
                let same = set_in.ptr_eq(&Rc::downgrade(&core));
                assert!(same, "a sleep cannot go on in another event loop");
                // On each poll anew: whoever polls now is the one to wake.
                core.change_timer(tick, place, Some(cx.waker().clone()));
            }
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let State::Sleeping { core, tick, place } = &self.0 {
            core.upgrade().into_iter().for_each(|core| core.change_timer(*tick, *place, None));
        }
    }
}
