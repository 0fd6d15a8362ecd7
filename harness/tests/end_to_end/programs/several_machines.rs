//! The listing `several-machines` on this machine, and on two machines, which `machines.sh` makes
//! of this one.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use harness::catalog::{Implementation, NAMES, SEVERAL_MACHINES};
use harness::check::Cell;
use harness::program::Program;
use harness::run::End;
use harness::run::supervisor::descendants;
use libtest_mimic::{Failed, Trial};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::passes;
use crate::setting::{
    Setting, TestResult, cores, ignored_because, runner, text, this_folder, turn,
};
use crate::supervisor::wait_for_the_end_of;

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let mut trials = Vec::new();
    for program in setting.executables.programs(|_, listing| listing.name == SEVERAL_MACHINES) {
        let reason = program.command.clone().err();
        let name = format!("all_ranks_end_if_one_fails::{}", program.implementation);
        trials.push(trial(&name, reason, move || all_ranks_end_if_one_fails(program)));
    }
    let programs = on_two_machines(setting);
    let reasons = programs.iter().map(|program| program.command.clone().err());
    let reasons: Vec<_> =
        reasons.map(|reason| reason.or_else(|| setting.why_no_machines.clone())).collect();
    let tests: [(&str, Test); 3] = [
        ("all_ranks_end_if_those_of_one_machine_are_killed", kill_those_of_one_machine),
        ("all_ranks_end_if_a_machine_does_not_answer", stop_a_machine),
        ("all_ranks_end_if_the_harness_ends", end_the_harness),
    ];
    for (name, test) in tests {
        for (program, reason) in programs.iter().cloned().zip(reasons.iter().cloned()) {
            let name = format!("{name}::{}", program.implementation);
            trials.push(trial(&name, reason, move || test(Ranks::start(&program)?)));
        }
    }
    let reason = reasons.into_iter().flatten().next();
    let name = "python_and_rust_greet_from_both_machines";
    trials.push(trial(name, reason, move || greet_from_both_machines(&programs)));
    trials
}

type Test = fn(Ranks) -> TestResult;

fn trial(
    name: &str,
    reason: Option<String>,
    test: impl FnOnce() -> TestResult + Send + 'static,
) -> Trial {
    let test = move || {
        let _turn = turn(cores());
        test()
    };
    ignored_because(reason, Trial::test(format!("several_machines::{name}"), test))
}

/// The last rank cannot print, because its stdout is a full device. That is an exception in Python
/// and a panic in Rust. If only that rank ended, the others would wait for its greeting.
fn all_ranks_end_if_one_fails(program: Program) -> TestResult {
    let mut command = program.command?;
    let number = command.iter().position(|argument| argument == "-n").ok_or("no -n")? + 1;
    let rank = command[number + 1..].to_vec();
    command[number] = "3".into();
    command.extend([":", "-n", "1", "sh", "-c", "exec \"$@\" >/dev/full", "sh"].map(Into::into));
    command.extend(rank);
    let outcome = runner(Duration::from_secs(10)).run(&command);
    let (status, message) = match program.implementation {
        Implementation::Python => (1, "OSError: [Errno 28] No space left on device"),
        _ => (101, "failed printing to stdout: No space left on device (os error 28)"),
    };
    assert_eq!(outcome.end, End::Exited(status), "{outcome:?}");
    assert!(outcome.stderr.iter().any(|line| line.text.contains(message)), "{outcome:?}");
    Ok(())
}

/// The script that runs a command on the first of two machines.
fn machines() -> PathBuf {
    this_folder().join("programs/machines.sh")
}

/// Why machines cannot be made here, if they cannot.
pub fn why_no_machines() -> Option<String> {
    let error = match Command::new(machines()).arg("true").output() {
        Ok(output) if output.status.success() => return None,
        Ok(output) => text(&output.stderr).lines().next().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    };
    Some(format!("network namespaces cannot be made ({error})"))
}

/// The Python program and the port, which mpirun starts from the first machine.
fn on_two_machines(setting: &Setting) -> Vec<Program> {
    let hostfile = this_folder().join("programs/hosts");
    let executables = setting.executables.clone().with_hostfile(Some(hostfile));
    let mut programs = executables.programs(|_, listing| listing.name == SEVERAL_MACHINES);
    for command in programs.iter_mut().filter_map(|program| program.command.as_mut().ok()) {
        command.insert(0, machines().into());
    }
    programs
}

fn greet_from_both_machines(programs: &[Program]) -> TestResult {
    let runner = runner(Duration::from_secs(10));
    let run = |program| Cell::check(program, &runner).confirm(&runner);
    thread::scope(|scope| {
        let cells: Vec<_> = programs.iter().map(|one| scope.spawn(move || run(one))).collect();
        for cell in cells {
            let cell = cell.join().expect("running a program does not panic");
            passes(&cell)?;
            let lines = cell.outcome.iter().flat_map(|outcome| &outcome.lines);
            let greetings = lines.map(|line| &line.text).filter(|text| text.contains(" from "));
            let machines = ["machine1", "machine1", "machine2", "machine2"];
            let greeting = |(name, machine)| format!("{name} says hello! from {machine}");
            assert!(
                greetings.eq(NAMES.iter().zip(machines).map(greeting).collect::<Vec<_>>().iter())
            );
        }
        Ok(())
    })
}

