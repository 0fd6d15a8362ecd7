//! Programs that misbehave in ways that only a process can. (How lines are judged is tested in
//! src/judge.) A script takes the place of a port.

use std::ffi::OsString;
#[cfg(target_os = "linux")]
use std::fs::{self, File};
use std::thread;
use std::time::Duration;

use harness::catalog::{Implementation, all_listings};
use harness::check::Cell;
use harness::judge::verdict::FaultKind::{self, *};
use harness::program::Program;
#[cfg(target_os = "linux")]
use harness::run::Runner;
use libtest_mimic::{Failed, Trial};

use crate::setting::{LONG, TestResult, runner, trials, wait_for};

type Faults = &'static [(FaultKind, &'static str)];

/// Names of tests, scripts in place of `creating-a-thread`, and all faults: their kinds, and parts of
/// their details. `$line` is the line of the listing.
const CASES: &[(&str, &str, Faults)] = &[
    ("the_right_line_has_no_fault", "echo $line", &[]),
    (
        "a_line_without_a_newline_is_unexpected",
        "printf \"$line\"",
        &[(UnexpectedLine, "has no newline at its end")],
    ),
    (
        "invalid_utf_8_is_replaced",
        r#"printf "$line\377\n""#,
        &[(MissingLine, "some_arg"), (UnexpectedLine, "some_arg\u{fffd}")],
    ),
    (
        "an_exit_status_other_than_0_is_wrong",
        "echo $line; exit 3",
        &[(WrongExitStatus, "exited with status 3, expected 0")],
    ),
    (
        "a_signal_is_a_wrong_exit_status",
        "echo $line; kill -KILL $$",
        &[(WrongExitStatus, "was killed by SIGKILL (signal 9)")],
    ),
    (
        "a_child_that_is_not_waited_for_is_killed",
        "echo $line; sleep 1000 & exit 0",
        &[(TimedOut, "exited, but a process that it had started was still running")],
    ),
    (
        "a_line_after_the_programs_end_is_unexpected",
        "(sleep 2; echo $line) & exit 0",
        &[(UnexpectedLine, "some_arg\" was printed after the program had ended")],
    ),
    (
        "output_on_stderr_is_unexpected",
        "echo $line; echo oops >&2; echo and more >&2",
        &[(UnexpectedStderr, r#""oops" on stderr, and 1 more line"#)],
    ),
];

/// Programs that run until they are killed: their limit in seconds, and the fault's detail. Until its
/// first line, a program may take three times its limit.
const ENDLESS: &[(&str, &str, f64, &str)] = &[
    ("that_hangs", "sleep 1000", 0.3, NO_LINE),
    ("that_closes_stdout", "exec >&-; sleep 1000", 0.3, NO_LINE),
    ("that_closes_stderr", "exec 2>&-; sleep 1000", 0.3, NO_LINE),
    ("that_closes_both", "exec >&- 2>&-; sleep 1000", 0.3, NO_LINE),
    ("that_never_ends_a_line", "cat /dev/zero", 0.3, NO_LINE),
    ("that_hangs_after_a_line", "echo hello; sleep 1000", 3.0, LINE),
    ("that_never_stops_printing", "while :; do yes | head -n 1000; sleep 0.1; done", 3.0, LINE),
];
const NO_LINE: &str = "printed no line in 0.9 s and was killed";
const LINE: &str = "was still running 3 s after its first line and was killed";

pub fn trials() -> Vec<Trial> {
    let mut trials = trials!("faults":
        late_output_in_two_runs_of_three_is_no_fault,
        a_program_that_does_not_exist_could_not_start,
    );
    #[cfg(target_os = "linux")]
    trials.extend(trials!("faults":
        a_pipe_that_others_hold_open_is_no_fault,
        the_delay_of_a_program_is_how_long_its_threads_wait_for_a_processor,
    ));
    for &(name, script, expected) in CASES {
        let test = move || has_faults(script, expected);
        trials.push(Trial::test(format!("faults::{name}"), test));
    }
    for &(what, script, limit, detail) in ENDLESS {
        let name = format!("faults::a_program_{what}_is_killed_at_its_limit");
        trials.push(Trial::test(name, move || is_killed(script, limit, detail)));
    }
    trials
}

fn has_faults(script: &str, expected: Faults) -> TestResult {
    let script = format!("line='some_function was called with some_arg'; {script}");
    let cell = judge("creating-a-thread", &["sh", "-c", &script], LONG);
    let found = faults(&cell);
    let is_expected = found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|((kind, detail), (expected, part))| kind == expected && detail.contains(part));
    assert!(is_expected, "found {found:#?}\nexpected {expected:#?}");
    Ok(())
}

fn is_killed(script: &str, limit: f64, detail: &str) -> TestResult {
    let command = ["sh", "-c", script];
    let cell = judge("creating-a-thread", &command, Duration::from_secs_f64(limit));
    assert_eq!(faults(&cell).first(), Some(&(TimedOut, detail)));
    let outcome = cell.outcome.as_ref().ok_or("it was not run")?;
    assert!(outcome.usage.is_some());
    // It had three times its limit, which is at most 3 s, only until its first line.
    assert!(outcome.wall < Duration::from_secs(9), "{:?}", outcome.wall);
    Ok(())
}

fn faults(cell: &Cell) -> Vec<(FaultKind, &str)> {
    cell.faults.iter().map(|fault| (fault.kind, fault.detail.as_str())).collect()
}

/// Runs a command in place of a port of the listing, and judges it.
fn judge(listing: &str, command: &[&str], limit: Duration) -> Cell {
    let mut listings = all_listings();
    let (section, listing) = listings.find(|(_, one)| one.name == listing).expect("it is there");
    let program = Program {
        section,
        listing,
        implementation: Implementation::StdOnly,
        label: String::new(),
        interpreter: None,
        command: Ok(command.iter().map(OsString::from).collect()),
    };
    let runner = runner(limit);
    Cell::check(&program, &runner).confirm(&runner)
}

fn a_program_that_does_not_exist_could_not_start() -> TestResult {
    let cell = judge("creating-a-thread", &["/nowhere/at-all"], LONG);
    let detail = "cannot start /nowhere/at-all: No such file or directory (os error 2)";
    assert_eq!(faults(&cell), [(CouldNotStart, detail)]);
    Ok(())
}

/// The first two runs print everything at their end. The third run does not.
fn late_output_in_two_runs_of_three_is_no_fault() -> TestResult {
    let folder = tempfile::tempdir()?;
    let script = "(mkdir $0/1 || mkdir $0/2 || mkdir $0/3) 2>/dev/null; \
                  if ! [ -e $0/3 ]; then sleep 2; fi; echo Codecademy; \
                  if [ -e $0/3 ]; then sleep 2; fi; \
                  echo says hello!; echo Multiprocessing Elapsed Time: 2.0 seconds";
    let path = folder.path().to_str().ok_or("not UTF-8")?;
    assert_eq!(faults(&judge("one-process", &["sh", "-c", script, path], LONG)), []);
    assert!(folder.path().join("3").exists(), "it ran less than three times");
    Ok(())
}

/// Two processes compute on one core, so each waits about as long as the other computes.
#[cfg(target_os = "linux")]
fn the_delay_of_a_program_is_how_long_its_threads_wait_for_a_processor() -> TestResult {
    let status = fs::read_to_string("/proc/self/status")?;
    let cores = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let core = cores.and_then(|cores| cores.trim().split(['-', ',']).next()).ok_or("no core")?;
    let script =
        "work() { i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done; }; work & work; wait";
    let command = ["taskset", "-c", core, "sh", "-c", script].map(OsString::from);
    let outcome = Runner { measures_delay: true, ..runner(LONG) }.run(&command);
    let (delay, usage) = (outcome.delay.ok_or("not measured")?, outcome.usage.ok_or("no usage")?);
    assert!(delay >= (usage.user + usage.system) / 4, "{outcome:?}");
    Ok(())
}

/// Every process that the harness starts has copies of its pipes until its exec.
#[cfg(target_os = "linux")]
fn a_pipe_that_others_hold_open_is_no_fault() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pid");
    let script = "echo some_function was called with some_arg; echo $$ >$0; \
                  until [ -e $0.seen ]; do sleep 0.01; done";
    let arguments = ["sh", "-c", script, file.to_str().ok_or("not UTF-8")?];
    let cell = thread::scope(|scope| {
        let judging = scope.spawn(|| judge("creating-a-thread", &arguments, LONG));
        let pipe = wait_for("the pipe", || {
            let pid = fs::read_to_string(&file).ok()?;
            File::options().write(true).open(format!("/proc/{}/fd/1", pid.trim())).ok()
        });
        fs::write(file.with_extension("seen"), "")?;
        let cell = judging.join().map_err(|_| "it panicked")?;
        drop(pipe);
        Ok::<_, Failed>(cell)
    })?;
    assert_eq!(faults(&cell), []);
    Ok(())
}
