//! The document's section on `threading`, ported to Rust.
//!
//! A module for each listing, with a file for each implementation: read `python.py` beside
//! `std_only.rs`. Each file is a whole program that starts at its `main`.

/// Python `threading` Module: create a thread, then start it.
pub mod creating_a_thread {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Using Multiple Threads in Python: start one for each argument.
pub mod multiple_threads {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Joining a Thread: wait for four threads before going on.
pub mod joining_threads {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Listings that the document does not have.
pub mod beyond {
    /// A Crowd of Greeters: a thousand threads, which sleep.
    pub mod crowd {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Work for the Processor: four threads, which compute.
    pub mod cpu_bound {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }
}
