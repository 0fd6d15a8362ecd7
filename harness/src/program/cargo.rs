//! Builds the examples with cargo, or finds those of a nextest archive.

use std::collections::HashMap;
use std::env;
use std::io::{self, BufReader, IsTerminal};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use anyhow::{Context, Result, anyhow, ensure};
use nix::sys::signal::Signal;
use serde::Deserialize;

use crate::catalog::SECTIONS;
use crate::run::Runner;

/// The executables of the examples, by the name of their package.
pub type Examples = HashMap<String, PathBuf>;

/// The folder of the workspace. nextest says where it is, because it may run tests that were
/// compiled in another one.
pub fn workspace() -> PathBuf {
    let compiled_in = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    env::var_os("NEXTEST_WORKSPACE_ROOT").map_or_else(|| compiled_in.into(), PathBuf::from)
}

/// Whether nextest has unpacked this executable of the harness from an archive. Then the archive
/// has the examples, too, and this machine may have no cargo.
pub fn is_from_an_archive(harness: &Path) -> bool {
    let metadata = "nextest/binaries-metadata.json";
    harness.ancestors().any(|folder| folder.join(metadata).exists())
}

/// Builds the examples, or finds those of an archive.
///
/// # Errors
///
/// If an archive lacks one, if cargo cannot be started, or if the build fails.
pub fn build_examples(runner: &Runner) -> Result<Examples> {
    let packages = SECTIONS.iter().map(|section| section.package());
    let examples: Examples = if is_from_an_archive(&runner.supervisor) {
        let beside = |package: &String| runner.supervisor.with_file_name(package);
        packages.clone().map(|package| (package.clone(), beside(&package))).collect()
    } else {
        build(&runner.supervisor, packages.clone())?
    };
    for package in packages {
        let is_there = examples.get(&package).is_some_and(|file| file.exists());
        ensure!(is_there, "the executable of {package} is missing");
    }
    Ok(examples)
}

/// Builds packages in the profile of this harness, debug or release, and where it was built. Cargo
/// always shows errors, and its progress if stderr is a terminal. Returns all executables that cargo
/// reported.
///
/// The build has no supervisor: a daemon that it starts, like that of sccache, may outlive it.
fn build(harness: &Path, packages: impl Iterator<Item = String>) -> Result<Examples> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let cargo = which::which(&cargo)
        .map_err(|_| anyhow!("cannot build the examples: cannot find {cargo:?}"))?;
    let mut build = Command::new(&cargo);
    build.args(["build", "--bins", "--message-format=json-render-diagnostics"]);
    build.args(packages.map(|package| format!("--package={package}")));
    if let Some(folder) = target_folder(harness) {
        build.arg("--target-dir").arg(folder);
    }
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    if cfg!(feature = "mpi") {
        build.arg("--features=examples-multiprocessing/mpi");
    }
    if !io::stderr().is_terminal() {
        build.arg("--quiet");
    }
    build.current_dir(workspace()).stdin(Stdio::null()).stdout(Stdio::piped());
    let started = build.spawn();
    let mut build = started.with_context(|| format!("cannot start {}", cargo.display()))?;
    // Reads to the last message, because a daemon may keep the pipe open.
    let stdout = BufReader::new(build.stdout.take().expect("it is piped"));
    let messages = serde_json::Deserializer::from_reader(stdout).into_iter::<CargoMessage>();
    let is_last = |message: &CargoMessage| message.reason.as_deref() == Some("build-finished");
    let messages = messages.take_while(|message| !message.as_ref().is_ok_and(is_last));
    let messages = messages.collect::<Result<Vec<_>, _>>();
    let status = build.wait()?;
    if status.signal() == Some(Signal::SIGINT as i32) {
        process::exit(130); // Ctrl-C ended cargo, and may not yet have ended this process.
    }
    ensure!(status.success(), "cargo could not build the examples");
    let messages = messages.context("cannot read what cargo printed")?;
    let executable = |message: CargoMessage| Some((message.target?.name, message.executable?));
    Ok(messages.into_iter().filter_map(executable).collect())
}

/// The target folder in which this executable of the harness is: `target` of `target/debug/harness`.
/// It may be another than that of a cargo started here, as with a relative `CARGO_TARGET_DIR`. With
/// `--target`, there is a folder more between them. `None` if the executable was copied elsewhere.
fn target_folder(harness: &Path) -> Option<&Path> {
    let is_target_folder = |folder: &&Path| folder.join("CACHEDIR.TAG").exists();
    harness.ancestors().skip(2).take(2).filter(is_target_folder).last()
}

/// The part of cargo's messages that the harness reads (see "External tools" in The Cargo Book).
#[derive(Deserialize)]
struct CargoMessage {
    reason: Option<String>,
    target: Option<CargoTarget>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct CargoTarget {
    name: String,
}

/// Returns the version of the Rust compiler, like `1.95.0`, if there is one.
pub fn rust_version() -> Option<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").current_dir(workspace()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split(' ').nth(1).map(str::to_owned)
}

/// Returns the version of a crate in Cargo.lock.
pub fn locked_version(name: &str) -> Option<&'static str> {
    const LOCK: &str = include_str!("../../../Cargo.lock");
    let (_, rest) = LOCK.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    Some(rest.split_once('"')?.0)
}
