//! How one implementation of one listing is started: all that knows of cargo and Python.

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

/// What a listing is written in, or ported to.
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

/// A Python that was found and asked for its version.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Interpreter {
    /// The executable itself, not a script that chooses one.
    pub executable: PathBuf,
    /// Like `3.11.7`.
    pub version: String,
}

/// The oldest Python that the `python.py` files are written for.
const OLDEST_PYTHON: (u32, u32) = (3, 8);

impl Interpreter {
    /// Finds `name`, on the `PATH` if it is no path, and asks it for its version.
    ///
    /// # Errors
    ///
    /// When it isn't there, can't be started, is no Python, or is too old.
    pub fn find(name: &Path, runner: &Runner) -> Result<Interpreter> {
        let found = which::which(name)
            .map_err(|_| anyhow!("cannot start {}: not found, or no program", name.display()))?;
        let runner = Runner { limit: TIME_TO_ANSWER, ..runner.clone() };
        // So asked, even a Python too old answers.
        let question = "import sys; print('%d %d %d ' % sys.version_info[:3] + sys.executable)";
        let outcome = runner.run(&[found.clone().into(), "-c".into(), question.into()])?;
        match &outcome.end {
            End::CouldNotStart(reason) => bail!("{reason}"),
            End::TimedOut(limit) => {
                bail!("{} did not tell its version within {limit:?}", found.display())
            }
            _ => {}
        }
        let mut words = outcome.lines.first().map_or("", |line| &line.text).splitn(4, ' ');
        let mut number = || words.next()?.parse::<u32>().ok();
        let version = (number(), number(), number());
        let ((Some(major), Some(minor), Some(micro)), End::Exited(0)) = (version, &outcome.end)
        else {
            bail!(
                "{} was asked for its version and did not answer as Python does",
                found.display()
            );
        };
        let version = format!("{major}.{minor}.{micro}");
        let (oldest_major, oldest_minor) = OLDEST_PYTHON;
        ensure!(
            (major, minor) >= OLDEST_PYTHON,
            "{} is Python {version}, and {oldest_major}.{oldest_minor} or later is needed",
            found.display()
        );
        let executable = words.next().filter(|path| !path.is_empty()).map_or(found, PathBuf::from);
        Ok(Interpreter { executable, version })
    }
}

/// How long a Python may take to tell its version. It may have to be loaded from a slow disk.
const TIME_TO_ANSWER: Duration = Duration::from_secs(20);

/// The examples' executables, by the name of their section.
#[derive(Debug, Deserialize, Serialize)]
pub struct Examples(HashMap<String, PathBuf>);

impl Examples {
    /// Has cargo build them, as this harness was built: for debugging or for release. Cargo tells of
    /// its progress on a terminal, and of errors in any case.
    ///
    /// # Errors
    ///
    /// When cargo can't be started, or can't build them.
    pub fn build(runner: &Runner) -> Result<Examples> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let cargo = which::which(&cargo)
            .map_err(|_| anyhow!("cannot build the examples: no {cargo:?} was found"))?;
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
            ensure!(built, "cargo did not say where it built {}", package(section));
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

/// What the harness reads of the messages that cargo prints ("External tools" in The Cargo Book).
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

/// The version of Rust's compiler, like `1.95.0`, if it can be asked.
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
    /// What it is written in.
    pub implementation: Implementation,
    /// Which Python, if it is for Python and one was found.
    pub interpreter: Option<Interpreter>,
    /// The executable and its arguments. There is none if it is for Python and none was found.
    pub command: Option<Vec<OsString>>,
}

impl Program {
    /// All programs of the document, in its order. Those for Python come once for each interpreter,
    /// and once without a command if there is no interpreter.
    pub fn all(examples: &Examples, interpreters: &[Interpreter]) -> Vec<Program> {
        let of_section = |section: &'static Section| {
            let listings = section.listings.iter();
            listings.flat_map(move |listing| Program::of(section, listing, examples, interpreters))
        };
        DOCUMENT.iter().flat_map(of_section).collect()
    }

    /// The programs of one listing, in the same order.
    pub fn of(
        section: &'static Section,
        listing: &'static Listing,
        examples: &Examples,
        interpreters: &[Interpreter],
    ) -> Vec<Program> {
        let program = |implementation, interpreter, command| Program {
            section,
            listing,
            implementation,
            interpreter,
            command,
        };
        let mut programs = Vec::new();
        for &implementation in Implementation::value_variants() {
            if implementation != Implementation::Python {
                let executable = examples.executable(section).into();
                let runtime = implementation.to_string().into();
                let command = vec![executable, listing.name.into(), "--runtime".into(), runtime];
                programs.push(program(implementation, None, Some(command)));
            } else if interpreters.is_empty() {
                programs.push(program(implementation, None, None));
            } else {
                programs.extend(interpreters.iter().map(|interpreter| {
                    let executable = interpreter.executable.clone().into();
                    let command = vec![executable, python_file(section, listing).into()];
                    program(implementation, Some(interpreter.clone()), Some(command))
                }));
            }
        }
        programs
    }
}

fn python_file(section: &Section, listing: &Listing) -> PathBuf {
    let is_in_the_document = section.listings.iter().any(|other| other.name == listing.name);
    let group = if is_in_the_document { "" } else { "beyond" };
    let folder = Path::new(WORKSPACE).join(package(section)).join("src").join(group);
    folder.join(listing.name.replace('-', "_")).join("python.py")
}

/// As tests are named: `asyncio::multiple-tasks::tokio`.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}::{}", self.section.name, self.listing.name, self.implementation)
    }
}
