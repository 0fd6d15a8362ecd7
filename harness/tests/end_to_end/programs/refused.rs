//! What a crowd prints if the system refuses another thread or process. (For the pools of the
//! runtimes, see the README of the section on threading.)

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::catalog::{CROWD, Implementation};
use harness::program::{Interpreter, Program};
use harness::run::End;
use libtest_mimic::Trial;
use nix::unistd::geteuid;

use crate::setting::{LONG, Setting, TestResult, runner};

/// How many threads and processes a confined program may have.
const LIMIT: u32 = 20;

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let mut trials = Vec::new();
    for program in setting.executables.programs(|_, listing| listing.name == CROWD) {
        let starts_threads =
            matches!(program.implementation, Implementation::Python | Implementation::StdOnly);
        let what = match program.section.name {
            "threading" if starts_threads => "thread",
            "multiprocessing" => "process",
            _ => continue,
        };
        let is_python = program.implementation == Implementation::Python;
        let python = setting.confined_python.clone().filter(|_| is_python);
        let is_ignored = program.command.is_err() || is_python && python.is_none();
        let name = format!("refused::{program}");
        let number = trials.len() as u32;
        let test =
            move || reports_the_number_that_could_not_be_started(&program, what, number, python);
        trials.push(Trial::test(name, test).with_ignored_flag(is_ignored));
    }
    trials
}

/// A command that starts a program with a limit on threads and processes. The limit does not
/// hold for the superuser, and it counts all processes of a user. So root switches to the id of
/// a user that has no other process.
pub fn confined(number: u32, limit: u32) -> Vec<OsString> {
    let user = format!("setpriv --reuid={} --clear-groups ", 54_321 + number);
    let user = if geteuid().is_root() { user } else { String::new() };
    format!("{user}prlimit --nproc={limit}").split(' ').map(Into::into).collect()
}

/// Copies a file to a place where every user can read it. Another process copies it: a file
/// that is open for writing can't be executed, and a child that another test starts just now
/// would inherit our open file.
pub fn copy(file: &Path, folder: &Path) -> std::io::Result<PathBuf> {
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    let copy = folder.join(file.file_name().unwrap_or_default());
    let status = Command::new("cp").arg(file).arg(&copy).status()?;
    assert!(status.success());
    Ok(copy)
}

/// A Python that such a user can start: one of those that were found, or the system's.
pub fn find_python(interpreters: &[Interpreter]) -> Option<PathBuf> {
    let found = interpreters.iter().map(|interpreter| interpreter.executable.clone());
    found.chain(["/usr/bin/python3".into()]).find(|python| {
        let mut command = confined(0, LIMIT);
        command.extend([python.into(), "-c".into(), "pass".into()]);
        let outcome = runner(LONG).run(&command);
        outcome.end == End::Exited(0)
    })
}

/// It prints which one failed, exits with status 1, and leaves no process behind:
/// `End::LeftBehind` is not `Exited`.
fn reports_the_number_that_could_not_be_started(
    program: &Program,
    what: &str,
    number: u32,
    python: Option<PathBuf>,
) -> TestResult {
    let folder = tempfile::tempdir()?;
    let mut own = program.command.clone()?;
    match python {
        Some(python) => own = vec![python.into(), copy(own[1].as_ref(), folder.path())?.into()],
        None => own[0] = copy(own[0].as_ref(), folder.path())?.into(),
    }
    let mut command = confined(number, LIMIT);
    command.extend(own);
    command.extend(["--count", "100"].map(Into::into));
    let outcome = runner(LONG).run(&command);
    assert_eq!(outcome.end, End::Exited(1), "{outcome:?}");
    assert_eq!(outcome.lines, [], "{outcome:?}");
    let [error] = &outcome.stderr[..] else {
        return Err(format!("not one line on stderr: {outcome:?}").into());
    };
    let (before, after) = error.text.split_once(" of 100: ").ok_or_else(|| error.text.clone())?;
    assert!(error.text.starts_with("error: "), "{}", error.text);
    let number = before.rsplit_once(&format!("{what} ")).map(|(_, number)| number.parse::<u32>());
    assert!(matches!(number, Some(Ok(1..=20))), "{}", error.text);
    let reasons = ["Resource temporarily unavailable", "can't start new thread"];
    assert!(reasons.iter().any(|reason| after.contains(reason)), "{}", error.text);
    Ok(())
}
