//! Tasks from futures and tasks, like `asyncio.ensure_future`.

use std::any::Any;

use super::foreign::TaskResult;
use super::task::{Task, create_task};

/// Makes a task of a future, like `asyncio.ensure_future`. A task stays the same.
pub fn ensure_future<F: Future + 'static>(future: F) -> Task<F::Output> {
    let mut future = Some(future);
    let task = (&mut future as &mut dyn Any).downcast_mut::<Option<Task<F::Output>>>();
    let Some(task) = task.and_then(Option::take) else {
        return create_task(future.expect("it is not a task"));
    };
    if !task.has_result() {
        task.assert_pending();
    }
    task
}

impl<T> Task<T> {
    pub(super) fn has_result(&self) -> bool {
        self.result_is(|result| result.is_some())
    }

    pub(super) fn has_panicked(&self) -> bool {
        self.result_is(|result| result.as_ref().is_some_and(|result| result.is_err()))
    }

    fn result_is(&self, has_property: fn(&Option<Box<TaskResult>>) -> bool) -> bool {
        let result = self.0.result.take();
        let answer = has_property(&result);
        self.0.result.set(result);
        answer
    }
}
