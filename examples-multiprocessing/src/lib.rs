//! The document's section on `multiprocessing`, ported to Rust.
//!
//! Each module is a listing, and each file in it is a port of its `python.py`: read the two side by
//! side. A file can be read alone. It starts at its `main`, which has a parameter in `crowd` and
//! `cpu_bound`.

use std::io;

use Ports::{CpuBound, Crowd, Document};
use beyond::{cpu_bound, crowd};

/// The listings, each with its heading and its ports: the document's, then those beyond it.
pub const LISTINGS: [(&str, &str, Ports); 4] = [
    ("one-process", "Python multiprocessing Module", Document(one_process::PORTS)),
    ("multiple-processes", "Using Multiple Processes", Document(multiple_processes::PORTS)),
    ("crowd", "Many Processes (beyond the document)", Crowd(crowd::PORTS)),
    ("cpu-bound", "CPU-bound Work (beyond the document)", CpuBound(cpu_bound::PORTS)),
];

/// The `main` functions of a listing's ports, in the order of [`RUNTIMES`].
pub enum Ports {
    Document([fn() -> io::Result<()>; 4]),
    Crowd([fn(usize) -> io::Result<()>; 4]),
    CpuBound([fn(u64) -> io::Result<()>; 4]),
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

/// Listings that the document does not have.
pub mod beyond {
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
}
