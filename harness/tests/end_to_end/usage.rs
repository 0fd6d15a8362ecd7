//! What a program used is what it used: its own, and that of the children that it waited for.

use std::time::Duration;

use libtest_mimic::Trial;

use harness::supervisor::Usage;

use crate::{Done, HARNESS, runner};

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("usage::a_childs_work_counts", a_childs_work_counts)];
    if cfg!(target_os = "linux") {
        let name = "usage::the_harnesss_memory_is_not_the_programs";
        trials.push(Trial::test(name, the_harnesss_memory_is_not_the_programs));
    }
    trials
}

fn usage(command: &[&str]) -> Usage {
    let command: Vec<_> = command.iter().map(Into::into).collect();
    let outcome = runner(Duration::from_secs(60)).run(&command).expect("it can be run");
    outcome.usage.expect("it was run")
}

fn a_childs_work_counts() -> Done {
    const COUNT: &str = "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done";
    let usage = usage(&["sh", "-c", &format!("sh -c '{COUNT}'; true")]);
    assert!(usage.user + usage.system > Duration::from_millis(20), "{usage:?}");
    Ok(())
}

fn the_harnesss_memory_is_not_the_programs() -> Done {
    let small = usage(&["true"]).max_rss_bytes;
    let harness = usage(&[HARNESS, "--help"]).max_rss_bytes;
    assert!(2 * small < harness, "{small} and {harness} bytes");
    Ok(())
}
