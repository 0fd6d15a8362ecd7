//! The command line: runs the section's listings, or one of them.

use std::process::ExitCode;

use command_line::Section;
use examples_threading::LISTINGS;

fn main() -> ExitCode {
    Section {
        name: "threading",
        unit: "threads",
        default_runtime: "std-only",
        child_options: &[],
        listings: LISTINGS,
    }
    .run()
}
