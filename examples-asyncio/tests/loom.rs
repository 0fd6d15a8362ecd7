//! Checks the queue and the wakers with loom, which runs threads in every order that it can model.
//! No wake is lost, no task is in the queue twice, and the loop does not wait forever. Run it with:
//!
//! `RUSTFLAGS='--cfg with_loom' cargo test -p examples-asyncio --test loom --target-dir
//! target/loom`

#![cfg(with_loom)]

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Wake};
use std::time::Duration;

use event_loop::ready::{ReadyQueue, TaskWaker};
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread::{self, JoinHandle};

/// The event loop's own file, with loom's locks.
#[path = "../src/event_loop"]
mod event_loop {
    use std::sync::LockResult;
    use std::time::Duration;

    use loom::sync::atomic::AtomicBool;
    use loom::sync::{Mutex, MutexGuard};

    pub mod ready;

    #[derive(Default)]
    struct Condvar(loom::sync::Condvar);

    impl Condvar {
        fn notify_one(&self) {
            self.0.notify_one();
        }

        /// Waits without a limit, so that a lost wake is a deadlock.
        fn wait_timeout_while<'a, T>(
            &self,
            mut guard: MutexGuard<'a, T>,
            _limit: Duration,
            mut condition: impl FnMut(&mut T) -> bool,
        ) -> LockResult<(MutexGuard<'a, T>, ())> {
            while condition(&mut guard) {
                guard = self.0.wait(guard).expect("nothing panics");
            }
            Ok((guard, ()))
        }
    }
}

/// A task that completes when all of its flags are set. A thread sets a flag and wakes the task;
/// nothing but the wake-up makes the flag visible to the thread that polls.
struct FlagTask {
    waker: Arc<TaskWaker>,
    flags: [Arc<AtomicBool>; 2],
}

impl FlagTask {
    fn new(id: u64, ready: &Arc<ReadyQueue>) -> FlagTask {
        let waker =
            TaskWaker { id, is_queued: AtomicBool::new(false), ready: Arc::downgrade(ready) };
        let flag = || Arc::new(AtomicBool::new(false));
        FlagTask { waker: Arc::new(waker), flags: [flag(), flag()] }
    }

    fn set(&self, flag: usize) {
        self.flags[flag].store(true, Ordering::Relaxed);
        self.waker.wake_by_ref();
    }

    fn set_on_another_thread(self: &Arc<Self>, flag: usize) -> JoinHandle<()> {
        let task = self.clone();
        thread::spawn(move || task.set(flag))
    }

    fn poll(&self) -> bool {
        let is_set = |flag: &Arc<AtomicBool>| flag.load(Ordering::Relaxed);
        let future = poll_fn(|_| match self.flags.iter().all(is_set) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        });
        self.waker.poll(pin!(future)).is_ready()
    }
}

/// Does what the loop does until all tasks have completed.
fn poll_until_complete(ready: &ReadyQueue, tasks: &[Arc<FlagTask>]) {
    let mut completed = vec![false; tasks.len()];
    while completed.contains(&false) {
        let round = ready.wait(Duration::MAX);
        let mut ids: Vec<_> = round.iter().map(|waker| waker.id as usize).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), round.len(), "a task is in the queue twice");
        ids.into_iter().for_each(|id| completed[id] |= tasks[id].poll());
    }
}

#[test]
fn a_task_that_two_threads_wake_sees_what_both_wrote() {
    loom::model(|| {
        let ready = Arc::new(ReadyQueue::default());
        let task = Arc::new(FlagTask::new(0, &ready));
        let threads = [task.set_on_another_thread(0), task.set_on_another_thread(1)];
        poll_until_complete(&ready, &[task]);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn two_tasks_that_are_woken_at_the_same_time_are_both_polled() {
    loom::model(|| {
        let ready = Arc::new(ReadyQueue::default());
        let tasks = [0, 1].map(|id| Arc::new(FlagTask::new(id, &ready)));
        tasks.iter().for_each(|task| task.flags[1].store(true, Ordering::Relaxed));
        let threads = tasks.each_ref().map(|task| task.set_on_another_thread(0));
        poll_until_complete(&ready, &tasks);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// As `cancel` does: it wakes the task on the loop's own thread.
#[test]
fn a_task_may_be_woken_by_the_loops_thread_and_another_one_at_the_same_time() {
    loom::model(|| {
        let ready = Arc::new(ReadyQueue::default());
        let task = Arc::new(FlagTask::new(0, &ready));
        let other = task.set_on_another_thread(0);
        task.set(1);
        poll_until_complete(&ready, &[task]);
        other.join().unwrap();
    });
}
