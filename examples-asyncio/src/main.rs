//! The command line: runs the section's listings, or one of them.

use std::process::ExitCode;

use command_line::Section;
use examples_asyncio::LISTINGS;

fn main() -> ExitCode {
    Section {
        name: "asyncio",
        unit: "tasks",
        default_runtime: "tokio",
        child_options: &[],
        listings: LISTINGS,
    }
    .run()
}
