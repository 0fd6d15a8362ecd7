//! What a program did, and what we think of it.
//!
//! [`transcript`] finds the stage of each line. [`verdict`] compares the lines with the catalog.

pub mod transcript;
pub mod verdict;
