//! The two listings beyond the document, in every implementation: a crowd of a hundred, and four workers
//! with little to do. And what a crowd says when the system refuses it another thread or process.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use harness::catalog::DOCUMENT;
use harness::cores;
use harness::matrix::Cell;
use harness::program::Program;
use harness::run::Outcome;
use harness::table::describe_faults;
use harness::verdict::FaultKind;
use libtest_mimic::Trial;

use crate::{Done, Setting, runner};

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |program: &Program, what: &str, test: fn(Program) -> Done| {
        let (program, is_ignored) = (program.clone(), program.command.is_none());
        let trial = Trial::test(format!("{program}{what}"), move || test(program));
        trials.push(trial.with_ignored_flag(is_ignored));
    };
    for section in DOCUMENT {
        let of = |listing| Program::of(section, listing, &setting.examples, &setting.interpreters);
        for program in of(&section.crowd) {
            add(&program, "", a_hundred_greet_at_the_same_time);
        }
        for program in of(&section.cpu_bound) {
            add(&program, "", all_rows_are_there_and_the_results_are_right);
        }
    }
    #[cfg(target_os = "linux")]
    trials.extend(refused::trials(setting));
    trials
}

fn with(mut program: Program, arguments: [&str; 2]) -> Program {
    program.command.iter_mut().for_each(|command| command.extend(arguments.map(Into::into)));
    program
}

/// One line, which tells an elapsed time in [2 s, 4 s), and nothing else. A busy machine may take longer
/// to start a hundred, so one that took too long may try again for a while. Greeters that wait for each
/// other take as long every time.
fn a_hundred_greet_at_the_same_time(program: Program) -> Done {
    let program = with(program, ["--count", "100"]);
    let begun = Instant::now();
    loop {
        let turn = (program.section.name == "multiprocessing").then(Turn::wait);
        let cell = Cell::run(&program, &runner(Duration::from_secs(60)));
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

/// A hundred processes are much to start for a machine that does other things. So three programs have a
/// turn at a time. (nextest starts each test in a process of its own, and is told the same in its
/// configuration.)
struct Turn;

static TURNS: (Mutex<u32>, Condvar) = (Mutex::new(3), Condvar::new());

impl Turn {
    fn wait() -> Turn {
        let left = TURNS.0.lock().unwrap();
        *TURNS.1.wait_while(left, |left| *left == 0).unwrap() -= 1;
        Turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *TURNS.0.lock().unwrap() += 1;
        TURNS.1.notify_one();
    }
}

/// How fast it was is nobody's business here.
fn all_rows_are_there_and_the_results_are_right(program: Program) -> Done {
    let program = with(program, ["--rounds", "10000"]);
    let command = program.command.as_ref().ok_or("no Python was found")?;
    let outcome =
        runner(Duration::from_secs(60)).run(command).unwrap_or_else(Outcome::could_not_start);
    cores::read(&program, &outcome)?;
    let first = outcome.lines.first().map_or("", |line| &line.text);
    assert_eq!(first, "Rounds: 10000, each time with the result 399268537");
    Ok(())
}

/// When the system refuses another thread or process. (The pools of the runtimes have their own ways; see
/// the README of the section on threading.)
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

    pub fn trials(setting: &Setting) -> Vec<Trial> {
        let mut trials = Vec::new();
        for section in DOCUMENT {
            let crowd = &section.crowd;
            for program in Program::of(section, crowd, &setting.examples, &setting.interpreters) {
                let is_one_of_its_own = matches!(
                    program.implementation,
                    Implementation::Python | Implementation::StdOnly
                );
                let what = match section.name {
                    "threading" if is_one_of_its_own => "thread",
                    "multiprocessing" => "process",
                    _ => continue,
                };
                let is_python = program.implementation == Implementation::Python;
                let python = setting.confined_python.clone().filter(|_| is_python);
                let is_ignored = is_python && python.is_none();
                let name = format!("refused::{program}");
                let number = trials.len() as u32;
                let test = move || tells_which_could_not_be_started(&program, what, number, python);
                trials.push(Trial::test(name, test).with_ignored_flag(is_ignored));
            }
        }
        trials
    }

    /// What starts a program with a few threads and processes at the most. The superuser is refused none,
    /// so it becomes a user that nobody else is. (Of another user, all others count: there may be none.)
    fn confined(number: u32) -> Vec<OsString> {
        let user = [format!("--reuid={}", 54_321 + number), "--clear-groups".to_owned()];
        let as_user = ["setpriv".to_owned()].into_iter().chain(user);
        let as_user = as_user.filter(|_| geteuid().is_root());
        as_user.chain(["prlimit", "--nproc=20"].map(str::to_owned)).map(Into::into).collect()
    }

    /// A Python that can be started so: one of those that were found, or the system's.
    pub fn find_python(interpreters: &[Interpreter]) -> Option<PathBuf> {
        let found = interpreters.iter().map(|interpreter| interpreter.executable.clone());
        found.chain(["/usr/bin/python3".into()]).find(|python| {
            let mut command = confined(0);
            command.extend([python.into(), "-c".into(), "pass".into()]);
            let outcome = runner(Duration::from_secs(60)).run(&command);
            outcome.is_ok_and(|outcome| outcome.end == End::Exited(0))
        })
    }

    /// It says so, ends with status 1, and leaves nobody behind, for that would be another end.
    fn tells_which_could_not_be_started(
        program: &Program,
        what: &str,
        number: u32,
        python: Option<PathBuf>,
    ) -> Done {
        let folder = tempfile::tempdir()?;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        // To where any user may read it.
        let copy = |file: &OsString| -> Result<OsString, std::io::Error> {
            let name = Path::new(file).file_name().unwrap_or_default();
            let copy = folder.path().join(name);
            // Not by this process: what it has open for writing, a child that another test starts just now
            // may have open for a moment, too, and a file that is written to can't be run.
            let status = Command::new("cp").arg(file).arg(&copy).status()?;
            assert!(status.success());
            Ok(copy.into())
        };
        let mut own = program.command.clone().ok_or("no Python was found")?;
        match python {
            Some(python) => own = vec![python.into(), copy(&own[1])?],
            None => own[0] = copy(&own[0])?,
        }
        let mut command = confined(number);
        command.extend(own);
        command.extend(["--count", "100"].map(Into::into));
        let outcome =
            runner(Duration::from_secs(60)).run(&command).map_err(|error| format!("{error:#}"))?;
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
