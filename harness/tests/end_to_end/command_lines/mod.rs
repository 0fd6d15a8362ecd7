//! The command lines of the harness and of the examples: what they print where, and their exit
//! status.

mod check;
mod examples;
mod interrupted;
mod measuring;

use std::fs;
use std::io;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Output};

use insta::{Settings, assert_snapshot};
use libtest_mimic::Trial;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, openpty};
use tempfile::TempDir;

use crate::setting::{Setting, harness, text, this_folder};

pub fn trials(setting: &'static Setting) -> Vec<Trial> {
    let mut trials = examples::trials(setting);
    trials.extend(check::trials());
    trials.extend(measuring::trials());
    trials.extend(interrupted::trials());
    trials
}

/// Runs a command, and returns its exit status, its stdout and its stderr. Lines that begin with a
/// number of seconds are left out of stderr: only a slow machine gets them, every ten seconds.
fn run(command: &mut Command) -> io::Result<(Option<i32>, String, String)> {
    let Output { status, stdout, stderr } = command.output()?;
    let stderr = text(&stderr);
    let lines = stderr.split_inclusive('\n');
    let stderr = lines.filter(|line| !line.starts_with(|letter: char| letter.is_ascii_digit()));
    Ok((status.code(), text(&stdout), stderr.collect()))
}

/// Compares a text with a snapshot, in which `#` stands for numbers, and PYTHON for the path.
fn assert_shown(name: &str, shown: &str, python: &PretendPython) {
    let shown = shown.replace(&python.path().display().to_string(), "PYTHON");
    let mut text = String::new();
    for letter in shown.chars() {
        if !(text.ends_with('#') && "0123456789.e-".contains(letter)) {
            text.push(if letter.is_ascii_digit() { '#' } else { letter });
        }
    }
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(this_folder().join("command_lines/snapshots"));
    settings.bind(|| assert_snapshot!(name, text));
}

/// A script that prints a version like Python. As a program, it does what its variables say.
pub struct PretendPython {
    folder: TempDir,
}

impl PretendPython {
    /// `variables` is like `PRETEND=hang`. Programs get a clean environment, so the script reads
    /// them from a file beside the link that starts it.
    pub fn new(variables: &str) -> io::Result<PretendPython> {
        let folder = tempfile::tempdir()?;
        let script = this_folder().join("command_lines/pretend_python.sh");
        symlink(script, folder.path().join("python3"))?;
        fs::write(folder.path().join("variables"), variables)?;
        Ok(PretendPython { folder })
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("python3")
    }

    /// What its programs have written to a file.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The command of the harness with these arguments and this Python.
    pub fn harness(&self, arguments: &str) -> Command {
        let mut command = harness(arguments);
        command.arg("--python").arg(self.path());
        command
    }
}

/// A stream that nobody reads, so that writing to it fails as with a closed pipe. The reading end
/// of a pipe may have a copy in a child that another test starts just now.
fn closed_pipe() -> io::Result<OwnedFd> {
    let (stream, _) = UnixStream::pair()?;
    stream.shutdown(Shutdown::Write)?;
    Ok(stream.into())
}

/// A pseudoterminal that is closed on exec, so that only the child that gets it inherits it.
/// Otherwise, a test that reads to its end would wait for the children of other tests.
pub fn open_terminal() -> nix::Result<OpenptyResult> {
    let terminal = openpty(None, None)?;
    for end in [&terminal.master, &terminal.slave] {
        fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    }
    Ok(terminal)
}
