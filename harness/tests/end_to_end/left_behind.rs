//! No process is left, however a program, the harness, a guard or a supervisor ends.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::run::End;
use harness::run::supervisor::descendants;
use libtest_mimic::Trial;
use nix::sys::signal::Signal::{self, SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM, SIGUSR1};
use nix::sys::signal::{kill, killpg};
use nix::unistd::Pid;

use crate::{
    HARNESS, PretendPython, TestResult, harness, is_there, open_terminal, runner, text, wait_for,
};

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        trial("nothing_of_a_program_that_hangs", || look_for_the_rest("wait")),
        trial("nothing_of_a_program_that_exits", || look_for_the_rest("exit")),
    ];
    if cfg!(target_os = "linux") {
        let name = "a_program_removes_its_files_on_sigterm";
        trials.push(trial(name, a_program_removes_its_files_on_sigterm));
        let name = "a_program_removes_its_files_when_the_harness_ends";
        trials.push(trial(name, a_program_removes_its_files_when_the_harness_ends));
        let name = "nothing_of_a_program_whose_child_ignores_sigterm";
        trials.push(trial(name, nothing_of_a_program_whose_child_ignores_sigterm));
    }
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGKILL] {
        let name = format!("nothing_when_{signal}_ends_the_harness");
        trials.push(trial(&name, move || nothing_when_the_harness_is_ended(signal)));
    }
    if cfg!(target_os = "linux") {
        trials.push(trial("nothing_of_a_listing_with_children", nothing_of_a_listing));
        trials.push(trial("nothing_when_the_terminal_is_closed", nothing_without_a_terminal));
        let may_mount = command_without_proc().arg("true").status().is_ok_and(|it| it.success());
        let trial_without_proc = trial("nothing_without_proc", nothing_without_proc);
        trials.push(trial_without_proc.with_ignored_flag(!may_mount));
        for (signal, what) in [(SIGKILL, "killed"), (SIGSTOP, "stopped")] {
            for who in [Helper::Guard, Helper::Supervisor] {
                let name = format!("nothing_when_the_{who:?}_is_{what}").to_lowercase();
                trials.push(trial(&name, move || nothing_without_the(who, signal)));
            }
        }
    }
    trials
}

fn trial(name: &str, test: impl FnOnce() -> TestResult + Send + 'static) -> Trial {
    Trial::test(format!("left_behind::{name}"), test)
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

/// As mpirun does. It exits by itself then, but it was still running at its limit.
fn a_program_removes_its_files_on_sigterm() -> TestResult {
    let file = tempfile::NamedTempFile::new()?;
    let script = "trap 'rm $0; exit' TERM; echo; while :; do sleep 0.1; done";
    let path = file.path().to_str().ok_or("not UTF-8")?;
    let limit = Duration::from_secs(1);
    let outcome = runner(limit).run(&["sh", "-c", script, path].map(Into::into));
    assert_eq!(outcome.end, End::TimedOut(limit));
    assert!(!file.path().exists());
    Ok(())
}

/// It prints before it removes its file, although the harness reads no more.
fn a_program_removes_its_files_when_the_harness_ends() -> TestResult {
    let file = tempfile::NamedTempFile::new()?;
    let script = "trap 'echo ending; rm $0; exit' TERM; echo; while :; do sleep 0.1; done";
    let path = file.path().to_str().ok_or("not UTF-8")?;
    let command = ["sh", "-c", script, path].map(Into::into);
    let (mut guard, connection) = runner(Duration::ZERO).supervised(&command)?;
    let mut guard = guard.stdout(Stdio::piped()).spawn()?;
    let mut stdout = guard.stdout.take().ok_or("no stdout")?;
    stdout.read_exact(&mut [0])?;
    drop((stdout, connection));
    guard.wait()?;
    assert!(!file.path().exists());
    Ok(())
}

fn nothing_of_a_program_whose_child_ignores_sigterm() -> TestResult {
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
fn nothing_of_a_listing() -> TestResult {
    let mut harness = harness(&["--implementation", "smol", "--listing", "timeout"]).spawn()?;
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

fn nothing_without_a_terminal() -> TestResult {
    let python = PretendPython::new("PRETEND=hang")?;
    let terminal = open_terminal()?;
    let mut command = Command::new("setsid");
    command.args(["--ctty", &*HARNESS]).args(HANG).arg("--python").arg(python.path());
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
fn nothing_without_proc() -> TestResult {
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

/// A process between the harness and a program.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Helper {
    Guard,
    Supervisor,
}

/// The program hangs, so it has to be killed at its limit, or when its supervisor is killed.
fn nothing_without_the(who: Helper, signal: Signal) -> TestResult {
    let python = PretendPython::new("PRETEND=hang")?;
    let mut command = python.harness(&["--implementation", "python", "--listing", "one-process"]);
    command.args(["--limit", "3"]).stdout(Stdio::piped());
    let (harness, processes) = start(&python, &mut command, 1)?;
    let [guard, supervisor, program, ..] = processes[..] else { return Err("no program".into()) };
    kill(if who == Helper::Guard { guard } else { supervisor }, signal)?;
    // The program prints its first line, from which the limit counts.
    let _ = kill(program, SIGUSR1);
    let output = harness.wait_with_output()?;
    wait_for_the_end_of(&processes);
    let shown = text(&output.stdout);
    let fault = match (who, signal) {
        (Helper::Supervisor, SIGKILL) => "could-not-start: the supervisor was killed",
        _ => "timed-out: was still running 3 s after its first line and was killed",
    };
    assert!(shown.contains(fault), "{shown}");
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

/// The arguments of a check of six Python programs, two of each section, which hang.
const HANG: &[&str] = &[
    "--implementation",
    "python",
    "--limit",
    "1000",
    "--listing",
    "timeout",
    "--listing",
    "workers",
];

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
        // Each has a guard and a supervisor.
        assert_eq!(processes.len(), programs * 5);
    }
    Ok((harness, processes))
}

pub fn wait_for_the_end_of(processes: &[Pid]) {
    let is_any_there = || processes.iter().any(|process| is_there(*process));
    wait_for("all processes to end", || (!is_any_there()).then_some(()));
}
