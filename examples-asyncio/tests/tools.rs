//! The guarantees of the event loop's tools that do not concern the order of tasks, which the test
//! `asyncio_order` compares with asyncio's.

use std::cell::Cell;
use std::future::pending;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use examples_asyncio::event_loop::{
    Event, Queue, Semaphore, as_completed, create_task, gather, run, sleep, to_thread, wait_for,
};
use futures::{FutureExt, poll};

const MS: Duration = Duration::from_millis(1);

async fn iterations(count: usize) {
    for _ in 0..count {
        sleep(Duration::ZERO).await;
    }
}

#[test]
fn an_item_is_not_lost_with_the_task_that_was_woken_for_it() {
    run(async {
        let queue = Rc::new(Queue::new());
        let getters = [0; 3].map(|_| {
            let queue = queue.clone();
            create_task(async move { queue.get().await })
        });
        iterations(1).await;
        let [first, second, third] = getters;
        third.cancel(); // it is not woken
        queue.put_nowait(1);
        first.cancel(); // it is woken, and has not resumed
        assert_eq!(second.await, 1);
        queue.put_nowait(2);
        assert_eq!(queue.get().now_or_never(), Some(2));
    });
}

#[test]
fn a_permit_is_not_lost_with_the_task_that_was_woken_for_it() {
    run(async {
        let semaphore = Rc::new(Semaphore::new(1));
        let permit = semaphore.acquire().await;
        let waiting = [0; 2].map(|_| {
            let semaphore = semaphore.clone();
            create_task(async move { drop(semaphore.acquire().await) })
        });
        iterations(1).await;
        let [first, second] = waiting;
        drop(permit);
        // A task that is waiting goes first.
        assert!(semaphore.acquire().now_or_never().is_none());
        first.cancel();
        second.await;
        let permit = semaphore.acquire().now_or_never();
        assert!(permit.is_some());
        assert!(semaphore.acquire().now_or_never().is_none(), "there is one permit");
    });
}

#[test]
fn a_semaphore_lets_as_many_in_as_it_has_permits() {
    run(async {
        let (semaphore, inside) = (Rc::new(Semaphore::new(2)), Rc::new(Cell::new(0)));
        let most = gather([0; 6].map(|_| {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            async move {
                let _permit = semaphore.acquire().await;
                inside.set(inside.get() + 1);
                let count = inside.get();
                sleep(MS).await;
                inside.set(inside.get() - 1);
                count
            }
        }));
        assert_eq!(most.await.into_iter().max(), Some(2));
    });
}

#[test]
fn an_event_wakes_all_who_wait_and_nobody_who_comes_after_it_is_cleared() {
    run(async {
        let event = Rc::new(Event::new());
        let wait = |_| {
            let event = event.clone();
            create_task(async move { event.wait().await })
        };
        let [first, second] = [0; 2].map(wait);
        iterations(1).await;
        event.set();
        assert!(event.is_set());
        first.cancel();
        event.clear();
        assert!(!event.is_set());
        let mut late = wait(0);
        second.await;
        iterations(2).await;
        assert!(poll!(&mut late).is_pending());
        event.set();
        late.await; // although one that was woken before has left without resuming
        assert!(event.wait().now_or_never().is_some(), "it is set");
    });
}

#[test]
fn a_time_limit_returns_the_output_or_drops_the_future() {
    run(async {
        assert_eq!(wait_for(async { 1 }, Duration::ZERO).await.unwrap(), 1);
        let held = Rc::new(());
        let holding = held.clone();
        let future = async move {
            let _held = holding;
            pending::<()>().await;
        };
        let error = wait_for(future, MS).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(Rc::strong_count(&held), 1);
        let slow_at_first = async {
            thread::sleep(3 * MS);
            sleep(MS).await;
        };
        assert!(
            wait_for(slow_at_first, 4 * MS).await.is_err(),
            "its first poll is part of the limit"
        );
    });
}

#[test]
fn as_completed_returns_outputs_in_the_order_of_completion_and_resumes_panics() {
    run(async {
        let mut completed = as_completed([3, 1, 2].map(|number| async move {
            sleep(number * 5 * MS).await;
            assert_ne!(number, 2, "the second");
            number
        }));
        assert_eq!(completed.next().await, Some(1));
        assert!(AssertUnwindSafe(completed.next()).catch_unwind().await.is_err());
        assert_eq!(completed.next().await, Some(3));
        assert_eq!(completed.next().await, None);
    });
}

#[test]
fn functions_on_threads_run_at_the_same_time_and_their_panics_are_resumed() {
    let barrier = Arc::new(Barrier::new(3));
    let outputs = run(gather([1, 2, 3].map(|number| {
        let barrier = barrier.clone();
        to_thread(move || {
            barrier.wait();
            number
        })
    })));
    assert_eq!(outputs, [1, 2, 3]);
    let panic = catch_unwind(|| run(to_thread(|| panic!("on a thread")))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"on a thread"));
}

#[test]
fn a_function_on_a_thread_wakes_the_task_that_polled_last() {
    run(async {
        let (sender, receiver) = std::sync::mpsc::channel();
        let mut calling = Box::pin(to_thread(move || receiver.recv().unwrap()));
        assert!(poll!(&mut calling).is_pending());
        let task = create_task(calling);
        iterations(1).await;
        thread::spawn(move || sender.send(1).unwrap());
        assert_eq!(task.await, 1);
    });
}
