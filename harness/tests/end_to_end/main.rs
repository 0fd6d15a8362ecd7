//! All tests that start programs, in rooms: [`programs`] of the examples, programs with [`faults`],
//! [`command_lines`], and the [`supervisor`]. They share one process, because most of them sleep.

mod command_lines;
mod faults;
mod programs;
mod setting;
mod supervisor;

use std::fs;
use std::process::ExitCode;

use harness::program::workspace;
use harness::run::allow_jobs;
use libtest_mimic::{Arguments, Trial};

use setting::{Setting, TESTS_PER_CORE, TestResult, cores, prepare_for_signals};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let tests = arguments.test_threads.unwrap_or(TESTS_PER_CORE * cores());
    arguments.test_threads = Some(allow_jobs(tests));
    let setting = prepare_for_signals().and_then(|()| Setting::find(arguments.list));
    let setting: &'static Setting = match setting {
        Ok(setting) => Box::leak(Box::new(setting)),
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    // Those that take longest come first.
    let mut trials = command_lines::trials(setting);
    trials.extend(faults::trials());
    trials.extend(supervisor::trials());
    trials.extend(programs::trials(setting));
    let names: Vec<_> = trials.iter().map(|trial| trial.name().to_owned()).collect();
    let test = move || the_readme_names_tests_that_exist(&names);
    trials.push(Trial::test("the_readme_names_tests_that_exist", test));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The last cell of each row of the table of what catches what has names of tests, or how several
/// names begin, or names of cases of the judge.
fn the_readme_names_tests_that_exist(names: &[String]) -> TestResult {
    let readme = fs::read_to_string(workspace().join("harness/README.md"))?;
    let cases = fs::read_to_string(workspace().join("harness/src/judge/snapshots/faults.snap"))?;
    let table = readme.split("### What catches what\n").nth(1).ok_or("no table")?;
    let rows = table.trim_start().lines().take_while(|line| line.starts_with('|')).skip(2);
    for row in rows {
        let cell = row.rsplit('|').nth(1).filter(|cell| cell.contains('`'));
        for name in cell.ok_or_else(|| row.to_owned())?.split('`').skip(1).step_by(2) {
            let is_here = names.iter().any(|other| other.starts_with(name));
            let is_case = cases.contains(&format!("\n{name}, in "));
            let is_source = name == "each_port_calls_what_its_listing_is_about";
            assert!(is_here || is_case || is_source, "there is no test {name}");
        }
    }
    Ok(())
}
