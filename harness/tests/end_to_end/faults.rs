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
        name: "the_right_lines_have_no_fault",
        listing: "creating-a-thread",
        script: "echo some_function was called with some_arg",
        faults: &[],
    },
    Case {
        name: "no_output_is_a_missing_line",
        listing: "creating-a-thread",
        script: "",
        faults: &[(MissingLine, r#""some_function was called with some_arg" was not printed"#)],
    },
    Case {
        name: "a_wrong_name_is_an_unexpected_line_and_a_missing_one",
        listing: "multiple-threads",
        script: "for arg in 1 2 4; do echo some_function was called with arg$arg; done",
        faults: &[
            (MissingLine, r#"arg3" was not printed"#),
            (UnexpectedLine, r#"arg4" is not in the listing"#),
        ],
    },
    Case {
        name: "a_repeated_line_is_unexpected",
        listing: "creating-a-thread",
        script: "for time in 1 2; do echo some_function was called with some_arg; done",
        faults: &[(UnexpectedLine, "was printed more than once")],
    },
    Case {
        name: "a_partial_line_is_unexpected",
        listing: "creating-a-thread",
        script: "printf 'some_function was called with some'",
        faults: &[
            (MissingLine, "some_arg"),
            (UnexpectedLine, r#""some_function was called with some" is not in the listing"#),
        ],
    },
    Case {
        name: "a_line_without_a_newline_is_unexpected",
        listing: "creating-a-thread",
        script: "printf 'some_function was called with some_arg'",
        faults: &[(UnexpectedLine, "has no newline at its end")],
    },
    Case {
        name: "mixed_lines_are_unexpected",
        listing: "multiple-threads",
        script: r#"x="some_function was called with arg"; printf "${x}1${x}2\n\n"; echo "${x}3""#,
        faults: &[
            (MissingLine, "arg1"),
            (MissingLine, "arg2"),
            (UnexpectedLine, "some_function was called with arg1some_function"),
            (UnexpectedLine, r#""" is not in the listing"#),
        ],
    },
    Case {
        name: "invalid_utf_8_is_replaced",
        listing: "creating-a-thread",
        script: r"printf 'some_function was called with some_arg\377\n'",
        faults: &[(MissingLine, "some_arg"), (UnexpectedLine, "some_arg\u{fffd}")],
    },
    Case {
        name: "a_megabyte_without_a_newline_is_truncated",
        listing: "creating-a-thread",
        script: "head -c 1000000 /dev/zero | tr '\\0' x",
        faults: &[(MissingLine, "some_arg"), (UnexpectedLine, "xxx… (1000000 bytes)")],
    },
    Case {
        name: "many_unexpected_lines_are_counted",
        listing: "creating-a-thread",
        script: "echo some_function was called with some_arg; yes | head -n 5000",
        faults: &[
            (UnexpectedLine, r#""y" was printed more than once"#),
            (UnexpectedLine, r#""y" was printed more than once"#),
            (UnexpectedLine, r#""y" was printed more than once"#),
            (UnexpectedLine, "and 4997 more unexpected lines"),
        ],
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
        name: "output_after_all_sleeps_is_in_the_wrong_stage",
        listing: "one-process",
        script: r"sleep 2; printf 'Codecademy\nsays hello!\n%s\n' \
                  'Multiprocessing Elapsed Time: 2.0 seconds'",
        faults: &[(WrongStage, r#"after "Codecademy", expected 2 s or more, in each of 3 runs"#)],
    },
    Case {
        name: "output_on_stderr_is_unexpected",
        listing: "creating-a-thread",
        script: "echo some_function was called with some_arg; echo oops >&2; echo and more >&2",
        faults: &[(UnexpectedStderr, r#""oops" on stderr, and 1 more line"#)],
    },
    Case {
        name: "many_lines_on_stderr_are_counted",
        listing: "creating-a-thread",
        script: "echo some_function was called with some_arg; yes | head -n 5000 >&2",
        faults: &[(UnexpectedStderr, r#""y" on stderr, and 4999 more lines"#)],
    },
    Case {
        name: "greetings_without_a_sleep_are_too_early",
        listing: "one-process",
        script: "echo Codecademy; echo says hello!; \
                 sleep 2; echo Multiprocessing Elapsed Time: 2.0 seconds",
        faults: &[(WrongStage, r#""says hello!" came"#)],
    },
    Case {
        name: "lines_after_a_sleep_that_the_listing_does_not_have_are_too_late",
        listing: "multiple-threads",
        script: "x='some_function was called with arg'; echo ${x}1; echo ${x}2; sleep 3.5; echo ${x}3",
        faults: &[(WrongStage, "after the first line, expected less than 2 s")],
    },
    Case {
        name: "tasks_out_of_order_are_in_the_wrong_order",
        listing: "multiple-tasks",
        script: "echo Codecademy; echo Hisham; echo Chelsea; echo Ashley; sleep 2.1; \
                 for name in Codecademy Chelsea Hisham Ashley; do echo $name says hello!; done; \
                 echo Asyncio Elapsed Time: 2.0 seconds",
        faults: &[(WrongOrder, r#""Chelsea" came after "Hisham", expected before it"#)],
    },
    Case {
        name: "an_elapsed_time_before_the_last_join_is_in_the_wrong_order",
        listing: "joining-threads",
        script: "for name in Ashley Hisham Chelsea Codecademy; do echo $name; done; sleep 2.1; \
                 echo Codecademy says hello!; echo Threading Elapsed Time: 2.0 seconds; \
                 for name in Chelsea Hisham Ashley; do echo $name says hello!; done",
        faults: &[
            (
                WrongOrder,
                r#""Chelsea says hello!" came after "Threading Elapsed Time: 2.0 seconds", expected before it"#,
            ),
            (WrongOrder, "Hisham"),
            (WrongOrder, "Ashley"),
        ],
    },
    Case {
        name: "an_elapsed_time_below_two_seconds_is_wrong",
        listing: "one-process",
        script: "echo Codecademy; sleep 2.1; echo says hello!; \
                 echo Multiprocessing Elapsed Time: 1.9999 seconds",
        faults: &[(WrongElapsed, "1.9999 s is not in [2 s, 4 s)")],
    },
    Case {
        name: "an_elapsed_time_of_four_seconds_is_wrong",
        listing: "one-process",
        script: "echo Codecademy; sleep 2.1; echo says hello!; \
                 echo Multiprocessing Elapsed Time: 4.0 seconds",
        faults: &[(WrongElapsed, "4 s is not in [2 s, 4 s)")],
    },
    Case {
        name: "an_elapsed_time_longer_than_the_run_is_wrong",
        listing: "older-syntax",
        script: "echo Codecademy; sleep 2; echo says hello!; \
                 echo Asyncio Elapsed Time: 3.999 seconds",
        faults: &[(WrongElapsed, "3.999 s is longer than the ")],
    },
    Case {
        name: "an_elapsed_time_is_written_as_python_writes_it",
        listing: "newer-syntax",
        script: "echo Codecademy; sleep 2.1; echo says hello!; echo Asyncio Elapsed Time: 2 seconds",
        faults: &[(WrongElapsed, "Python's str(float)")],
    },
    Case {
        name: "results_in_another_order_are_in_the_wrong_order",
        listing: "results",
        script: "sleep 2; for name in Chelsea Codecademy Hisham Ashley; do echo $name says hello!; \
                 done; echo Threading Elapsed Time: 2.0 seconds",
        faults: &[(WrongOrder, r#""Codecademy says hello!" came after "Chelsea says hello!""#)],
    },
    Case {
        name: "results_without_a_sleep_are_too_early",
        listing: "asyncio::results",
        script: "for name in Codecademy Chelsea Hisham Ashley; do echo $name says hello!; done; \
                 sleep 2; echo Asyncio Elapsed Time: 2.0 seconds",
        faults: &[
            (WrongStage, "s after the start, expected 2 s or more"),
            (WrongStage, r#""Chelsea says hello!" came"#),
            (WrongStage, r#""Hisham says hello!" came"#),
            (WrongStage, r#""Ashley says hello!" came"#),
        ],
    },
    Case {
        name: "a_failure_that_is_noticed_after_an_earlier_greeter_is_in_the_wrong_stage",
        listing: "asyncio::failure",
        script: "for name in Codecademy Chelsea Hisham Ashley; do echo $name; done; sleep 3; \
                 echo At once: Hisham has lost his voice; echo Codecademy says hello!; \
                 echo Chelsea says hello!; echo Failed: Hisham has lost his voice; \
                 echo Ashley says hello!; echo Asyncio Elapsed Time: 2.0 seconds",
        faults: &[(WrongStage, r#""At once: Hisham has lost his voice" came"#)],
    },
    Case {
        name: "a_failure_that_cancels_the_others_misses_their_lines",
        listing: "failure",
        script: "for name in Codecademy Chelsea Hisham Ashley; do echo $name; done; \
                 echo At once: Hisham has lost his voice; sleep 2.1; \
                 echo Failed: Hisham has lost his voice; echo Threading Elapsed Time: 2.0 seconds",
        faults: &[
            (MissingLine, r#""Codecademy says hello!" was not printed"#),
            (MissingLine, "Chelsea"),
            (MissingLine, "Ashley"),
        ],
    },
    Case {
        name: "an_exit_status_of_another_child_is_unexpected",
        listing: "multiprocessing::failure",
        script: "for name in Codecademy Chelsea Hisham Ashley; do echo $name; done; sleep 2.1; \
                 for name in Codecademy Chelsea Hisham Ashley; do echo $name exited with 0; done; \
                 echo Multiprocessing Elapsed Time: 2.0 seconds",
        faults: &[
            (MissingLine, r#""Hisham exited with 3" was not printed"#),
            (UnexpectedLine, r#""Hisham exited with 0" is not in the listing"#),
        ],
    },
    Case {
        name: "a_time_limit_that_is_checked_after_the_sleep_is_too_late",
        listing: "timeout",
        script: "for name in Codecademy Chelsea Ashley; do echo $name; echo $name says hello!; done; \
                 echo Hisham; sleep 5; echo Hisham takes too long; \
                 echo Threading Elapsed Time: 5.0 seconds",
        faults: &[
            (WrongStage, r#""Hisham takes too long" came"#),
            (WrongStage, r#""Threading Elapsed Time: 5.0 seconds" came"#),
            (WrongElapsed, "5 s is not in [2 s, 4 s)"),
        ],
    },
    Case {
        name: "a_task_without_a_finally_misses_a_line",
        listing: "asyncio::timeout",
        script: "for name in Codecademy Chelsea; do echo $name; echo $name says hello!; done; \
                 echo Hisham; echo Ashley; echo Ashley says hello!; sleep 2.1; \
                 echo Hisham takes too long; echo Asyncio Elapsed Time: 2.0 seconds",
        faults: &[(MissingLine, r#""Hisham is cancelled" was not printed"#)],
    },
    Case {
        name: "a_child_that_is_left_running_after_its_time_limit_is_killed",
        listing: "multiprocessing::timeout",
        script: "for name in Codecademy Chelsea Ashley; do echo $name; echo $name says hello!; done; \
                 echo Hisham; sleep 60 & sleep 2.1; echo Hisham takes too long; \
                 echo Multiprocessing Elapsed Time: 2.0 seconds",
        faults: &[(TimedOut, "exited, but a process that it had started was still running")],
    },
    Case {
        name: "three_workers_are_too_early",
        listing: "workers",
        script: "echo Codecademy; echo Chelsea; echo Hisham; sleep 1; echo Ashley; sleep 1.1; \
                 echo Threading Elapsed Time: 2.0 seconds",
        faults: &[(WrongStage, "expected 1 s or more")],
    },
    Case {
        name: "one_worker_is_too_late",
        listing: "multiprocessing::workers",
        script: "echo Codecademy; sleep 1; echo Chelsea; sleep 2; echo Hisham; sleep 1; \
                 echo Ashley; sleep 1; echo Multiprocessing Elapsed Time: 4.0 seconds",
        faults: &[
            (WrongStage, r#""Hisham" came"#),
            (WrongStage, r#""Ashley" came"#),
            (WrongStage, r#""Multiprocessing Elapsed Time: 4.0 seconds" came"#),
            (WrongElapsed, "4 s is not in [2 s, 4 s)"),
        ],
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
