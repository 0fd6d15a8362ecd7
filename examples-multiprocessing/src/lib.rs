//! The document's section on `multiprocessing`, ported to Rust.
//!
//! Each module is a listing, and each file in it is a port of its `python.py`: read the two side by
//! side. A file can be read alone. It starts at its `main`.

use command_line::{Section, listing};

/// The document's listings, then those beyond it, each with its heading. In parentheses is the
/// parameter of its `main`.
pub const SECTION: Section = Section {
    name: "multiprocessing",
    unit: "processes",
    default_runtime: "std-only",
    child_options: &["greeting-with-sleep", "silent-greeting", "compute", "client"],
    listings: &[
        listing!(one_process, "Python multiprocessing Module"),
        listing!(multiple_processes, "Using Multiple Processes"),
        listing!(beyond::results, "Getting Results"),
        listing!(beyond::failure, "Handling a Failure"),
        listing!(beyond::timeout, "Setting a Time Limit"),
        listing!(beyond::workers, "Limiting Concurrency"),
        listing!(beyond::shared_state, "Sharing State"),
        listing!(beyond::as_completed, "Taking Results as They Come"),
        listing!(beyond::cancel, "Stopping the Others"),
        #[cfg(unix)] // On Windows, std cannot make a socket the stdin of a child.
        listing!(beyond::server, "Serving Clients"),
        listing!(beyond::crowd(count), "Many Processes"),
        listing!(beyond::cpu_bound(rounds), "CPU-bound Work"),
        listing!(beyond::parallel_map(below) { std_only, rayon }, "A Map over Many Items"),
        listing!(beyond::several_machines(rounds) { #[cfg(feature = "mpi")] mpi }, "Past One Machine"),
    ],
};

/// Run a function in another process.
pub mod one_process {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Start four processes and wait for them.
pub mod multiple_processes {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Listings that the document does not have.
pub mod beyond {
    /// Four processes return their greetings.
    pub mod results {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// One of four processes fails at once.
    pub mod failure {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// One of four processes takes too long.
    pub mod timeout {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Two processes share a queue.
    pub mod workers {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Four processes add to one counter and one map.
    pub mod shared_state {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Three processes share a queue, and each result is printed when it is there.
    pub mod as_completed {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// The first answer of four processes is enough.
    pub mod cancel {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// A server greets four clients, with a process for each connection.
    #[cfg(unix)]
    pub mod server {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Spawn many processes, let them sleep, and wait for all.
    pub mod crowd {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Four computations, sequential and in four processes.
    pub mod cpu_bound {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// A function called for each of many items, on all cores.
    pub mod parallel_map {
        pub mod rayon;
        pub mod std_only;
    }

    /// Four ranks of one program, on one machine or on several.
    pub mod several_machines {
        #[cfg(feature = "mpi")]
        pub mod mpi;
    }
}
