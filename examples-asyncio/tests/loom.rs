//! Checks the queue and the wakers with loom, which runs threads in every order that it can model.
//! No wake is lost, no task is in the queue twice, and the loop does not wait forever. Run it with:
//!
//! `RUSTFLAGS='--cfg with_loom' cargo test -p examples-asyncio --test loom --target-dir
//! target/loom`

#![cfg(with_loom)]

use std::array::from_fn;
use std::sync::Arc;
use std::task::Wake;
use std::time::Duration;

use event_loop::ready::{ReadyQueue, TaskWaker};
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread::{self, JoinHandle};

/// The event loop's own file, with loom's locks.
#[path = "../src/event_loop"]
mod event_loop {
    use std::sync::LockResult;
    use std::time::Duration;

    use loom::sync::atomic::AtomicBool;
    use loom::sync::{Mutex, MutexGuard};

    #[allow(dead_code)] // not all of it is used here
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

/// A task that completes when it was advanced to its end. A thread advances the task and wakes it;
/// nothing but the wake-up makes the progress visible to the thread that polls.
struct CountingTask {
    waker: Arc<TaskWaker>,
    progress: AtomicUsize,
    end: usize,
}

impl CountingTask {
    fn advance(&self) {
        self.progress.fetch_add(1, Ordering::Relaxed);
        self.waker.wake_by_ref();
    }

    fn advance_on_another_thread(self: &Arc<Self>) -> JoinHandle<()> {
        let task = self.clone();
        thread::spawn(move || task.advance())
    }

    fn poll(&self) -> bool {
        self.waker.leave_queue();
        self.progress.load(Ordering::Relaxed) == self.end
    }
}

/// Creates a task for each end, advances the tasks, and does what the loop does until all tasks
/// have completed.
fn check<const N: usize>(
    ends: [usize; N],
    advance: fn([&Arc<CountingTask>; N]) -> Vec<JoinHandle<()>>,
) {
    loom::model(move || {
        let ready = Arc::new(ReadyQueue::default());
        let tasks: [_; N] = from_fn(|slot| {
            let ready = Arc::downgrade(&ready);
            let waker = Arc::new(TaskWaker { slot, ready, ..TaskWaker::default() });
            Arc::new(CountingTask { waker, progress: AtomicUsize::new(0), end: ends[slot] })
        });
        let threads = advance(tasks.each_ref());
        let mut completed = [false; N];
        while completed.contains(&false) {
            let round = ready.wait(Duration::MAX);
            let mut slots: Vec<_> = round.iter().map(|waker| waker.slot).collect();
            slots.sort();
            slots.dedup();
            assert_eq!(slots.len(), round.len(), "a task is in the queue twice");
            slots.into_iter().for_each(|slot| completed[slot] |= tasks[slot].poll());
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn a_task_that_two_threads_wake_sees_what_both_wrote() {
    check([2], |[task]| vec![task.advance_on_another_thread(), task.advance_on_another_thread()]);
}

#[test]
fn two_tasks_that_are_woken_at_the_same_time_are_both_polled() {
    check([1, 1], |tasks| tasks.map(CountingTask::advance_on_another_thread).into());
}

/// As `cancel` does: it wakes the task on the loop's own thread.
#[test]
fn a_task_may_be_woken_by_the_loops_thread_and_another_one_at_the_same_time() {
    check([2], |[task]| {
        let other = task.advance_on_another_thread();
        task.advance();
        vec![other]
    });
}
