//! Which programs there are, and how each is started. Only this module knows cargo and Python.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fmt};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::catalog::{DOCUMENT, Listing, Section};
use crate::run::{End, Runner};

/// The language and library that a program is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Implementation {
    /// CPython
    Python,
    /// Rust's standard library
    StdOnly,
    /// tokio
    Tokio,
    /// async-std
    AsyncStd,
    /// smol
    Smol,
}

impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.to_possible_value().expect("none is skipped").get_name())
    }
}

/// A Python interpreter.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Interpreter {
    /// The executable itself, not a script that selects one.
    pub executable: PathBuf,
    /// Like `3.11.7`.
    pub version: String,
}

/// The oldest Python that the `python.py` files are written for.
const OLDEST_PYTHON: (u32, u32) = (3, 8);

impl Interpreter {
    /// Finds `name`, a path or a name on the `PATH`, and asks it for its version.
    ///
    /// # Errors
    ///
    /// When it isn't there, can't be started, isn't Python, or is too old.
    pub fn find(name: &Path, runner: &Runner) -> Result<Interpreter> {
        ensure!(!name.is_dir(), "cannot start {}: it is a directory", name.display());
        let found = which::which(name).map_err(|_| {
            anyhow!("cannot start {}: not found, or not executable", name.display())
        })?;
        let runner = Runner { limit: VERSION_TIMEOUT, ..runner.clone() };
        // Python 2 understands this question, too.
        let question = "import sys; print('%d %d %d ' % sys.version_info[:3] + sys.executable)";
        let outcome = runner.run(&[found.clone().into(), "-c".into(), question.into()])?;
        match &outcome.end {
            End::CouldNotStart(reason) => bail!("{reason}"),
            End::TimedOut(limit) => {
                bail!("{} did not print its version within {limit:?}", found.display())
            }
            _ => {}
        }
        let mut words = outcome.lines.first().map_or("", |line| &line.text).splitn(4, ' ');
        let mut number = || words.next()?.parse::<u32>().ok();
        let version = (number(), number(), number());
        let ((Some(major), Some(minor), Some(micro)), End::Exited(0)) = (version, &outcome.end)
        else {
            bail!("{} did not print its version as Python does", found.display());
        };
        let version = format!("{major}.{minor}.{micro}");
        let (oldest_major, oldest_minor) = OLDEST_PYTHON;
        ensure!(
            (major, minor) >= OLDEST_PYTHON,
            "{} is Python {version}, but {oldest_major}.{oldest_minor} or later is needed",
            found.display()
        );
        let executable = words.next().filter(|path| !path.is_empty()).map_or(found, PathBuf::from);
        Ok(Interpreter { executable, version })
    }
}

/// How long a Python may take to print its version. It may have to be loaded from a slow disk.
const VERSION_TIMEOUT: Duration = Duration::from_secs(20);

/// The examples' executables, by the name of their section. The default has none.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Examples(HashMap<String, PathBuf>);

impl Examples {
    /// Builds them with cargo, in the profile of this harness: debug or release. Cargo shows its progress
    /// if stderr is a terminal, and errors always.
    ///
    /// # Errors
    ///
    /// When cargo can't be started or the build fails.
    pub fn build(runner: &Runner) -> Result<Examples> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let cargo = which::which(&cargo)
            .map_err(|_| anyhow!("cannot build the examples: cannot find {cargo:?}"))?;
        let mut build = vec![cargo.into(), "build".into(), "--bins".into()];
        build.push("--message-format=json-render-diagnostics".into());
        build.extend(
            DOCUMENT.iter().map(|section| format!("--package={}", package(section)).into()),
        );
        if !cfg!(debug_assertions) {
            build.push("--release".into());
        }
        if !io::stderr().is_terminal() {
            build.push("--quiet".into());
        }
        let (mut command, _connection) = runner.supervised(&build)?;
        command.current_dir(WORKSPACE).stderr(Stdio::inherit());
        let output = command.output().context("cannot start the supervisor of cargo")?;
        ensure!(output.status.success(), "cargo could not build the examples");

