//! The document's section on `asyncio`, ported to Rust.
//!
//! Each module is a listing, and each file in it is a port of its `python.py`: read the two side by
//! side. A file can be read alone. It starts at its `main`, which has a parameter in `crowd` and
//! `cpu_bound`. Each `std_only.rs` imports [`event_loop`].

use Ports::{CpuBound, Crowd, Document, Question};
use beyond::{cpu_bound, crowd, failure, results, timeout, workers};

/// The listings, each with its heading and its ports: the document's, then those beyond it.
pub const LISTINGS: [(&str, &str, Ports); 9] = [
    ("older-syntax", "Python asyncio Module, older syntax", Document(older_syntax::PORTS)),
    ("newer-syntax", "Python asyncio Module, newer syntax", Document(newer_syntax::PORTS)),
    ("multiple-tasks", "Multiple Asynchronous Tasks", Document(multiple_tasks::PORTS)),
    ("results", "Getting Results", Question(results::PORTS)),
    ("failure", "Handling a Failure", Question(failure::PORTS)),
    ("timeout", "Setting a Time Limit", Question(timeout::PORTS)),
    ("workers", "Limiting Concurrency", Question(workers::PORTS)),
    ("crowd", "Many Tasks", Crowd(crowd::PORTS)),
    ("cpu-bound", "CPU-bound Work", CpuBound(cpu_bound::PORTS)),
];

/// The `main` functions of a listing's ports, in the order of [`RUNTIMES`].
pub enum Ports {
    Document([fn(); 4]),
    Question([fn(); 4]),
    Crowd([fn(usize); 4]),
    CpuBound([fn(u64); 4]),
}

impl Ports {
    /// The heading of the listing's group, for the command line's `--list`.
    pub fn group(&self) -> &'static str {
        match self {
            Document(_) => "The document's listings:\n",
            Question(_) => "Beyond the document, the next four questions:\n",
            Crowd(_) | CpuBound(_) => "Beyond the document, what it costs:\n",
        }
    }
}

/// What the command line's `--runtime` takes.
pub const RUNTIMES: [&str; 4] = ["std-only", "tokio", "async-std", "smol"];

pub mod event_loop;

/// Python `asyncio` Module, older syntax: create an event loop, then run a coroutine on it.
pub mod older_syntax {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;

    pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
}

/// Python `asyncio` Module, newer syntax: one call creates an event loop and runs a coroutine on
/// it.
pub mod newer_syntax {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;

    pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
}

/// Multiple Asynchronous Tasks: run four coroutines concurrently.
pub mod multiple_tasks {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;

    pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
}

/// Listings that the document does not have: the next four questions, and what it costs.
pub mod beyond {
    /// Getting Results: four tasks return their greetings.
    pub mod results {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Handling a Failure: one of four tasks fails at once.
    pub mod failure {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Setting a Time Limit: one of four tasks takes too long.
    pub mod timeout {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Limiting Concurrency: two tasks share a queue.
    pub mod workers {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Many Tasks: spawn them, let them sleep, and wait for all.
    pub mod crowd {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(usize); 4] =
            [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// CPU-bound Work: four computations, sequential, as tasks, and on other threads.
    pub mod cpu_bound {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(u64); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }
}
