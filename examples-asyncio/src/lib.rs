//! The document's section on `asyncio`, ported to Rust.
//!
//! Each module is a listing, and each file in it is a port of its `python.py`: read the two side by
//! side. A file can be read alone. It starts at its `main`. Each `std_only.rs` imports
//! [`event_loop`].

use command_line::{Section, listing};

/// The document's listings, then those beyond it, each with its heading. In parentheses is the
/// parameter of its `main`.
pub const SECTION: Section = Section {
    name: "asyncio",
    unit: "tasks",
    default_runtime: "tokio",
    child_options: &[],
    listings: &[
        listing!(older_syntax, "Python asyncio Module, older syntax"),
        listing!(newer_syntax, "Python asyncio Module, newer syntax"),
        listing!(multiple_tasks, "Multiple Asynchronous Tasks"),
        listing!(beyond::results, "Getting Results"),
        listing!(beyond::failure, "Handling a Failure"),
        listing!(beyond::timeout, "Setting a Time Limit"),
        listing!(beyond::workers, "Limiting Concurrency"),
        listing!(beyond::shared_state, "Sharing State"),
        listing!(beyond::as_completed, "Taking Results as They Come"),
        listing!(beyond::cancel, "Stopping the Others"),
        listing!(beyond::server, "Serving Clients"),
        listing!(beyond::together, "All Together"),
        listing!(beyond::crowd(count), "Many Tasks"),
        listing!(beyond::cpu_bound(rounds), "CPU-bound Work"),
    ],
};

pub mod event_loop;

/// Create an event loop, then run a coroutine on it.
pub mod older_syntax {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// One call creates an event loop and runs a coroutine on it.
pub mod newer_syntax {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Run four coroutines concurrently.
pub mod multiple_tasks {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Listings that the document does not have.
pub mod beyond {
    /// Four tasks return their greetings.
    pub mod results {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// One of four tasks fails at once.
    pub mod failure {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// One of four tasks takes too long.
    pub mod timeout {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Two tasks share a queue.
    pub mod workers {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Four tasks share a counter and a dict.
    pub mod shared_state {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Four tasks share three permits. Each result is printed when it is there.
    pub mod as_completed {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// One of four tasks answers, which stops the others.
    pub mod cancel {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// A server, and four clients that it greets.
    pub mod server {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Eight pages are fetched, four at a time, with retries, a time limit and Ctrl-C.
    pub mod together {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Spawn many tasks, let them sleep, and wait for all.
    pub mod crowd {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Four computations, sequential, as tasks, and on other threads.
    pub mod cpu_bound {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }
}
