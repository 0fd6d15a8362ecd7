//! Programs with faults, which the harness has to find. Each script takes the place of a port of
//! the named listing.

use std::ffi::OsString;
#[cfg(target_os = "linux")]
use std::fs::{self, File};
use std::thread;
use std::time::Duration;

use harness::catalog::{Implementation, Listing, Section, all_listings};
use harness::check::Cell;
use harness::judge::verdict::FaultKind::{self, *};
use harness::program::Program;
use libtest_mimic::{Failed, Trial};

use crate::setting::{LONG, TestResult, runner, wait_for};

struct Case {
    name: &'static str,
    listing: &'static str,
    script: &'static str,
    /// The kinds of all faults, each with a part of its detail.
    faults: &'static [(FaultKind, &'static str)],
}

const CASES: &[Case] = &[
    Case {
        name: "a_line_without_a_newline_is_unexpected",
        listing: "creating-a-thread",
        script: "printf 'some_function was called with some_arg'",
        faults: &[(UnexpectedLine, "has no newline at its end")],
    },
    Case {
        name: "invalid_utf_8_is_replaced",
        listing: "creating-a-thread",
        script: r"printf 'some_function was called with some_arg\377\n'",
        faults: &[(MissingLine, "some_arg"), (UnexpectedLine, "some_arg\u{fffd}")],
    },
    Case {
        name: "an_exit_status_other_than_0_is_wrong",
        listing: "creating-a-thread",
        script: "echo some_function was called with some_arg; exit 3",
        faults: &[(WrongExitStatus, "exited with status 3, expected 0")],
    },
    Case {
        name: "a_signal_is_a_wrong_exit_status",
        listing: "creating-a-thread",
        script: "echo some_function was called with some_arg; kill -KILL $$",
        faults: &[(WrongExitStatus, "was killed by SIGKILL (signal 9)")],
    },
    Case {
        name: "a_child_that_is_not_waited_for_is_killed",
        listing: "one-process",
        script: "echo Codecademy; (sleep 1000; echo says hello!) & exit 0",
        faults: &[
            (TimedOut, "exited, but a process that it had started was still running"),
            (MissingLine, "says hello!"),
            (MissingLine, "Multiprocessing Elapsed Time"),
        ],
    },
    Case {
        name: "a_line_after_the_programs_end_is_unexpected",
        listing: "creating-a-thread",
        script: "(sleep 2; echo some_function was called with some_arg) & exit 0",
        faults: &[(UnexpectedLine, "some_arg\" was printed after the program had ended")],
    },
    Case {
        name: "output_on_stderr_is_unexpected",
        listing: "creating-a-thread",
        script: "echo some_function was called with some_arg; echo oops >&2; echo and more >&2",
        faults: &[(UnexpectedStderr, r#""oops" on stderr, and 1 more line"#)],
    },
    Case {
        name: "a_child_that_is_left_running_after_its_time_limit_is_killed",
        listing: "multiprocessing::timeout",
        script: "for name in Codecademy Chelsea Ashley; do echo $name; echo $name says hello!; done; \
                 echo Hisham; sleep 60 & sleep 2.1; echo Hisham takes too long; \
                 echo Multiprocessing Elapsed Time: 2.0 seconds",
        faults: &[(TimedOut, "exited, but a process that it had started was still running")],
    },
];

/// Programs that run until they are killed: their limit in milliseconds, and the fault's detail. A
/// program may take three times its limit to print its first line.
const ENDLESS: &[(&str, &str, u64, &str)] = &[
    ("that_hangs", "sleep 1000", 300, NO_LINE),
    ("that_closes_stdout", "exec >&-; sleep 1000", 300, NO_LINE),
    ("that_closes_stderr", "exec 2>&-; sleep 1000", 300, NO_LINE),
    ("that_closes_both", "exec >&- 2>&-; sleep 1000", 300, NO_LINE),
    ("that_never_ends_a_line", "cat /dev/zero", 300, NO_LINE),
    ("that_hangs_after_a_line", "echo hello; sleep 1000", 3_000, AFTER_A_LINE),
    (
        "that_never_stops_printing",
        "while :; do yes | head -n 1000; sleep 0.1; done",
        3_000,
        AFTER_A_LINE,
    ),
];

const NO_LINE: &str = "printed no line in 0.9 s and was killed";
const AFTER_A_LINE: &str = "was still running 3 s after its first line and was killed";

/// The tests of the cases, and those that need more than a script.
pub fn trials() -> Vec<Trial> {
    let name = |name: &str| format!("faults::{name}");
    let mut trials: Vec<_> =
        CASES.iter().map(|case| Trial::test(name(case.name), || check(case))).collect();
    for &(what, script, limit, detail) in ENDLESS {
        let name = name(&format!("a_program_{what}_is_killed_at_its_limit"));
        trials.push(Trial::test(name, move || {
            let cell =
                judge("creating-a-thread", &["sh", "-c", script], Duration::from_millis(limit));
            assert_eq!(faults(&cell).first(), Some(&(TimedOut, detail)));
            let outcome = cell.outcome.as_ref().ok_or("it was not run")?;
            assert!(outcome.usage.is_some());
            // It had three times its limit only until its first line.
            assert!(outcome.wall < Duration::from_secs(8), "{:?}", outcome.wall);
            Ok(())
        }));
    }
    trials.push(Trial::test(name("a_program_that_does_not_exist_could_not_start"), || {
        let cell = judge("creating-a-thread", &["/nowhere/at-all"], LONG);
        let detail = "cannot start /nowhere/at-all: No such file or directory (os error 2)";
        assert_eq!(faults(&cell), [(CouldNotStart, detail)]);
        Ok(())
    }));
    let test = late_output_in_two_runs_of_three;
    trials.push(Trial::test(name("late_output_in_two_runs_of_three_is_no_fault"), test));
    #[cfg(target_os = "linux")]
    trials.push(Trial::test(
        name("a_pipe_that_others_hold_open_is_no_fault"),
        a_pipe_that_others_hold_open,
    ));
    trials
}

fn check(case: &Case) -> TestResult {
    let cell = judge(case.listing, &["sh", "-c", case.script], LONG);
    let found = faults(&cell);
    let is_expected = found.len() == case.faults.len()
        && found
            .iter()
            .zip(case.faults)
            .all(|((kind, detail), (expected, part))| kind == expected && detail.contains(part));
    assert!(is_expected, "found {found:#?}\nexpected {:#?}", case.faults);
    Ok(())
}

fn faults(cell: &Cell) -> Vec<(FaultKind, &str)> {
    cell.faults.iter().map(|fault| (fault.kind, fault.detail.as_str())).collect()
}

/// Runs a command in place of a port of the listing, and judges it. `failure` is that of the first
/// section, and `asyncio::failure` that of another one.
fn judge(listing: &str, command: &[&str], limit: Duration) -> Cell {
    let name = |section: &Section, one: &Listing| format!("{}::{}", section.name, one.name);
    let is_named = |(section, one): &(&Section, &Listing)| {
        one.name == listing || name(section, one) == listing
    };
    let (section, listing) = all_listings().find(is_named).expect("there is such a listing");
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

/// The first two runs print everything at their end. The third run does not.
fn late_output_in_two_runs_of_three() -> TestResult {
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

/// Every process that the harness starts has copies of its pipes until its exec.
#[cfg(target_os = "linux")]
fn a_pipe_that_others_hold_open() -> TestResult {
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
