//! The document's section on `threading`, ported to Rust.
//!
//! Each module is a listing, and each file in it is a port of its `python.py`: read the two side by
//! side. A file can be read alone. It starts at its `main`.

use command_line::{Section, listing};

/// The document's listings, then those beyond it, each with its heading. In parentheses is the
/// parameter of its `main`.
pub const SECTION: Section = Section {
    name: "threading",
    unit: "threads",
    default_runtime: "std-only",
    child_options: &[],
    listings: &[
        listing!(creating_a_thread, "Python threading Module"),
        listing!(multiple_threads, "Using Multiple Threads in Python"),
        listing!(joining_threads, "Joining a Thread"),
        listing!(beyond::results, "Getting Results"),
        listing!(beyond::failure, "Handling a Failure"),
        listing!(beyond::timeout, "Setting a Time Limit"),
        listing!(beyond::workers, "Limiting Concurrency"),
        listing!(beyond::shared_state, "Sharing State"),
        listing!(beyond::as_completed, "Taking Results as They Come"),
        listing!(beyond::cancel, "Stopping the Others"),
        listing!(beyond::server, "Serving Clients"),
        listing!(beyond::together, "All Together"),
        listing!(beyond::crowd(count), "Many Threads"),
        listing!(beyond::cpu_bound(rounds), "CPU-bound Work"),
    ],
};

/// Create a thread, then start it.
pub mod creating_a_thread {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Start a thread for each argument.
pub mod multiple_threads {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Wait for four threads.
pub mod joining_threads {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Listings that the document does not have.
pub mod beyond {
    /// Four threads return their greetings.
    pub mod results {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// One of four threads fails at once.
    pub mod failure {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// One of four threads takes too long.
    pub mod timeout {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Two threads share a queue.
    pub mod workers {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Four threads write to the same map and counter.
    pub mod shared_state {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Four threads, three at a time, return their greetings.
    pub mod as_completed {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// One of four threads answers, and the others stop.
    pub mod cancel {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// A server greets four clients at the same time.
    pub mod server {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Eight pages, at most four at a time, of which some fail.
    pub mod together {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Spawn many threads, let them sleep, and wait for all.
    pub mod crowd {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Four computations, sequential and on four threads.
    pub mod cpu_bound {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }
}
