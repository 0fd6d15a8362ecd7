//! The document's section on `asyncio`, ported to Rust.
//!
//! A module for each listing, with a file for each implementation: read `python.py` beside
//! `tokio.rs`. Each file is a whole program that starts at its `main`.

pub mod event_loop;

/// Python `asyncio` Module, older syntax: make an event loop, then run a coroutine on it.
pub mod older_syntax {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Python `asyncio` Module, newer syntax: one call makes an event loop and runs a coroutine on it.
pub mod newer_syntax {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Multiple Asynchronous Tasks: four coroutines, gathered.
pub mod multiple_tasks {
    pub mod async_std;
    pub mod smol;
    pub mod std_only;
    pub mod tokio;
}

/// Listings that the document does not have.
pub mod beyond {
    /// A Crowd of Greeters: a thousand tasks, which sleep.
    pub mod crowd {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }

    /// Work for the Processor: four tasks, and four threads, which compute.
    pub mod cpu_bound {
        pub mod async_std;
        pub mod smol;
        pub mod std_only;
        pub mod tokio;
    }
}
