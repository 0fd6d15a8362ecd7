//! The command line: runs the section's listings, or one of them.

use std::process::ExitCode;

use command_line::Section;
use examples_multiprocessing::LISTINGS;

fn main() -> ExitCode {
    Section {
        name: "multiprocessing",
        unit: "processes",
        default_runtime: "std-only",
        child_options: &["greeting-with-sleep", "silent-greeting", "compute"],
        listings: LISTINGS,
    }
    .run()
}
