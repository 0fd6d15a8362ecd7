//! Lists the programs, with the command that starts each. Only this module uses cargo and finds
//! Python.

use std::collections::HashMap;
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fmt};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::catalog::{Listing, SECTIONS, Section};
use crate::run::{End, Runner};

/// What a program is written with: a column of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
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
    /// The executable itself, not a wrapper script that selects one.
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
    /// If it is not there, cannot be started, is not Python, or is too old.
    pub fn find(name: &Path, runner: &Runner) -> Result<Interpreter> {
        ensure!(!name.is_dir(), "cannot start {}: it is a directory", name.display());
        let found = which::which(name).map_err(|_| {
            anyhow!("cannot start {}: not found, or not executable", name.display())
        })?;
        let runner = Runner { limit: VERSION_TIMEOUT, keeps_environment: true, ..runner.clone() };
        // This code also runs on Python 2.
        let question = "import sys; print('%d %d %d ' % sys.version_info[:3] + sys.executable)";
        let outcome = runner.run(&[found.clone().into(), "-c".into(), question.into()]);
        match &outcome.end {
            End::CouldNotStart(reason) => bail!("{reason}"),
            End::NoLine(limit) => {
                bail!("{} did not print its version within {limit:?}", found.display())
            }
            End::TimedOut(limit) => {
                bail!("{} was still running {limit:?} after its first line", found.display())
            }
            _ => {}
        }
        let mut words = outcome.lines.first().map_or("", |line| &line.text).splitn(4, ' ');
        let mut number = || words.next()?.parse::<u32>().ok();
        let version = (number(), number(), number());
        let ((Some(major), Some(minor), Some(micro)), End::Exited(0)) = (version, &outcome.end)
        else {
            bail!("{} is not Python: it printed no version", found.display());
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

/// The limit of a Python that prints its version. It has three times as long to print the version,
/// because it may have to be loaded from a slow disk.
const VERSION_TIMEOUT: Duration = Duration::from_secs(10);

/// Which implementations run, and on which Pythons.
#[derive(Args, Clone, Debug, Default)]
pub struct Selection {
    /// Run only this implementation; may be repeated
    #[arg(long, value_name = "IMPLEMENTATION")]
    pub implementation: Vec<Implementation>,

    /// The Python interpreter; may be repeated, with a column for each [default: python3, if there
    /// is one]
    #[arg(long, value_name = "PATH", conflicts_with = "no_python")]
    pub python: Vec<PathBuf>,

    /// Skip the Python programs
    #[arg(long)]
    pub no_python: bool,
}

/// A selection for which nothing can be run.
#[derive(Debug)]
pub struct InvalidSelection(String);

impl fmt::Display for InvalidSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for InvalidSelection {}

impl Selection {
    fn has(&self, implementation: Implementation) -> bool {
        self.implementation.is_empty() || self.implementation.contains(&implementation)
    }

    /// Finds the interpreters and builds the examples, if they are selected.
    ///
    /// # Errors
    ///
    /// [`InvalidSelection`], and errors of the build.
    pub fn find(&self, runner: &Runner) -> Result<Executables> {
        let only_python = self.implementation == [Implementation::Python];
        if only_python && self.no_python {
            let message = "nothing to run: --implementation python and --no-python";
            bail!(InvalidSelection(message.to_owned()));
        }
        let interpreters = self.find_interpreters(runner)?;
        ensure!(!only_python || !interpreters.is_empty(), "nothing to run: no Python was found");
        let examples = if only_python { HashMap::new() } else { build_examples(runner)? };
        let all = Implementation::value_variants().iter().copied();
        let implementations = all.filter(|implementation| self.has(*implementation)).collect();
        Ok(Executables { implementations, examples, interpreters })
    }

    /// Finds what `--python` names, or else `python3` if it is there.
    fn find_interpreters(&self, runner: &Runner) -> Result<Vec<Interpreter>> {
        if self.no_python || !self.has(Implementation::Python) {
            return Ok(Vec::new());
        }
        if self.python.is_empty() {
            let found = Interpreter::find(Path::new("python3"), runner);
            if let Err(error) = &found {
                eprintln!("The Python programs are skipped: {error:#}; pass one with --python");
            }
            return Ok(found.into_iter().collect());
        }
        let find = |name: &PathBuf| {
            Interpreter::find(name, runner).map_err(|error| {
                let name = name.display();
                let message = format!("invalid value '{name}' for '--python <PATH>': {error:#}");
                InvalidSelection(message).into()
            })
        };
        self.python.iter().map(find).collect()
    }
}

/// What the selected programs are started with.
#[derive(Debug, Deserialize, Serialize)]
pub struct Executables {
    implementations: Vec<Implementation>,
    /// The executables of the examples, by the name of their section.
    examples: HashMap<String, PathBuf>,
    /// The Pythons.
    pub interpreters: Vec<Interpreter>,
}

impl Executables {
    /// Returns the executable of a section's package.
    ///
    /// # Panics
    ///
    /// If only Python programs were selected, and it was not built.
    pub fn example(&self, section: &Section) -> &Path {
        &self.examples[section.name]
    }

    /// All selected programs of some listings of each section, in the document's order. Each Python
    /// program comes once for each interpreter, and once without a command if there is no
    /// interpreter.
    pub fn programs<L: Iterator<Item = &'static Listing>>(
        &self,
        listings: impl Fn(&'static Section) -> L,
    ) -> Vec<Program> {
        let of_section = |section| listings(section).flat_map(|one| self.programs_of(section, one));
        SECTIONS.iter().flat_map(of_section).collect()
    }

    fn programs_of(&self, section: &'static Section, listing: &'static Listing) -> Vec<Program> {
        let program =
            |implementation: Implementation, interpreter: Option<&Interpreter>, command| {
                let label = match interpreter {
                    Some(python) if self.interpreters.len() > 1 => {
                        format!("{implementation} {}", python.version)
                    }
                    _ => implementation.to_string(),
                };
                let interpreter = interpreter.cloned();
                Program { section, listing, implementation, label, interpreter, command }
            };
        let mut programs = Vec::new();
        for &implementation in &self.implementations {
            if implementation != Implementation::Python {
                let executable = self.example(section).into();
                let runtime = implementation.to_string().into();
                let command = vec![executable, listing.name.into(), "--runtime".into(), runtime];
                programs.push(program(implementation, None, Some(command)));
            } else if self.interpreters.is_empty() {
                programs.push(program(implementation, None, None));
            } else {
                programs.extend(self.interpreters.iter().map(|interpreter| {
                    let source = Path::new(WORKSPACE).join(package(section)).join("src");
                    let file = source.join(listing.folder).join("python.py");
                    let command = vec![interpreter.executable.clone().into(), file.into()];
                    program(implementation, Some(interpreter), Some(command))
                }));
            }
        }
        programs
    }
}

/// Builds the examples with cargo, in the profile of this harness: debug or release. Cargo always
/// shows errors, and its progress if stderr is a terminal.
///
/// # Errors
///
/// If cargo cannot be started, or if the build fails.
fn build_examples(runner: &Runner) -> Result<HashMap<String, PathBuf>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let cargo = which::which(&cargo)
        .map_err(|_| anyhow!("cannot build the examples: cannot find {cargo:?}"))?;
    let mut build = vec![cargo.into(), "build".into(), "--bins".into()];
    build.push("--message-format=json-render-diagnostics".into());
    build.extend(SECTIONS.iter().map(|section| format!("--package={}", package(section)).into()));
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
        let section = SECTIONS.iter().find(|section| message.is_from(&package(section)));
        if let (Some(section), Some(executable)) = (section, message.executable) {
            examples.insert(section.name.to_owned(), executable);
        }
    }
    for section in SECTIONS {
        let built = examples.contains_key(section.name);
        ensure!(built, "cargo did not report the executable of {}", package(section));
    }
    Ok(examples)
}

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn package(section: &Section) -> String {
    format!("examples-{}", section.name)
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

impl CargoMessage {
    fn is_from(&self, package: &str) -> bool {
        self.target.as_ref().is_some_and(|target| target.name == package)
    }
}

/// Returns the version of the Rust compiler, like `1.95.0`, if there is one.
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
    /// The executable and its arguments. `None` if this is a Python program and no interpreter was
    /// found.
    pub command: Option<Vec<OsString>>,
}

/// Its name in tests and messages: `asyncio::multiple-tasks::tokio`.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}::{}", self.section.name, self.listing.name, self.implementation)
    }
}
