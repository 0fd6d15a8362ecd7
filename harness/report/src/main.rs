//! Makes a static site of the programs, of what they printed and when, and of what they cost.
//!
//! The parts, in reading order:
//!
//! - [`results`]: what is shown, from a run of the check or from saved files;
//! - [`source`]: a program's text, highlighted and cut into functions;
//! - [`compare`]: which functions stand side by side, and which lines differ;
//! - [`timeline`]: when the lines were printed, and who slept;
//! - [`charts`]: overhead and memory, with logarithmic axes;
//! - [`readme`]: the READMEs as HTML, and what the search finds in them;
//! - [`folder`]: replaces the site's folder as a whole;
//! - [`site`]: the pages;
//! - [`pictures`]: the pictures of the workspace's README, and the one that is shown where a page is
//!   shared.

mod charts;
mod compare;
mod folder;
mod pictures;
mod readme;
mod results;
mod site;
mod source;
mod timeline;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use harness::judge::verdict::Verdict;
use harness::measure::measured;
use harness::program::workspace;
use harness::run::supervisor;
use harness::terminal::print;

use crate::results::{Results, Saved, run_check};

/// Makes a site of all programs, what they print, and what they cost
#[derive(Parser)]
#[command(version)]
struct CommandLine {
    /// Show saved results: the JSON of check, scale, cores or the benchmark of spawning; may be
    /// repeated [default: run the check, and read the rest from harness/measured]
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,

    /// The folder of the site, which is replaced [default: target/report]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Open the site in the browser
    #[arg(long)]
    open: bool,

    /// Write the pictures of the README to the folder DIR, and no site. They show the results of
    /// --from, and the others of harness/measured
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "open"])]
    pictures: Option<PathBuf>,
}

fn main() -> ExitCode {
    let result = supervisor::run_if_started_as_one().unwrap_or_else(run);
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode> {
    let options = CommandLine::parse();
    let saved = Saved::read(&options.from).unwrap_or_else(|error| refuse(&error));
    if let Some(folder) = &options.pictures {
        return write_pictures(&saved.complete(|| measured("check.json"))?, folder);
    }
    let folder = options.out.unwrap_or_else(|| workspace().join("target/report"));
    let folder = folder::replaceable(&folder).unwrap_or_else(|error| refuse(&error));
    let written = folder.clone();
    ctrlc::set_handler(move || {
        // Waits until the files that are being written are complete.
        let _lock = folder::lock(&written);
        process::exit(130)
    })
    .context("cannot handle Ctrl-C")?;

    let results = saved.complete(run_check)?;
    let host = fs::read_to_string(folder.join("CNAME")).unwrap_or_default();
    folder::replace(&folder, &site::render(&results, host.trim())?)?;
    let count = |verdict| results.check.count(verdict);
    let [passed, failed, skipped] = [Verdict::Pass, Verdict::Fail, Verdict::Skipped].map(count);
    eprintln!("{passed} passed, {failed} failed, {skipped} skipped");
    for program in results.check.programs.iter().filter(|one| one.verdict == Verdict::Fail) {
        eprintln!("failed: {}", program.name());
    }
    let index = folder.join(site::INDEX);
    print(&format!("{}\n", index.display()))?;
    if options.open {
        open::that_detached(&index).with_context(|| format!("cannot open {}", index.display()))?;
    }
    ensure!(passed > 0 || failed > 0, "no program ran");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_pictures(results: &Results, folder: &Path) -> Result<ExitCode> {
    let pictures = pictures::render(results)?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, svg) in pictures {
        let file = folder.join(name);
        fs::write(&file, svg).with_context(|| format!("cannot write {}", file.display()))?;
        print(&format!("{}\n", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends the process as for a wrong command line.
fn refuse(error: &anyhow::Error) -> ! {
    CommandLine::command().error(ErrorKind::InvalidValue, format!("{error:#}")).exit()
}
