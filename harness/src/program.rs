//! Lists the programs, with the command that starts each. Only this module uses cargo, and finds
//! Python and mpirun.

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
use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};

use crate::catalog::{Listing, NAMES, ROUNDS, SECTIONS, SEVERAL_MACHINES, Section};
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
    /// rsmpi
    Mpi,
}

impl Implementation {
    /// The implementations that a listing has.
    pub fn of(listing: &Listing) -> &'static [Implementation] {
        use Implementation::{AsyncStd, Mpi, Python, Smol, StdOnly, Tokio};
        match listing.name {
            SEVERAL_MACHINES => &[Python, Mpi],
            _ => &[Python, StdOnly, Tokio, AsyncStd, Smol],
        }
    }
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
    /// Whether it can import mpi4py. It is asked only where mpirun is found.
    has_mpi4py: bool,
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
        Ok(Interpreter { executable, version, has_mpi4py: false })
    }

    /// Asks it to import mpi4py, which loads the MPI library. This does not initialize MPI.
    fn can_import_mpi4py(&self, runner: &Runner) -> bool {
        let question = "import mpi4py; mpi4py.rc.initialize = False; from mpi4py import MPI";
        let runner = Runner { limit: VERSION_TIMEOUT, ..runner.clone() };
        let command = [self.executable.clone().into(), "-c".into(), question.into()];
        runner.run(&command).end == End::Exited(0)
    }
}

/// The limit of a program that is asked for its version, and of an import. It has three times as
/// long until its first line, or its end without one, because it may have to be loaded from a slow
/// disk.
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
pub struct InvalidSelection(pub String);

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
        let mut interpreters = self.find_interpreters(runner)?;
        ensure!(!only_python || !interpreters.is_empty(), "nothing to run: no Python was found");
        let examples = if only_python {
            HashMap::new()
        } else if is_from_an_archive(&runner.supervisor) {
            find_archived_examples(runner)?
        } else {
            build_examples(runner)?
        };
        let all = Implementation::value_variants().iter().copied();
        let implementations = all.filter(|implementation| self.has(*implementation)).collect();
        let mpirun = find_mpirun(runner);
        for interpreter in &mut interpreters {
            interpreter.has_mpi4py = mpirun.is_ok() && interpreter.can_import_mpi4py(runner);
        }
        let why_no_python =
            if self.no_python { "--no-python was given" } else { "no Python was found" };
        let (why_no_python, hostfile) = (why_no_python.to_owned(), None);
        Ok(Executables { implementations, examples, interpreters, why_no_python, mpirun, hostfile })
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
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Executables {
    implementations: Vec<Implementation>,
    /// The executables of the examples, by the name of their section.
    examples: HashMap<String, PathBuf>,
    /// The Pythons.
    pub interpreters: Vec<Interpreter>,
    /// Why there are none, if there are none.
    why_no_python: String,
    /// Or why there is none.
    mpirun: Result<PathBuf, String>,
    /// The machines for mpirun, instead of this one.
    pub hostfile: Option<PathBuf>,
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
    /// program comes once for each interpreter, and once if there is none.
    pub fn programs<L: Iterator<Item = &'static Listing>>(
        &self,
        listings: impl Fn(&'static Section) -> L,
    ) -> Vec<Program> {
        let of_section = |section| listings(section).flat_map(|one| self.programs_of(section, one));
        SECTIONS.iter().flat_map(of_section).collect()
    }

    fn programs_of(&self, section: &'static Section, listing: &'static Listing) -> Vec<Program> {
        let mut programs = Vec::new();
        let is_selected =
            |implementation: &&Implementation| self.implementations.contains(*implementation);
        for &implementation in Implementation::of(listing).iter().filter(is_selected) {
            let mut interpreters = vec![None];
            if implementation == Implementation::Python && !self.interpreters.is_empty() {
                interpreters = self.interpreters.iter().map(Some).collect();
            }
            programs.extend(interpreters.into_iter().map(|interpreter| {
                let label = match interpreter {
                    Some(python) if self.interpreters.len() > 1 => {
                        format!("{implementation} {}", python.version)
                    }
                    _ => implementation.to_string(),
                };
                let command = self.command(section, listing, implementation, interpreter);
                let interpreter = interpreter.cloned();
                Program { section, listing, implementation, label, interpreter, command }
            }));
        }
        programs
    }

    /// The command of a program.
    ///
    /// # Errors
    ///
    /// Why it is skipped.
    fn command(
        &self,
        section: &Section,
        listing: &Listing,
        implementation: Implementation,
        interpreter: Option<&Interpreter>,
    ) -> Result<Vec<OsString>, String> {
        let is_python = implementation == Implementation::Python;
        if is_python && interpreter.is_none() {
            return Err(self.why_no_python.clone());
        }
        let with_mpi = listing.name == SEVERAL_MACHINES;
        let mut command = if with_mpi { self.mpirun(interpreter)? } else { Vec::new() };
        if let Some(python) = interpreter {
            command.push(python.executable.clone().into());
            if with_mpi {
                // Ends all ranks if one raises an exception.
                command.extend(["-m", "mpi4py"].map(Into::into));
            }
            let source = workspace().join(package(section)).join("src");
            command.push(source.join(listing.folder).join("python.py").into());
        } else {
            command.extend([self.example(section).into(), listing.name.into()]);
        }
        if with_mpi {
            command.extend(["--rounds".into(), ROUNDS.to_string().into()]);
        } else if !is_python {
            command.extend(["--runtime".into(), implementation.to_string().into()]);
        }
        Ok(command)
    }

    /// The part of a command that starts a rank for each greeter. The interpreter is that of a
    /// Python program.
    ///
    /// # Errors
    ///
    /// Why the program is skipped.
    fn mpirun(&self, interpreter: Option<&Interpreter>) -> Result<Vec<OsString>, String> {
        let mpirun = self.mpirun.clone()?;
        match interpreter {
            Some(python) if !python.has_mpi4py => {
                return Err(format!("Python {} cannot import mpi4py", python.version));
            }
            None if !cfg!(feature = "mpi") => {
                return Err("the harness was built without --features mpi".to_owned());
            }
            _ => {}
        }
        let mut command = vec![mpirun.into()];
        if geteuid().is_root() {
            command.push("--allow-run-as-root".into()); // CI often is root.
        }
        match &self.hostfile {
            Some(file) => {
                command.extend(["--hostfile".into(), file.into()]);
                // Otherwise it cuts the names in the file at their first dot.
                command.extend(["--mca", "orte_keep_fqdn_hostnames", "1"].map(Into::into));
                // Notices after 5 s that a machine does not answer. The default is 8 minutes.
                for (name, value) in [("time", "2"), ("intvl", "1"), ("probes", "3")] {
                    let name = format!("oob_tcp_keepalive_{name}");
                    command.extend(["--mca".into(), name.into(), value.into()]);
                }
            }
            // Without this, it starts no more ranks than there are cores.
            None => command.extend(["--host".into(), format!("localhost:{RANKS}").into()]),
        }
        // A rank that waits in a collective polls. With this, it lets other programs run.
        command.extend(["--mca", "mpi_yield_when_idle", "1"].map(Into::into));
        command.extend(["-n".into(), RANKS.to_string().into()]);
        Ok(command)
    }
}

