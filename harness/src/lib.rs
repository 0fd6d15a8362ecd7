//! Runs every program of the examples, in Rust and in Python, and compares what they print.
//!
//! It links none of them. It starts them as programs, as a user would, timestamps the lines that they
//! print, and judges only that. Each module uses only those before it:
//!
//! - [`catalog`]: what each listing has to print, when, in which order;
//! - [`run`]: starts a program, timestamps its lines, leaves nothing behind;
//! - [`program`]: which programs there are: all that knows cargo or Python;
//! - [`judge`]: the transcript of a program, and its faults;
//! - [`terminal`]: progress, colour, tables, units;
//! - [`check`]: the command `check`;
//! - [`measure`]: the commands `cores` and `scale`, and the README of what was measured.

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
pub mod run;
pub mod terminal;
