//! How long the threads of a program wait for a processor. On a busy machine, that makes a program
//! late, and it is not the program's fault.

use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{fs, io, thread};

use nix::unistd::Pid;

use super::supervisor::descendants;

/// The time between two looks at a program's threads.
const PAUSE: Duration = Duration::from_millis(20);

/// What is taken for the delay where the system does not report it, as on other systems than Linux.
const UNKNOWN: Duration = Duration::from_millis(1_500);

/// The delays of a program's threads, by thread id.
#[derive(Default)]
pub struct Delays(HashMap<String, Duration>);

impl Delays {
    /// Looks at all processes below the supervisor. Returns when to look again.
    pub fn look(&mut self, supervisor: Pid) -> Duration {
        let threads = descendants(supervisor).into_iter().flat_map(|process| {
            fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten()
        });
        for thread in threads {
            // Nanoseconds on a processor, nanoseconds of waiting for one, and a number of turns.
            let times = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            let waited = times.split_whitespace().nth(1).and_then(|number| number.parse().ok());
            if let (Some(waited), Ok(id)) = (waited, thread.file_name().into_string()) {
                self.0.insert(id, Duration::from_nanos(waited));
            }
        }
        PAUSE
    }

    /// The sum. A thread counts until it was last seen.
    pub fn sum(&self) -> Duration {
        if self.0.is_empty() { UNKNOWN } else { self.0.values().sum() }
    }
}

/// Calls `work`, and meanwhile `look` on another thread, which returns when to call it again.
///
/// # Errors
///
/// If no thread can be started.
pub fn meanwhile<T>(
    mut look: impl FnMut() -> Duration + Send,
    work: impl FnOnce() -> T,
) -> io::Result<T> {
    thread::scope(|scope| {
        let (working, has_ended) = mpsc::channel::<()>();
        thread::Builder::new().spawn_scoped(scope, move || {
            while has_ended.recv_timeout(look()) == Err(RecvTimeoutError::Timeout) {}
        })?;
        let result = work();
        drop(working);
        Ok(result)
    })
}
