//! No process is left, however a program, the harness or the terminal ends.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::run::End;
use harness::run::supervisor::{Usage, descendants};
use libtest_mimic::Trial;
use nix::sys::signal::Signal::{self, SIGCONT, SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM};
use nix::sys::signal::{kill, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use tempfile::NamedTempFile;

use crate::command_lines::{PretendPython, open_terminal};
use crate::setting::{
    HARNESS, LONG, TestResult, harness, is_there, runner, text, trials, wait_for,
};

pub fn trials() -> Vec<Trial> {
    let mut trials = trials!("supervisor":
        the_cpu_time_of_a_child_counts,
        a_program_runs_again_if_the_harness_was_stopped,
    );
    for (what, then) in [("hangs", "wait"), ("exits", "exit")] {
        let name = format!("supervisor::nothing_is_left_of_a_program_that_{what}");
        trials.push(Trial::test(name, move || look_for_the_rest(then)));
    }
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGKILL] {
        let name = format!("supervisor::nothing_is_left_when_{signal}_ends_the_harness");
        trials.push(Trial::test(name, move || nothing_when_the_harness_is_ended(signal)));
    }
    if cfg!(target_os = "linux") {
        trials.extend(trials!("supervisor":
            the_memory_of_the_harness_does_not_count,
            a_program_removes_its_files_on_sigterm,
            a_program_removes_its_files_when_the_harness_ends,
            nothing_is_left_of_a_program_whose_child_ignores_sigterm,
            nothing_is_left_of_a_listing_with_children,
            nothing_is_left_when_the_terminal_is_closed,
            a_supervisor_that_is_killed_is_a_fault,
        ));
        let may_mount = command_without_proc().arg("true").status().is_ok_and(|it| it.success());
        let without_proc = trials!("supervisor": nothing_is_left_without_proc);
        trials.extend(without_proc.into_iter().map(|trial| trial.with_ignored_flag(!may_mount)));
    }
    trials
}

/// Starts two processes, one of which leaves the process group, and prints their ids.
#[cfg(target_os = "linux")]
const STARTS_OTHERS: &str = "sleep 1000 & echo $!; setsid sleep 1000 & echo $!;";
#[cfg(not(target_os = "linux"))]
const STARTS_OTHERS: &str = "sleep 1000 & echo $!; sleep 1000 & echo $!;";

fn look_for_the_rest(then: &str) -> TestResult {
    let command = ["sh", "-c", &format!("{STARTS_OTHERS} {then}")].map(Into::into);
    let outcome = runner(Duration::from_secs(3)).run(&command);
    let pids: Vec<_> = outcome.lines.iter().filter_map(|line| line.text.parse().ok()).collect();
    assert_eq!(pids.len(), 2, "{outcome:?}");
    for pid in pids {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
        assert!(!is_there(Pid::from_raw(pid)), "process {pid} is left: {stat:?} {outcome:?}");
    }
    Ok(())
}

/// A file, and a program that removes it on SIGTERM, as mpirun does. Before, it prints a line.
fn program_with_a_file() -> std::io::Result<(NamedTempFile, [OsString; 4])> {
    let file = NamedTempFile::new()?;
    let script = "trap 'echo ending; rm $0; exit' TERM; echo; while :; do sleep 0.1; done";
    let command = ["sh".into(), "-c".into(), script.into(), file.path().into()];
    Ok((file, command))
}

/// It exits by itself, but it was still running at its limit.
fn a_program_removes_its_files_on_sigterm() -> TestResult {
    let (file, command) = program_with_a_file()?;
    let limit = Duration::from_secs(1);
    assert_eq!(runner(limit).run(&command).end, End::TimedOut(limit));
    assert!(!file.path().exists());
    Ok(())
}

/// The harness reads no more of what it prints.
fn a_program_removes_its_files_when_the_harness_ends() -> TestResult {
    let (file, command) = program_with_a_file()?;
    let (mut supervisor, connection) = runner(Duration::ZERO).supervised(&command)?;
    let mut supervisor = supervisor.stdout(Stdio::piped()).spawn()?;
    let mut stdout = supervisor.stdout.take().ok_or("no stdout")?;
    stdout.read_exact(&mut [0])?;
    drop((stdout, connection));
    supervisor.wait()?;
    assert!(!file.path().exists());
    Ok(())
}

fn nothing_is_left_of_a_program_whose_child_ignores_sigterm() -> TestResult {
    let script = "sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.1; done' & wait";
    let limit = Duration::from_secs(1);
    let outcome = runner(limit).run(&["sh", "-c", script].map(Into::into));
    assert_eq!(outcome.end, End::TimedOut(limit));
    let child = outcome.lines.first().ok_or("no line")?.text.parse()?;
    assert!(!is_there(Pid::from_raw(child)), "process {child} is left");
    Ok(())
}

fn nothing_when_the_harness_is_ended(signal: Signal) -> TestResult {
    let python = PretendPython::new("PRETEND=hang")?;
    let (mut harness, processes) = start(&python, python.harness(HANG).process_group(0), 6)?;
    let pid = Pid::from_raw(harness.id() as i32);
    match signal {
        // On Ctrl-C, a terminal sends it to all of the harness's process group.
        SIGINT | SIGQUIT => killpg(pid, signal)?,
        _ => kill(pid, signal)?,
    }
    harness.wait()?;
    wait_for_the_end_of(&processes);
    Ok(())
}

