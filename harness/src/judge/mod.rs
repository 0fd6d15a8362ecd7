//! Judges what a program did.
//!
//! [`transcript`] finds the stage of each line. [`verdict`] compares the lines with the catalog.

pub mod transcript;
pub mod verdict;
