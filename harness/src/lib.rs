//! Runs every program of the examples, in Rust and in Python, and compares them.
//!
//! It links none of them. It starts them as a user would, as programs, timestamps the lines that they
//! print, and judges only that. Each module is a step of that way, and none uses a later one:
//!
//! - [`catalog`]: what is expected;
//! - [`supervisor`], [`run`]: how any program is started, watched and ended;
//! - [`program`]: which programs there are, by way of cargo and Python;
//! - [`transcript`]: what a program did;
//! - [`verdict`]: what we think of it;
//! - [`matrix`]: all of that, side by side, with [`progress`];
//! - [`machine`], [`limits`], [`scale`], [`cores`]: what it costs, measured one program at a time;
//! - [`table`], [`json`]: how we show it.

#![warn(missing_docs)]
#[cfg(not(unix))]
compile_error!(
    "the harness needs Unix, for its process groups, signals and resource usage; the examples do not"
);

pub mod catalog;
pub mod cores;
pub mod json;
pub mod limits;
pub mod machine;
pub mod matrix;
pub mod program;
pub mod progress;
pub mod run;
pub mod scale;
pub mod supervisor;
pub mod table;
pub mod transcript;
pub mod verdict;
