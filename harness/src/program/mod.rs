//! Which programs there are, and the command that starts each. Only this module uses cargo, and
//! finds Python and mpirun.

mod cargo;
mod mpi;
mod python;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::error::ErrorKind;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use self::cargo::Examples;
pub use self::cargo::{is_from_an_archive, locked_version, rust_version, workspace};
pub use self::python::Interpreter;
use crate::catalog::{Implementation, Listing, ROUNDS, SEVERAL_MACHINES, Section, all_listings};
use crate::run::Runner;

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

/// The error of a selection for which nothing can be run.
pub fn invalid_selection(message: impl fmt::Display) -> anyhow::Error {
    clap::Error::raw(ErrorKind::InvalidValue, message).into()
}

impl Selection {
    /// Whether cargo has to build the examples for it.
    pub fn needs_build(&self, runner: &Runner) -> bool {
        self.implementation != [Implementation::Python] && !is_from_an_archive(&runner.supervisor)
    }

    fn has(&self, implementation: Implementation) -> bool {
        self.implementation.is_empty() || self.implementation.contains(&implementation)
    }

    /// Whether a wanted listing has a selected implementation.
    pub fn has_any(&self, is_wanted: impl Fn(&Section, &Listing) -> bool) -> bool {
        all_listings().any(|(section, listing)| {
            is_wanted(section, listing) && listing.implementations.iter().any(|one| self.has(*one))
        })
    }

    /// Finds the interpreters and mpirun, and builds the examples, as far as they are selected.
    ///
    /// # Errors
    ///
    /// That of [`invalid_selection`], and those of the build.
    pub fn build(&self, runner: &Runner) -> Result<Executables> {
        let only_python = self.implementation == [Implementation::Python];
        if only_python && self.no_python {
            let message = "nothing to run: --implementation python and --no-python";
            return Err(invalid_selection(message));
        }
        let mut interpreters = self.find_interpreters(runner)?;
        ensure!(!only_python || !interpreters.is_empty(), "nothing to run: no Python was found");
        let begun = Instant::now();
        let examples = if only_python { Examples::new() } else { cargo::build_examples(runner)? };
        let build_time = self.needs_build(runner).then(|| begun.elapsed());
        let all = Implementation::value_variants().iter().copied();
        let implementations = all.filter(|implementation| self.has(*implementation)).collect();
        let mpirun = mpi::find_mpirun(runner);
        for interpreter in &mut interpreters {
            interpreter.has_mpi4py = mpirun.is_ok() && interpreter.can_import_mpi4py(runner);
        }
        let why_no_python =
            if self.no_python { "--no-python was given" } else { "no Python was found" };
        let (why_no_python, hostfile) = (why_no_python.to_owned(), None);
        Ok(Executables {
            implementations,
            examples,
            build_time,
            interpreters,
            why_no_python,
            mpirun,
            hostfile,
        })
    }

    /// Finds what `--python` names, or else `python3` if it is there.
    fn find_interpreters(&self, runner: &Runner) -> Result<Vec<Interpreter>> {
        if self.no_python || !self.has(Implementation::Python) {
            return Ok(Vec::new());
        }
        if self.python.is_empty() {
            let found = Interpreter::find(Path::new("python3"), runner);
            if let Err(error) = &found {
                eprintln!(
                    "The Python programs are skipped; name a Python with --python: {error:#}"
                );
            }
            return Ok(found.into_iter().collect());
        }
        let find = |name: &PathBuf| {
            Interpreter::find(name, runner).map_err(|error| {
                let name = name.display();
                invalid_selection(format!(
                    "invalid value '{name}' for '--python <PATH>': {error:#}"
                ))
            })
        };
        let mut interpreters: Vec<Interpreter> = Vec::new();
        for name in &self.python {
            let found = find(name)?;
            if interpreters.iter().all(|other| other.executable != found.executable) {
                interpreters.push(found);
            }
        }
        Ok(interpreters)
    }
}

/// What the selected programs are started with.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Executables {
    implementations: Vec<Implementation>,
    examples: Examples,
    /// How long cargo took to build the examples, if it did.
    pub build_time: Option<Duration>,
    /// The Pythons.
    pub interpreters: Vec<Interpreter>,
    /// Why there are none, if there are none.
    why_no_python: String,
    /// Or why there is none.
    mpirun: Result<PathBuf, String>,
    /// The machines for mpirun, instead of this one.
    hostfile: Option<PathBuf>,
}

impl Executables {
    /// Lets mpirun start programs on the machines of a host file.
    pub fn with_hostfile(self, hostfile: Option<PathBuf>) -> Executables {
        Executables { hostfile, ..self }
    }

    /// Returns the executable of a section's package.
    ///
    /// # Panics
    ///
    /// If only Python programs were selected, and it was not built.
    pub fn example(&self, section: &Section) -> &Path {
        &self.examples[&section.package()]
    }

    /// The selected programs of the listings for which `is_wanted` holds. First come those of the
    /// document. Each Python program comes once for each interpreter, and once if there is none.
    pub fn programs(&self, is_wanted: impl Fn(&Section, &Listing) -> bool) -> Vec<Program> {
        let wanted = all_listings().filter(|(section, listing)| is_wanted(section, listing));
        let of_listing = |(section, listing)| self.programs_of(section, listing);
        let mut programs: Vec<_> = wanted.flat_map(of_listing).collect();
        programs.sort_by_key(|program| program.listing.group);
        programs
    }

    fn programs_of(&self, section: &'static Section, listing: &'static Listing) -> Vec<Program> {
        let mut programs = Vec::new();
        let is_selected =
            |implementation: &&Implementation| self.implementations.contains(*implementation);
        for &implementation in listing.implementations.iter().filter(is_selected) {
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
            let file = section.folder(listing).join(implementation.file_name());
            command.push(workspace().join(file).into());
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
                Err(format!("Python {} cannot import mpi4py", python.version))
            }
            None if !cfg!(feature = "mpi") => {
                Err("the harness was built without --features mpi".to_owned())
            }
            _ => Ok(mpi::start_ranks(&mpirun, self.hostfile.as_deref())),
        }
    }
}
