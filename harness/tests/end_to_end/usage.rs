//! The reported usage counts the program and the children that it waited for, and nothing else.

use std::time::Duration;

use libtest_mimic::Trial;

use harness::run::supervisor::Usage;

use crate::{HARNESS, TestResult, runner};

pub fn trials() -> Vec<Trial> {
    let mut trials =
        vec![Trial::test("usage::the_cpu_time_of_a_child_counts", the_cpu_time_of_a_child_counts)];
    if cfg!(target_os = "linux") {
        let name = "usage::the_memory_of_the_harness_does_not_count";
        trials.push(Trial::test(name, the_memory_of_the_harness_does_not_count));
    }
    trials
}

fn usage(command: &[&str]) -> Usage {
    let command: Vec<_> = command.iter().map(Into::into).collect();
    let outcome = runner(Duration::from_secs(60)).run(&command);
    outcome.usage.expect("it was run")
}

fn the_cpu_time_of_a_child_counts() -> TestResult {
    const COUNT: &str = "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done";
    let usage = usage(&["sh", "-c", &format!("sh -c '{COUNT}'; true")]);
    assert!(usage.user + usage.system > Duration::from_millis(20), "{usage:?}");
    Ok(())
}

fn the_memory_of_the_harness_does_not_count() -> TestResult {
    let small = usage(&["true"]).max_rss_bytes;
    let harness = usage(&[&*HARNESS, "--help"]).max_rss_bytes;
    assert!(2 * small < harness, "{small} and {harness} bytes");
    Ok(())
}
