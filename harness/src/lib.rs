//! Runs every program of the examples, in Rust and in Python, and compares what they print.
//!
//! It does not link the examples. It starts them as programs, as a user would, timestamps the lines
//! that they print, and judges only those. Each module uses only the modules before it:
//!
//! - [`catalog`]: what each listing has to print, when, in which order;
//! - [`run`]: starts a program, timestamps its lines, leaves nothing behind;
//! - [`program`]: which programs there are. It is the only module that uses cargo and finds Python;
//! - [`judge`]: the transcript of a program, and its faults;
//! - [`terminal`]: progress, colour, tables, units, Ctrl-C;
//! - [`check`]: the command `check`;
//! - [`measure`]: the commands `cores` and `scale`;
//! - [`readme`]: the command `readme`, which writes into the READMEs what is copied.

#![warn(missing_docs)]
#[cfg(not(unix))]
compile_error!(
    "the harness needs Unix: process groups, signals and resource usage; the examples do not"
);

pub mod catalog;
pub mod check;
pub mod judge;
pub mod measure;
pub mod program;
pub mod readme;
pub mod run;
pub mod terminal;