/// Four ranks that sleep, two on each machine.
struct Ranks {
    supervisor: Child,
    connection: UnixStream,
    stdout: BufReader<ChildStdout>,
    /// All processes below the supervisor, and the ranks among them in their order.
    processes: Vec<Pid>,
    ranks: Vec<Pid>,
    /// Where mpirun, its daemons and the ranks have their files.
    folder: TempDir,
}

impl Ranks {
    fn start(program: &Program) -> Result<Ranks, Failed> {
        let folder = tempfile::tempdir()?;
        let (mut supervisor, connection) =
            runner(Duration::ZERO).supervised(program.command.as_ref()?)?;
        let mut supervisor = supervisor
            .env("TMPDIR", folder.path())
            .env("OMPI_MCA_btl_vader_backing_directory", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdout = BufReader::new(supervisor.stdout.take().ok_or("no stdout")?);
        for _ in NAMES {
            let mut name = String::new();
            stdout.read_line(&mut name)?;
            if !NAMES.contains(&name.trim_end()) {
                drop(connection);
                return Err(format!("{name:?}: {:?}", supervisor.wait_with_output()?).into());
            }
        }
        let processes = descendants(Pid::from_raw(supervisor.id() as i32));
        let rank = |process: &Pid| {
            let environment = fs::read_to_string(format!("/proc/{process}/environ")).ok()?;
            let rank = environment.split_once("OMPI_COMM_WORLD_RANK=")?.1;
            Some((rank.chars().next()?, *process))
        };
        let mut ranks: Vec<_> = processes.iter().filter_map(rank).collect();
        ranks.sort();
        let ranks: Vec<_> = ranks.into_iter().map(|(_, process)| process).collect();
        assert_eq!(ranks.len(), NAMES.len(), "{processes:?}");
        Ok(Ranks { supervisor, connection, stdout, processes, ranks, folder })
    }

    /// The process with this name.
    fn named(&self, name: &str) -> Pid {
        let name_of = |process: &Pid| fs::read_to_string(format!("/proc/{process}/comm"));
        let has_name = |process: &&Pid| name_of(process).is_ok_and(|it| it.trim_end() == name);
        let found = self.processes.iter().find(has_name);
        *found.unwrap_or_else(|| panic!("no {name} in {:?}", self.processes))
    }

    /// Waits for the end of all processes, and returns the exit status, stderr, and the files that
    /// are left. No rank has greeted.
    fn wait(mut self) -> Result<(Option<i32>, String, Vec<String>), Failed> {
        wait_for_the_end_of(&self.processes);
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout)?;
        assert_eq!(stdout, "");
        let output = self.supervisor.wait_with_output()?;
        let left = fs::read_dir(self.folder.path())?.flatten();
        let left = left.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        Ok((output.status.code(), text(&output.stderr), left))
    }
}

fn kill_those_of_one_machine(ranks: Ranks) -> TestResult {
    for rank in &ranks.ranks[2..] {
        // When one is killed, mpirun may end the other before this does.
        let _ = kill(*rank, Signal::SIGKILL);
    }
    let (status, stderr, left) = ranks.wait()?;
    assert!(stderr.contains("exited on signal 9 (Killed)"), "{stderr}");
    assert_eq!((status, left), (Some(137), vec![]), "{stderr}");
    Ok(())
}

/// Stops the processes of the second machine, and takes its link down.
fn stop_a_machine(ranks: Ranks) -> TestResult {
    let stopped = [ranks.ranks[2], ranks.ranks[3], ranks.named("orted")];
    stopped.iter().try_for_each(|process| kill(*process, Signal::SIGSTOP))?;
    let output = Command::new("nsenter")
        .args(["--target", &ranks.ranks[0].to_string(), "--user", "--mount"])
        .args(["--preserve-credentials", "ip", "-n", "switch", "link", "set", "port2", "down"])
        .output()?;
    assert!(output.status.success(), "{}", text(&output.stderr));
    wait_for_the_end_of(&[ranks.named("mpirun"), ranks.ranks[0], ranks.ranks[1]]);
    stopped.iter().try_for_each(|process| kill(*process, Signal::SIGKILL))?;
    let (status, stderr, mut left) = ranks.wait()?;
    assert!(stderr.contains("ORTE has lost communication with a remote daemon"), "{stderr}");
    assert!(status.is_some_and(|status| status > 0), "{status:?} {stderr}");
    left.retain(|file| !file.contains("machine2"));
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}

/// On Ctrl-C, too, the connection of a supervisor to the harness is closed.
fn end_the_harness(ranks: Ranks) -> TestResult {
    ranks.connection.shutdown(Shutdown::Write)?;
    let (_, _, left) = ranks.wait()?;
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}
