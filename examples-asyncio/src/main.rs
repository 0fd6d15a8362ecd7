//! The command line: runs the section's listings, or one of them.

fn main() -> std::process::ExitCode {
    examples_asyncio::SECTION.run()
}
