//! Builds the examples with cargo, or finds those of a nextest archive.

use std::collections::HashMap;
use std::env;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, ensure};
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
        build(runner, packages.clone())?
    };
    for package in packages {
        let is_there = examples.get(&package).is_some_and(|file| file.exists());
        ensure!(is_there, "the executable of {package} is missing");
    }
    Ok(examples)
}

/// Builds packages in the profile of this harness: debug or release. Cargo always shows errors, and
/// its progress if stderr is a terminal. Returns all executables that cargo reported.
fn build(runner: &Runner, packages: impl Iterator<Item = String>) -> Result<Examples> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let cargo = which::which(&cargo)
        .map_err(|_| anyhow!("cannot build the examples: cannot find {cargo:?}"))?;
    let mut build = vec![cargo.into(), "build".into(), "--bins".into()];
    build.push("--message-format=json-render-diagnostics".into());
    build.extend(packages.map(|package| format!("--package={package}").into()));
    if !cfg!(debug_assertions) {
        build.push("--release".into());
    }
    if cfg!(feature = "mpi") {
        build.push("--features=examples-multiprocessing/mpi".into());
    }
    if !io::stderr().is_terminal() {
        build.push("--quiet".into());
    }
    let (mut command, _connection) = runner.supervised(&build)?;
    command.current_dir(workspace()).stderr(Stdio::inherit());
    let output = command.output().context("cannot start the supervisor of cargo")?;
    ensure!(output.status.success(), "cargo could not build the examples");
    let messages = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    let messages = messages.collect::<Result<Vec<CargoMessage>, _>>();
    let messages = messages.context("cannot read what cargo printed")?;
    let executable = |message: CargoMessage| Some((message.target?.name, message.executable?));
    Ok(messages.into_iter().filter_map(executable).collect())
}

/// The part of cargo's messages that the harness reads (see "External tools" in The Cargo Book).
#[derive(Deserialize)]
struct CargoMessage {
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
