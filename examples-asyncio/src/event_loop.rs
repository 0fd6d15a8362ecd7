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
//! is next; [`create_task`] and [`gather`] start tasks and wait for them; [`sleep`] sets timers.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
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
        let main = core.new_wakeup();
        main.wake_by_ref();
        loop {
            core.wake_sleepers();
            let mut output = None;
            // One round: a turn for each that is ready by now. Whom they wake waits for the next
            // round, so that a task that never rests can't keep the others or the timers waiting.
            for _ in 0..core.ready.wait(core.next_deadline()) {
                let id = core.ready.queue.lock().unwrap().pop_front();
                if id != Some(main.id) {
                    id.into_iter().for_each(|id| core.poll_task(id));
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

/// Numbers tasks and timers. None is used twice, so a wake-up that comes too late finds nobody.
type Id = u64;

/// What the loop shares with the futures on its thread. No borrow of it may last while their code
/// runs (a poll, a wake, a drop), because that code may come back here.
#[derive(Default)]
struct Core {
    ready: Arc<Ready>,
    tasks: RefCell<HashMap<Id, (BoxedFuture, Arc<Wakeup>)>>,
    timers: RefCell<BTreeMap<(Instant, Id), Waker>>,
    last_id: Cell<Id>,
}

type BoxedFuture = Pin<Box<dyn Future<Output = ()>>>;

impl Core {
    fn new_id(&self) -> Id {
        self.last_id.set(self.last_id.get() + 1);
        self.last_id.get()
    }

    fn new_wakeup(&self) -> Arc<Wakeup> {
        let (queued, cancelled) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Wakeup { id: self.new_id(), queued, cancelled, ready: self.ready.clone() })
    }

    fn spawn(&self, future: impl Future<Output = ()> + 'static) -> Arc<Wakeup> {
        let wakeup = self.new_wakeup();
        self.tasks.borrow_mut().insert(wakeup.id, (Box::pin(future), wakeup.clone()));
        wakeup.wake_by_ref();
        wakeup
    }

    fn create_task<F: Future + 'static>(&self, future: F) -> Task<F::Output> {
        let promise = Rc::new(Promise::new());
        let settled = promise.clone();
        let wakeup = self.spawn(async move { settled.settle(catch_panic(future).await) });
        Task { promise, wakeup }
    }

    fn poll_task(&self, id: Id) {
        let Some((mut future, wakeup)) = self.tasks.borrow_mut().remove(&id) else { return };
        // The future of a task that is cancelled or done is dropped in here, where a panic of its
        // destructors ends nothing else.
        let unfinished = catch_unwind(AssertUnwindSafe(move || {
            let cancelled = wakeup.cancelled.load(Ordering::Relaxed);
            let unfinished = !cancelled && wakeup.poll(future.as_mut()).is_pending();
            unfinished.then_some((future, wakeup))
        }));
        if let Ok(Some(task)) = unfinished {
            self.tasks.borrow_mut().insert(id, task);
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.timers.borrow().first_key_value().map(|(key, _)| key.0)
    }

    fn wake_sleepers(&self) {
        let now = Instant::now();
        while self.next_deadline().is_some_and(|deadline| deadline <= now) {
            let timer = self.timers.borrow_mut().pop_first();
            timer.into_iter().for_each(|(_, waker)| waker.wake());
        }
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
    queue: Mutex<VecDeque<Id>>,
    pushed: Condvar,
}

impl Ready {
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
    queued: AtomicBool, // is the id in the queue? a task that is woken twice gets one turn
    cancelled: AtomicBool,
    ready: Arc<Ready>,
}

impl Wakeup {
    fn poll<F: Future + ?Sized>(self: &Arc<Self>, future: Pin<&mut F>) -> Poll<F::Output> {
        // Before the poll, not after: a wake-up that comes during the poll has to lead to another.
        self.queued.swap(false, Ordering::AcqRel);
        future.poll(&mut Context::from_waker(&Waker::from(self.clone())))
    }
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.ready.queue.lock().unwrap().push_back(self.id);
            self.ready.pushed.notify_one();
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
    promise: Rc<Promise<T>>,
    wakeup: Arc<Wakeup>,
}

impl<T> Task<T> {
    /// Ends the task: when its turn comes, the loop drops its future instead of polling it. Nobody
    /// can await it any more, so there is no `CancelledError`.
    pub fn cancel(self) {
        self.wakeup.cancelled.store(true, Ordering::Relaxed);
        self.wakeup.wake_by_ref();
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let poll = self.promise.poll(cx);
        // The other one who holds the promise is the task.
        let is_lost = poll.is_pending() && Rc::strong_count(&self.promise) == 1;
        assert!(!is_lost, "the task that is awaited ended with its event loop");
        poll
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
    let done = Rc::new(Promise::new());
    let outputs = Rc::new(RefCell::new(Vec::new()));
    for (index, future) in futures.into_iter().enumerate() {
        outputs.borrow_mut().push(None);
        let (done, outputs) = (done.clone(), outputs.clone());
        running().spawn(async move {
            match catch_panic(future).await {
                Ok(output) => outputs.borrow_mut()[index] = Some(output),
                Err(panic) => done.settle(Err(panic)),
            }
            // Each task holds the outputs until it ends; two holders are the last task and `gather`.
            if Rc::strong_count(&outputs) == 2 {
                done.settle(Ok(()));
            }
        });
    }
    if Rc::strong_count(&outputs) > 1 {
        poll_fn(|cx| done.poll(cx)).await;
    }
    outputs.take().into_iter().flatten().collect()
}

/// What became of a task, for whoever waits to hear it.
struct Promise<T>(Cell<State<T>>);

enum State<T> {
    Unsettled(Option<Waker>),
    Settled(thread::Result<T>),
}

impl<T> Promise<T> {
    fn new() -> Promise<T> {
        Promise(Cell::new(State::Unsettled(None)))
    }

    /// Only the first call counts.
    fn settle(&self, result: thread::Result<T>) {
        match self.0.replace(State::Settled(result)) {
            State::Unsettled(waiter) => waiter.into_iter().for_each(Waker::wake),
            settled => self.0.set(settled),
        }
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<T> {
        match self.0.replace(State::Unsettled(Some(cx.waker().clone()))) {
            State::Unsettled(_) => Poll::Pending,
            State::Settled(Ok(output)) => Poll::Ready(output),
            State::Settled(Err(panic)) => resume_unwind(panic),
        }
    }
}

/// Takes `future` to its end, be that an output or a panic.
async fn catch_panic<F: Future>(future: F) -> thread::Result<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// Suspends the task for `delay`, counted from the first poll, or a little longer. A `delay` of zero
/// gives a turn to all others that are ready; one that the clock can't reach the end of never ends.
///
/// # Panics
///
/// When it is polled and no event loop is running on this thread.
pub async fn sleep(delay: Duration) {
    let Some(deadline) = Instant::now().checked_add(delay) else {
        return pending().await;
    };
    // Weak, because the loop holds its tasks, and a task this.
    let timer = Timer { core: Rc::downgrade(&running()), key: (deadline, running().new_id()) };
    let mut had_a_turn = false;
    poll_fn(|cx| {
        if had_a_turn && Instant::now() >= deadline {
            return Poll::Ready(());
        }
        had_a_turn = true;
        if delay.is_zero() {
            cx.waker().wake_by_ref();
        } else {
            // On each poll anew: whoever polls now is the one to wake.
            let previous = running().timers.borrow_mut().insert(timer.key, cx.waker().clone());
            drop(previous);
        }
        Poll::Pending
    })
    .await;
}

/// An entry among the loop's timers. It goes when the sleep ends, or is given up before.
struct Timer {
    core: Weak<Core>,
    key: (Instant, Id),
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(core) = self.core.upgrade() {
            let waker = core.timers.borrow_mut().remove(&self.key);
            drop(waker);
        }
    }
}
