//! The two listings that are measured, in every implementation: a crowd of 100, and four
//! computations with few rounds. And the error of a crowd if the system refuses another thread or
//! process.

use std::iter::once;
use std::time::{Duration, Instant};

use harness::catalog::{CPU_BOUND, CROWD};
use harness::check::{Cell, describe_faults};
use harness::judge::verdict::FaultKind;
use harness::measure::cores;
use harness::program::Program;
use libtest_mimic::Trial;

use crate::{Setting, TestResult, Turns, program_trial, runner};

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |program: Program, test: fn(Program) -> TestResult| {
        trials.push(program_trial(program.to_string(), program, test));
    };
    let programs = |name| setting.executables.programs(move |section| once(section.listing(name)));
    for program in programs(CROWD) {
        add(program, a_hundred_sleep_at_the_same_time);
    }
    for program in programs(CPU_BOUND) {
        add(program, all_lines_are_there_and_the_results_are_right);
    }
    #[cfg(target_os = "linux")]
    trials.extend(refused::trials(setting));
    trials
}

fn with(mut program: Program, arguments: [&str; 2]) -> Program {
    program.command.iter_mut().for_each(|command| command.extend(arguments.map(Into::into)));
    program
}

/// It prints one line with an elapsed time in [2 s, 4 s), and nothing else. A busy machine may take
/// longer to start 100, so a slow program is run again for up to a minute. If the 100 did not sleep
/// at the same time, every run would be slow.
fn a_hundred_sleep_at_the_same_time(program: Program) -> TestResult {
    let program = with(program, ["--count", "100"]);
    let begun = Instant::now();
    loop {
        let turn = (program.section.name == "multiprocessing").then(|| CROWDS.wait());
        let cell = Cell::check(&program, &runner(Duration::from_secs(60)));
        drop(turn);
        if cell.faults.is_empty() {
            return Ok(());
        }
        let is_slow = cell.elapsed().is_some_and(|seconds| seconds >= 4.0)
            && cell.faults.iter().all(|fault| fault.kind == FaultKind::WrongElapsed);
        if !is_slow || begun.elapsed() > Duration::from_secs(60) {
            return Err(describe_faults(&cell).into());
        }
    }
}

/// Starting a hundred processes is slow on a busy machine.
static CROWDS: Turns = Turns::new(3);

fn all_lines_are_there_and_the_results_are_right(program: Program) -> TestResult {
    let program = with(program, ["--rounds", "10000"]);
    let command = program.command.as_ref()?;
    let outcome = runner(Duration::from_secs(60)).run(command);
    cores::read(&program, &outcome)?;
    let first = outcome.lines.first().map_or("", |line| &line.text);
    assert_eq!(first, "Rounds: 10000, each time with the result 399268537");
    Ok(())
}

/// If the system refuses another thread or process. (For the pools of the runtimes, see the README
/// of the section on threading.)
#[cfg(target_os = "linux")]
pub mod refused {
    use std::ffi::OsString;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use harness::program::{Implementation, Interpreter};
    use harness::run::End;
    use nix::unistd::geteuid;

    use super::*;

    /// How many threads and processes a confined program may have.
    const LIMIT: u32 = 20;

    pub fn trials(setting: &Setting) -> Vec<Trial> {
        let mut trials = Vec::new();
        for program in setting.executables.programs(|section| once(section.listing(CROWD))) {
            let starts_threads =
                matches!(program.implementation, Implementation::Python | Implementation::StdOnly);
            let what = match program.section.name {
                "threading" if starts_threads => "thread",
                "multiprocessing" => "process",
                _ => continue,
            };
            let is_python = program.implementation == Implementation::Python;
            let python = setting.confined_python.clone().filter(|_| is_python);
            let is_ignored = is_python && python.is_none();
            let name = format!("refused::{program}");
            let number = trials.len() as u32;
            let test = move || {
                reports_the_number_that_could_not_be_started(&program, what, number, python)
            };
            trials.push(Trial::test(name, test).with_ignored_flag(is_ignored));
        }
        trials
    }

    /// A command that starts a program with a limit on threads and processes. The limit does not
    /// hold for the superuser, and it counts all processes of a user. So root switches to the id of
    /// a user that has no other process.
    pub fn confined(number: u32, limit: u32) -> Vec<OsString> {
        let user = [format!("--reuid={}", 54_321 + number), "--clear-groups".to_owned()];
        let as_user = ["setpriv".to_owned()].into_iter().chain(user);
        let as_user = as_user.filter(|_| geteuid().is_root());
        let limited = ["prlimit".to_owned(), format!("--nproc={limit}")];
        as_user.chain(limited).map(Into::into).collect()
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
            let outcome = runner(Duration::from_secs(60)).run(&command);
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
        let outcome = runner(Duration::from_secs(60)).run(&command);
        assert_eq!(outcome.end, End::Exited(1), "{outcome:?}");
        assert_eq!(outcome.lines, [], "{outcome:?}");
        let [error] = &outcome.stderr[..] else {
            return Err(format!("not one line on stderr: {outcome:?}").into());
        };
        let (before, after) =
            error.text.split_once(" of 100: ").ok_or_else(|| error.text.clone())?;
        assert!(error.text.starts_with("error: "), "{}", error.text);
        let number =
            before.rsplit_once(&format!("{what} ")).map(|(_, number)| number.parse::<u32>());
        assert!(matches!(number, Some(Ok(1..=20))), "{}", error.text);
        let reasons = ["Resource temporarily unavailable", "can't start new thread"];
        assert!(reasons.iter().any(|reason| after.contains(reason)), "{}", error.text);
        Ok(())
    }
}
