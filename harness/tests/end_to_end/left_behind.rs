//! No process of a program is left, however the program or the harness ends.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use libtest_mimic::Trial;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::{HARNESS, PRETEND_PYTHON, TestResult, is_there, runner, wait_for};

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        Trial::test(
            "left_behind::nothing_of_a_program_that_hangs",
            nothing_of_a_program_that_hangs,
        ),
        Trial::test(
            "left_behind::nothing_of_a_program_that_exits",
            nothing_of_a_program_that_exits,
        ),
    ];
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
        let name = format!("left_behind::nothing_when_the_harness_is_ended_by_{signal}");
        trials.push(Trial::test(name, move || nothing_when_the_harness_is_ended(signal)));
    }
    trials
}

/// Starts two processes, one of which leaves the process group, and prints their ids.
#[cfg(target_os = "linux")]
const STARTS_OTHERS: &str = "sleep 1000 & echo $!; setsid sleep 1000 & echo $!;";
#[cfg(not(target_os = "linux"))]
const STARTS_OTHERS: &str = "sleep 1000 & echo $!; sleep 1000 & echo $!;";

fn nothing_of_a_program_that_hangs() -> TestResult {
    run_and_look_for_the_rest(&format!("{STARTS_OTHERS} wait"))
}

fn nothing_of_a_program_that_exits() -> TestResult {
    run_and_look_for_the_rest(&format!("{STARTS_OTHERS} exit"))
}

fn run_and_look_for_the_rest(script: &str) -> TestResult {
    let command = ["sh", "-c", script].map(Into::into);
    let outcome = runner(Duration::from_secs(3)).run(&command);
    let pids: Vec<i32> = outcome.lines.iter().filter_map(|line| line.text.parse().ok()).collect();
    assert_eq!(pids.len(), 2, "{outcome:?}");
    for pid in pids {
        assert!(!is_there(pid), "process {pid} is left");
    }
    Ok(())
}

fn nothing_when_the_harness_is_ended(signal: Signal) -> TestResult {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log");
    let mut harness = Command::new(HARNESS)
        .args(["--python", PRETEND_PYTHON, "--implementation", "python", "--limit", "1000"])
        .env("PRETEND", "hang")
        .env("LOG", &log)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()?;
    // All eight Python programs are running, three processes each.
    let pids = wait_for("all programs to start", || {
        let pids = read_pids(&log);
        (pids.len() == 8 * 3).then_some(pids)
    });
    assert!(pids.iter().all(|pid| is_there(*pid)));
    let pid = Pid::from_raw(harness.id() as i32);
    match signal {
        // On Ctrl-C, a terminal sends it to all of the harness's process group.
        Signal::SIGINT => killpg(pid, signal)?,
        _ => kill(pid, signal)?,
    }
    harness.wait()?;
    wait_for("all processes to end", || (!pids.iter().any(|pid| is_there(*pid))).then_some(()));
    Ok(())
}

fn read_pids(log: &Path) -> BTreeSet<i32> {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}
