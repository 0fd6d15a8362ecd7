//! Judges what a program did.
//!
//! [`transcript`] finds the stage of each line. [`verdict`] compares the lines with the catalog.
//! [`lanes`] sorts them by greeter.

pub mod lanes;
pub mod transcript;
pub mod verdict;
