//! The document's section on `multiprocessing`, ported to Rust.
//!
//! Each module is a listing, and each file in it is a port of its `python.py`: read the two side by
//! side. A file can be read alone. It starts at its `main`, which has a parameter in `crowd` and
//! `cpu_bound`.

use std::io;

use Ports::{CpuBound, Crowd, Document, Question, SeveralMachines};
use beyond::{cpu_bound, crowd, failure, results, several_machines, timeout, workers};

/// The listings, each with its heading and its ports: the document's, then those beyond it.
pub const LISTINGS: [(&str, &str, Ports); 9] = [
    ("one-process", "Python multiprocessing Module", Document(one_process::PORTS)),
    ("multiple-processes", "Using Multiple Processes", Document(multiple_processes::PORTS)),
    ("results", "Getting Results", Question(results::PORTS)),
    ("failure", "Handling a Failure", Question(failure::PORTS)),
    ("timeout", "Setting a Time Limit", Question(timeout::PORTS)),
    ("workers", "Limiting Concurrency", Question(workers::PORTS)),
    ("crowd", "Many Processes", Crowd(crowd::PORTS)),
    ("cpu-bound", "CPU-bound Work", CpuBound(cpu_bound::PORTS)),
    ("several-machines", "Past One Machine", SeveralMachines(several_machines::PORT)),
];

/// The `main` functions of a listing's ports, in the order of [`RUNTIMES`].
pub enum Ports {
    Document([fn() -> io::Result<()>; 4]),
    Question([fn() -> io::Result<()>; 4]),
    Crowd([fn(usize) -> io::Result<()>; 4]),
    CpuBound([fn(u64) -> io::Result<()>; 4]),
    /// Its only port, which uses MPI, if the package was built with the feature `mpi`.
    SeveralMachines(Option<fn(u64) -> io::Result<()>>),
}

impl Ports {
    /// The heading of the listing's group, for the command line's `--list`.
    pub fn group(&self) -> &'static str {
        match self {
            Document(_) => "The document's listings:\n",
            Question(_) => "Beyond the document, the next four questions:\n",
            Crowd(_) | CpuBound(_) => "Beyond the document, what it costs:\n",
            SeveralMachines(_) => "Beyond the document, past one machine:\n",
        }
    }
}

/// What the command line's `--runtime` takes.
pub const RUNTIMES: [&str; 4] = ["std-only", "tokio", "async-std", "smol"];

/// Python `multiprocessing` Module: run a function in another process.
pub mod one_process {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;

    pub const PORTS: [fn() -> std::io::Result<()>; 4] =
        [std_only::main, tokio::main, async_std::main, smol::main];
}

/// Using Multiple Processes: start four and wait for them.
pub mod multiple_processes {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;

    pub const PORTS: [fn() -> std::io::Result<()>; 4] =
        [std_only::main, tokio::main, async_std::main, smol::main];
}

/// Listings that the document does not have: the next four questions, and what it costs.
pub mod beyond {
    /// Getting Results: four processes return their greetings.
    pub mod results {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn() -> std::io::Result<()>; 4] =
            [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Handling a Failure: one of four processes fails at once.
    pub mod failure {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn() -> std::io::Result<()>; 4] =
            [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Setting a Time Limit: one of four processes takes too long.
    pub mod timeout {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn() -> std::io::Result<()>; 4] =
            [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Limiting Concurrency: two processes share a queue.
    pub mod workers {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn() -> std::io::Result<()>; 4] =
            [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Many Processes: spawn them, let them sleep, and wait for all.
    pub mod crowd {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(usize) -> std::io::Result<()>; 4] =
            [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// CPU-bound Work: four computations, sequential and in four processes.
    pub mod cpu_bound {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;

        pub const PORTS: [fn(u64) -> std::io::Result<()>; 4] =
            [std_only::main, tokio::main, async_std::main, smol::main];
    }

    /// Past One Machine: four ranks of one program, on one machine or on several.
    pub mod several_machines {
        #[cfg(feature = "mpi")]
        pub mod mpi;

        #[cfg(feature = "mpi")]
        pub const PORT: Option<fn(u64) -> std::io::Result<()>> = Some(mpi::main);
        #[cfg(not(feature = "mpi"))]
        pub const PORT: Option<fn(u64) -> std::io::Result<()>> = None;
    }
}
