//! The document's section on `multiprocessing`, ported to Rust.
//!
//! A module for each listing, with a file for each implementation: read `python.py` beside
//! `std_only.rs`. Each file is a whole program that starts at its `main`.

/// Python `multiprocessing` Module: run a function in another process.
pub mod one_process {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Using Multiple Processes: start four and wait for them.
pub mod multiple_processes {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Listings that the document does not have.
pub mod beyond {
    /// A Crowd of Greeters: a thousand processes, which sleep.
    pub mod crowd {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Work for the Processor: four processes, which compute.
    pub mod cpu_bound {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }
}
