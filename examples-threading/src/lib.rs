//! The document's section on `threading`, ported to Rust.
//!
//! Each module is a listing, and each file in it is a port of its `python.py`: read the two side by
//! side. A file can be read alone. It starts at its `main`, which has a parameter in `crowd` and
//! `cpu_bound`.

use std::io;

use Ports::{CpuBound, Crowd, Document, Question};
use beyond::{cpu_bound, crowd, failure, results, timeout, workers};

/// The listings, each with its heading and its ports: the document's, then those beyond it.
pub const LISTINGS: [(&str, &str, Ports); 9] = [
    ("creating-a-thread", "Python threading Module", Document(creating_a_thread::PORTS)),
    ("multiple-threads", "Using Multiple Threads in Python", Document(multiple_threads::PORTS)),
    ("joining-threads", "Joining a Thread", Document(joining_threads::PORTS)),
    ("results", "Getting Results", Question(results::PORTS)),
    ("failure", "Handling a Failure", Question(failure::PORTS)),
    ("timeout", "Setting a Time Limit", Question(timeout::PORTS)),
    ("workers", "Limiting Concurrency", Question(workers::PORTS)),
    ("crowd", "Many Threads", Crowd(crowd::PORTS)),
    ("cpu-bound", "CPU-bound Work", CpuBound(cpu_bound::PORTS)),
];

/// The `main` functions of a listing's ports, in the order of [`RUNTIMES`].
pub enum Ports {
    Document([fn(); 4]),
    Question([fn(); 4]),
    Crowd([fn(usize) -> io::Result<()>; 4]),
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

/// Python `threading` Module: create a thread, then start it.
pub mod creating_a_thread {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;

    pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
}

/// Using Multiple Threads in Python: start a thread for each argument.
pub mod multiple_threads {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;

    pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
}

/// Joining a Thread: wait for four threads.
pub mod joining_threads {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;

    pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
}

/// Listings that the document does not have: the next four questions, and what it costs.
pub mod beyond {
    /// Getting Results: four threads return their greetings.
    pub mod results {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Handling a Failure: one of four threads fails at once.
    pub mod failure {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Setting a Time Limit: one of four threads takes too long.
    pub mod timeout {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Limiting Concurrency: two threads share a queue.
    pub mod workers {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Many Threads: spawn them, let them sleep, and wait for all.
    pub mod crowd {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(usize) -> std::io::Result<()>; 4] =
            [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// CPU-bound Work: four computations, sequential and on four threads.
    pub mod cpu_bound {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(u64); 4] = [std_only::main, tokio::main, async_std::main, smol::main];
    }
}
