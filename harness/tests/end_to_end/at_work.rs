//! The programs use threads, tasks and processes as their section says. While the four greetings
//! sleep, Linux lists the sleeping threads and processes under `/proc`.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use harness::catalog::Section;
use harness::program::{Implementation, Program};
use libtest_mimic::Trial;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::{Setting, TestResult};

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let mut trials = Vec::new();
    for program in setting.executables.programs(Section::checked_listings) {
        let (what, test): (_, fn(&Program) -> TestResult) = match program.listing.name {
            "joining-threads" => ("four_threads", four_threads),
            "one-process" => ("one_process", one_process),
            "multiple-processes" => ("four_processes", four_processes),
            // async-std and smol have further threads beside the one that runs the tasks.
            "multiple-tasks"
                if !matches!(
                    program.implementation,
                    Implementation::AsyncStd | Implementation::Smol
                ) =>
            {
                ("one_thread", one_thread)
            }
            _ => continue,
        };
        let is_ignored = program.command.is_none();
        let name = format!("at_work::{what}::{program}");
        trials.push(Trial::test(name, move || test(&program)).with_ignored_flag(is_ignored));
    }
    trials
}

fn four_threads(program: &Program) -> TestResult {
    watch(program, 4, |pid| {
        let main = pid;
        let asleep: BTreeSet<_> =
            threads(pid).into_iter().filter(|tid| is_asleep(pid, *tid)).collect();
        // All four at the same time. The main thread joins them, so it is not one of the four.
        asleep.len() == 4 && !asleep.contains(&main)
    })
}

fn one_process(program: &Program) -> TestResult {
    watch(program, 1, |pid| {
        descendants(pid).iter().filter(|pid| is_asleep(**pid, **pid)).count() == 1
    })
}

fn four_processes(program: &Program) -> TestResult {
    watch(program, 4, |pid| {
        let asleep: BTreeSet<_> =
            descendants(pid).into_iter().filter(|pid| is_asleep(*pid, *pid)).collect();
        asleep.len() == 4
    })
}

fn one_thread(program: &Program) -> TestResult {
    watch(program, 4, |pid| threads(pid) == [pid] && descendants(pid).is_empty())
}

/// Starts a program, waits for its first lines, and polls `is_seen` until it returns true or the
/// program has ended.
fn watch(program: &Program, greeters: usize, is_seen: impl Fn(i32) -> bool) -> TestResult {
    let command = program.command.as_ref().ok_or("no Python was found")?;
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let pid = child.id() as i32;
    let greetings =
        BufReader::new(child.stdout.take().ok_or("no stdout")?).lines().take(greeters).count();
    let mut seen = false;
    while !seen && child.try_wait()?.is_none() {
        seen = is_seen(pid);
        thread::sleep(Duration::from_millis(1));
    }
    killpg(Pid::from_raw(pid), Signal::SIGKILL).ok();
    child.wait()?;
    assert!(
        greetings == greeters && seen,
        "{greetings} lines, but the sleeping threads or processes were not seen"
    );
    Ok(())
}

fn threads(pid: i32) -> Vec<i32> {
    numbers(&format!("/proc/{pid}/task"))
}

/// Children, their children, and so on. Linux lists the children of each thread.
fn descendants(pid: i32) -> Vec<i32> {
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(&member) = family.get(next) {
        for tid in threads(member) {
            let file = format!("/proc/{member}/task/{tid}/children");
            let children = fs::read_to_string(file).unwrap_or_default();
            family.extend(children.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok()));
        }
        next += 1;
    }
    family.split_off(1)
}

fn numbers(folder: &str) -> Vec<i32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Whether a thread is in a system call that sleeps: `clock_nanosleep` or, in older Pythons,
/// `select`.
fn is_asleep(pid: i32, tid: i32) -> bool {
    let calls: &[&str] = if cfg!(target_arch = "x86_64") {
        &["230", "35", "23", "270"]
    } else {
        &["115", "101", "72"] // the numbers of all newer architectures
    };
    let call = fs::read_to_string(format!("/proc/{pid}/task/{tid}/syscall")).unwrap_or_default();
    call.split(' ').next().is_some_and(|number| calls.contains(&number))
}
