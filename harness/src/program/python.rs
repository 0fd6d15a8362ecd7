//! Finds Python.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::run::{End, Runner};

/// A Python interpreter.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Interpreter {
    /// The executable itself, not a wrapper script that selects one.
    pub executable: PathBuf,
    /// Like `3.11.7`, or `PyPy 7.3.11 (Python 3.9.16)` if it is not CPython.
    pub version: String,
    /// Whether it can import mpi4py. It is asked only where mpirun is found.
    pub(super) has_mpi4py: bool,
}

/// The oldest Python that the `python.py` files are written for.
const OLDEST_PYTHON: (u32, u32) = (3, 8);

/// Prints its version, the name and the version of the implementation, and its executable. Python 2
/// has no `sys.implementation`.
const QUESTION: &str = r#"
import platform, sys
python = sys.version_info[:3]
version = sys.implementation.version[:3] if python >= (3, 3) else python
name = platform.python_implementation()
print("%d %d %d %s %d.%d.%d %s" % (python + (name,) + version + (sys.executable,)))
"#;

/// The limit of a program that is asked for its version, and of an import. It has three times as
/// long until its first line, or its end without one, because it may have to be loaded from a slow
/// disk.
pub(super) const VERSION_TIMEOUT: Duration = Duration::from_secs(10);

impl Interpreter {
    /// Finds `name`, a path or a name on the `PATH`, and asks it for its version, in the
    /// environment in which programs run.
    ///
    /// # Errors
    ///
    /// If it is not there, cannot be started, is not Python, or is too old.
    pub fn find(name: &Path, runner: &Runner) -> Result<Interpreter> {
        ensure!(!name.is_dir(), "cannot start {}: it is a directory", name.display());
        let found = which::which(name).map_err(|_| {
            anyhow!("cannot start {}: not found, or not executable", name.display())
        })?;
        let runner = Runner { limit: VERSION_TIMEOUT, ..runner.clone() };
        let outcome = runner.run(&[found.clone().into(), "-c".into(), QUESTION.into()]);
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
        // The last line, because a sitecustomize may print others before.
        let mut words = outcome.lines.last().map_or("", |line| &line.text).splitn(6, ' ');
        let mut number = || words.next()?.parse::<u32>().ok();
        let version = (number(), number(), number());
        let ((Some(major), Some(minor), Some(micro)), End::Exited(0)) = (version, &outcome.end)
        else {
            let mut error = format!("{} printed no Python version", found.display());
            if !outcome.stderr.is_empty() {
                let stderr = outcome.stderr.iter().map(|line| line.text.as_str());
                error += &format!(", but on stderr:\n{}", stderr.collect::<Vec<_>>().join("\n"));
            }
            bail!(error);
        };
        let python = format!("{major}.{minor}.{micro}");
        let (oldest_major, oldest_minor) = OLDEST_PYTHON;
        ensure!(
            (major, minor) >= OLDEST_PYTHON,
            "{} is Python {python}, but {oldest_major}.{oldest_minor} or later is needed",
            found.display()
        );
        let version = match (words.next(), words.next()) {
            (Some(name), Some(version)) if name != "CPython" => {
                format!("{name} {version} (Python {python})")
            }
            _ => python,
        };
        let executable = words.next().filter(|path| !path.is_empty()).map_or(found, PathBuf::from);
        Ok(Interpreter { executable, version, has_mpi4py: false })
    }

    /// Asks it to import mpi4py, which loads the MPI library. This does not initialize MPI.
    pub(super) fn can_import_mpi4py(&self, runner: &Runner) -> bool {
        let question = "import mpi4py; mpi4py.rc.initialize = False; from mpi4py import MPI";
        let runner = Runner { limit: VERSION_TIMEOUT, ..runner.clone() };
        let command = [self.executable.clone().into(), "-c".into(), question.into()];
        runner.run(&command).end == End::Exited(0)
    }
}