/// How many ranks `several-machines` has: one for each greeter.
const RANKS: usize = NAMES.len();

/// Finds Open MPI's mpirun. Another one has other options.
///
/// # Errors
///
/// Why it cannot be used.
fn find_mpirun(runner: &Runner) -> Result<PathBuf, String> {
    let mpirun = which::which("mpirun").map_err(|_| "mpirun was not found")?;
    let runner = Runner { limit: VERSION_TIMEOUT, ..runner.clone() };
    let outcome = runner.run(&[mpirun.clone().into(), "--version".into()]);
    if outcome.lines.iter().any(|line| line.text.contains("Open MPI")) {
        Ok(mpirun)
    } else {
        Err(format!("{} is not that of Open MPI", mpirun.display()))
    }
}

/// Whether nextest has unpacked this executable of the harness from an archive. Then the archive
/// has the examples, too, and this machine may have no cargo.
pub fn is_from_an_archive(harness: &Path) -> bool {
    let metadata = "nextest/binaries-metadata.json";
    harness.ancestors().any(|folder| folder.join(metadata).exists())
}

/// Finds the examples of an archive: beside the harness's own executable.
fn find_archived_examples(runner: &Runner) -> Result<HashMap<String, PathBuf>> {
    let find = |section: &Section| {
        let file = runner.supervisor.with_file_name(package(section));
        ensure!(file.exists(), "the archive does not have {}", file.display());
        Ok((section.name.to_owned(), file))
    };
    SECTIONS.iter().map(find).collect()
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

/// The folder of the workspace. nextest says where it is, because it may run tests that were
/// compiled in another one.
pub fn workspace() -> PathBuf {
    let compiled_in = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    env::var_os("NEXTEST_WORKSPACE_ROOT").map_or_else(|| compiled_in.into(), PathBuf::from)
}

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
    let output = Command::new(rustc).arg("--version").current_dir(workspace()).output().ok()?;
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
    /// The executable and its arguments, or why the program is skipped.
    pub command: Result<Vec<OsString>, String>,
}

/// Its name in tests and messages: `asyncio::multiple-tasks::tokio`.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}::{}", self.section.name, self.listing.name, self.implementation)
    }
}