        let mut examples = HashMap::new();
        for message in serde_json::Deserializer::from_slice(&output.stdout).into_iter() {
            let message: CargoMessage = message.context("cannot read what cargo printed")?;
            let section = DOCUMENT.iter().find(|section| message.is_from(&package(section)));
            if let (Some(section), Some(executable)) = (section, message.executable) {
                examples.insert(section.name.to_owned(), executable);
            }
        }
        for section in DOCUMENT {
            let built = examples.contains_key(section.name);
            ensure!(built, "cargo did not report the executable of {}", package(section));
        }
        Ok(Examples(examples))
    }

    /// The executable of a section.
    pub fn executable(&self, section: &Section) -> &Path {
        &self.0[section.name]
    }
}

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn package(section: &Section) -> String {
    format!("examples-{}", section.name)
}

/// The part of cargo's messages that the harness reads ("External tools" in The Cargo Book).
#[derive(Deserialize)]
struct CargoMessage {
    target: Option<CargoTarget>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct CargoTarget {
    name: String,
}

impl CargoMessage {
    fn is_from(&self, package: &str) -> bool {
        self.target.as_ref().is_some_and(|target| target.name == package)
    }
}

/// The version of the Rust compiler, like `1.95.0`, if there is one.
pub fn rust_version() -> Option<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").current_dir(WORKSPACE).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split(' ').nth(1).map(str::to_owned)
}

/// One implementation of one listing.
#[derive(Clone, Debug)]
pub struct Program {
    /// The section of the listing.
    pub section: &'static Section,
    /// The listing.
    pub listing: &'static Listing,
    /// The language and library.
    pub implementation: Implementation,
    /// The implementation as it is shown in tables: with the version if there are several Pythons.
    pub label: String,
    /// The interpreter, if this is a Python program and an interpreter was found.
    pub interpreter: Option<Interpreter>,
    /// The executable and its arguments. `None` if this is a Python program and no interpreter was found.
    pub command: Option<Vec<OsString>>,
}

impl Program {
    /// All programs that `check` runs, in the document's order. Each Python program comes once for each
    /// interpreter, and once without a command if there is no interpreter.
    pub fn all(examples: &Examples, interpreters: &[Interpreter]) -> Vec<Program> {
        let of_section = |section: &'static Section| {
            let listings = section.checked_listings();
            listings.flat_map(move |listing| Program::of(section, listing, examples, interpreters))
        };
        DOCUMENT.iter().flat_map(of_section).collect()
    }

    /// The programs of one listing, in the same order. Those in Rust are left out if they were not built.
    pub fn of(
        section: &'static Section,
        listing: &'static Listing,
        examples: &Examples,
        interpreters: &[Interpreter],
    ) -> Vec<Program> {
        let program =
            |implementation: Implementation, interpreter: Option<Interpreter>, command| {
                let label = match &interpreter {
                    Some(python) if interpreters.len() > 1 => {
                        format!("{implementation} {}", python.version)
                    }
                    _ => implementation.to_string(),
                };
                Program { section, listing, implementation, label, interpreter, command }
            };
        let mut programs = Vec::new();
        for &implementation in Implementation::value_variants() {
            if implementation != Implementation::Python {
                programs.extend(examples.0.get(section.name).map(|executable| {
                    let runtime = implementation.to_string().into();
                    let name = listing.name.into();
                    let command = vec![executable.into(), name, "--runtime".into(), runtime];
                    program(implementation, None, Some(command))
                }));
            } else if interpreters.is_empty() {
                programs.push(program(implementation, None, None));
            } else {
                programs.extend(interpreters.iter().map(|interpreter| {
                    let executable = interpreter.executable.clone().into();
                    let source = Path::new(WORKSPACE).join(package(section)).join("src");
                    let file = source.join(listing.folder).join("python.py");
                    let command = vec![executable, file.into()];
                    program(implementation, Some(interpreter.clone()), Some(command))
                }));
            }
        }
        programs
    }
}

/// Its name in tests and messages: `asyncio::multiple-tasks::tokio`.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}::{}", self.section.name, self.listing.name, self.implementation)
    }
}