/// The harness is killed while a process of `timeout` sleeps for a minute.
fn nothing_is_left_of_a_listing_with_children() -> TestResult {
    let mut harness = harness("--implementation smol --listing timeout").spawn()?;
    let pid = Pid::from_raw(harness.id() as i32);
    let is_child = |process: &Pid| {
        let command = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        command.contains("--greeting-with-sleep\0Hisham")
    };
    let processes = wait_for("a child of the listing", || {
        let processes = descendants(pid);
        processes.iter().any(is_child).then_some(processes)
    });
    harness.kill()?;
    harness.wait()?;
    wait_for_the_end_of(&processes);
    Ok(())
}

fn nothing_is_left_when_the_terminal_is_closed() -> TestResult {
    let python = PretendPython::new("PRETEND=hang")?;
    let terminal = open_terminal()?;
    let mut command = Command::new("setsid");
    command.args(["--ctty", &*HARNESS]).args(HANG.split(' ')).arg("--python").arg(python.path());
    let (mut harness, processes) = start(&python, command.stdin(terminal.slave), 6)?;
    drop((command, File::from(terminal.master)));
    harness.wait()?;
    wait_for_the_end_of(&processes);
    Ok(())
}

/// A command that runs another one where `/proc` has nothing but a link to the harness.
fn command_without_proc() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c"]).stdin(Stdio::null());
    command.arg(
        "mount -t tmpfs none /proc && mkdir /proc/self && ln -s $0 /proc/self/exe && exec \"$@\"",
    );
    command.arg(&*HARNESS).stderr(Stdio::null());
    command
}

/// The program is still killed at its limit, with the processes of its group.
fn nothing_is_left_without_proc() -> TestResult {
    let python = PretendPython::new("PRETEND=hang PREFIX= LINE=hello")?;
    let output = command_without_proc()
        .args([&*HARNESS, "--implementation", "python", "--listing", "one-process"])
        .args(["--limit", "2", "--python"])
        .arg(python.path())
        .output()?;
    let shown = text(&output.stdout);
    assert!(
        shown.contains("timed-out: was still running 2 s after its first line and was killed"),
        "{shown}"
    );
    let processes: Vec<_> = python.log().split_whitespace().flat_map(str::parse).collect();
    assert_eq!(processes.len(), 3);
    wait_for_the_end_of(&processes.into_iter().map(Pid::from_raw).collect::<Vec<_>>());
    Ok(())
}

/// The program ends while the harness is stopped, as by Ctrl-Z.
fn a_program_runs_again_if_the_harness_was_stopped() -> TestResult {
    let python = PretendPython::new("PRETEND=hang")?;
    let arguments = "--implementation python --listing one-process --limit 1000";
    let (mut harness, processes) = start(&python, &mut python.harness(arguments), 1)?;
    let pid = Pid::from_raw(harness.id() as i32);
    kill(pid, SIGSTOP)?;
    waitpid(pid, Some(WaitPidFlag::WUNTRACED))?;
    for process in &processes[1..] {
        kill(*process, SIGKILL)?;
    }
    kill(pid, SIGCONT)?;
    let runs = || python.log().lines().count();
    wait_for("the second run, or the end", || {
        (runs() == 2 || harness.try_wait().is_ok_and(|ended| ended.is_some())).then_some(())
    });
    assert_eq!(runs(), 2);
    let again = descendants(pid);
    harness.kill()?;
    harness.wait()?;
    wait_for_the_end_of(&again);
    Ok(())
}

/// Its program keeps running, but the harness does not wait for it.
fn a_supervisor_that_is_killed_is_a_fault() -> TestResult {
    let python = PretendPython::new("PRETEND=hang")?;
    let mut command = python.harness("--implementation python --listing one-process");
    let (harness, processes) = start(&python, command.stdout(Stdio::piped()), 1)?;
    kill(processes[0], SIGKILL)?;
    let output = harness.wait_with_output()?;
    for process in &processes[1..] {
        kill(*process, SIGKILL)?;
    }
    let shown = text(&output.stdout);
    assert!(shown.contains("could-not-start: the supervisor was killed"), "{shown}");
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

/// The arguments of a check of six Python programs, two of each section, which hang.
const HANG: &str = "--implementation python --limit 1000 --listing timeout --listing workers";

/// Starts a harness, waits for its programs, and returns it with all its descendants. Each program
/// hangs, and has two children.
fn start(
    python: &PretendPython,
    harness: &mut Command,
    programs: usize,
) -> std::io::Result<(Child, Vec<Pid>)> {
    let harness = harness.spawn()?;
    wait_for("all programs to start", || {
        (python.log().split_whitespace().count() == programs * 3).then_some(())
    });
    let processes = descendants(Pid::from_raw(harness.id() as i32));
    if cfg!(target_os = "linux") {
        // Each has a supervisor.
        assert_eq!(processes.len(), programs * 4);
    }
    Ok((harness, processes))
}

pub fn wait_for_the_end_of(processes: &[Pid]) {
    let is_any_there = || processes.iter().any(|process| is_there(*process));
    wait_for("all processes to end", || (!is_any_there()).then_some(()));
}

/// The usage that is reported of a program.
fn usage(command: &[&str]) -> Usage {
    let command: Vec<_> = command.iter().map(Into::into).collect();
    let outcome = runner(LONG).run(&command);
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
