//! Programs with faults, which the harness has to find. Each script takes the place of a port of
//! the named listing.

use std::ffi::OsString;
use std::time::Duration;

use harness::catalog::{Listing, SECTIONS};
use harness::judge::verdict::FaultKind::{self, *};
use harness::judge::verdict::find_faults;
use harness::run::Outcome;
use libtest_mimic::{Failed, Trial};

use crate::{TestResult, runner};

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
        faults: &[(WrongStage, "expected between 0 s and 2 s")],
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
];

/// The tests of the cases, and those that need more than a script.
pub fn trials() -> Vec<Trial> {
    let name = |name: &str| format!("faults::{name}");
    let mut trials: Vec<_> =
        CASES.iter().map(|case| Trial::test(name(case.name), || check(case))).collect();
    trials.push(Trial::test(name("a_program_that_does_not_exist_could_not_start"), || {
        let (faults, _) = judge("creating-a-thread", &["/nowhere/at-all"], LONG)?;
        let detail = "cannot start /nowhere/at-all: No such file or directory (os error 2)";
        assert_eq!(faults, [(CouldNotStart, detail.to_owned())]);
        Ok(())
    }));
    let mut is_killed_at_the_limit = |who, command: &'static [&str]| {
        let name = name(&format!("{who}_is_killed_at_the_limit"));
        trials.push(Trial::test(name, || {
            let (faults, outcome) =
                judge("creating-a-thread", command, Duration::from_millis(500))?;
            let detail = "printed no line in 1.5 s and was killed".to_owned();
            assert_eq!(faults.first(), Some(&(TimedOut, detail)));
            assert!(outcome.usage.is_some());
            Ok(())
        }));
    };
    is_killed_at_the_limit("a_program_that_hangs", &["sleep", "1000"]);
    is_killed_at_the_limit("a_program_that_never_stops_printing", &["cat", "/dev/zero"]);
    trials
}

/// Long enough for every program that ends by itself.
const LONG: Duration = Duration::from_secs(60);

fn check(case: &Case) -> TestResult {
    let (faults, _) = judge(case.listing, &["sh", "-c", case.script], LONG)?;
    let is_expected = faults.len() == case.faults.len()
        && faults
            .iter()
            .zip(case.faults)
            .all(|((kind, detail), (expected, part))| kind == expected && detail.contains(part));
    assert!(is_expected, "found {faults:#?}\nexpected {:#?}", case.faults);
    Ok(())
}

/// Runs a command in place of a port of the listing, and judges it.
fn judge(
    listing: &str,
    command: &[&str],
    limit: Duration,
) -> Result<(Vec<(FaultKind, String)>, Outcome), Failed> {
    let command: Vec<_> = command.iter().map(OsString::from).collect();
    let outcome = runner(limit).run(&command);
    let faults = find_faults(find(listing), &outcome);
    Ok((faults.into_iter().map(|fault| (fault.kind, fault.detail)).collect(), outcome))
}

fn find(name: &str) -> &'static Listing {
    let mut listings = SECTIONS.iter().flat_map(|section| section.listings);
    listings.find(|listing| listing.name == name).expect("the document has it")
}
