//! All tests that start programs. The programs mostly sleep, so all tests run concurrently,
//! independent of the number of cores.

use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use harness::program::{Executables, Program, Selection, workspace};
use harness::run::Runner;
use libtest_mimic::{Arguments, Failed, Trial};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, openpty};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

#[cfg(target_os = "linux")]
mod at_work;
mod command_line;
mod costs;
mod examples;
mod faults;
mod in_python;
mod interrupted;
mod left_behind;
mod measuring;
mod programs;
mod several_machines;
mod usage;

/// The executable of the harness. nextest says where it is, because it may come from another
/// machine.
static HARNESS: LazyLock<String> = LazyLock::new(|| {
    let file = env::var("NEXTEST_BIN_EXE_harness");
    file.unwrap_or_else(|_| env!("CARGO_BIN_EXE_harness").to_owned())
});

/// The folder of these tests.
fn this_folder() -> PathBuf {
    workspace().join("harness/tests/end_to_end")
}

/// What a test returns.
type TestResult = Result<(), Failed>;

/// What the tests start.
#[derive(Deserialize, Serialize)]
struct Setting {
    executables: Executables,
    /// A Python for the tests with a limit on threads and processes.
    confined_python: Option<PathBuf>,
    /// Why the tests on several machines are ignored, if they are.
    why_no_machines: Option<String>,
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(48);
    if let Err(error) = prepare_for_signals() {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    let setting: &'static Setting = match find_all(&arguments) {
        Ok(setting) => Box::leak(Box::new(setting)),
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    // The slowest first.
    let mut trials = measuring::trials();
    trials.extend(examples::trials(setting));
    trials.extend(left_behind::trials());
    trials.extend(faults::trials());
    trials.extend(command_line::trials());
    trials.extend(costs::trials(setting));
    trials.extend(interrupted::trials());
    trials.extend(programs::trials(setting));
    #[cfg(target_os = "linux")]
    trials.extend(at_work::trials(setting));
    trials.extend(in_python::trials(setting));
    trials.extend(usage::trials());
    // Last, because these slow down the others.
    trials.extend(several_machines::trials(setting));
    let names: Vec<_> = trials.iter().map(|trial| trial.name().to_owned()).collect();
    let test = move || the_readme_names_tests_that_exist(&names);
    trials.push(Trial::test("the_readme_names_tests_that_exist", test));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The last cell of each row of the table of what catches what has names of tests, or how several
/// names begin.
fn the_readme_names_tests_that_exist(names: &[String]) -> TestResult {
    let readme = fs::read_to_string(workspace().join("harness/README.md"))?;
    let table = readme.split("### What catches what\n").nth(1).ok_or("no table")?;
    let rows = table.trim_start().lines().take_while(|line| line.starts_with('|')).skip(2);
    for row in rows {
        let cell = row.rsplit('|').nth(1).filter(|cell| cell.contains('`'));
        for name in cell.ok_or_else(|| row.to_owned())?.split('`').skip(1).step_by(2) {
            let is_here = names.iter().any(|other| other.starts_with(name));
            let is_elsewhere = name == "each_port_calls_what_its_listing_is_about"
                || name.starts_with("at_work::") && !cfg!(target_os = "linux");
            assert!(is_here || is_elsewhere, "there is no test {name}");
        }
    }
    Ok(())
}

/// Programs that the tests start get the default actions of signals, and write no core files. They
/// would inherit that a signal is ignored, as under nohup. They do not inherit a handler, so this
/// handles the signals that are ignored here.
fn prepare_for_signals() -> anyhow::Result<()> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    // Other systems than Linux do not have this file.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(ignored.unwrap_or("0").trim(), 16)?;
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        if ignored >> (signal as i32 - 1) & 1 == 1 {
            signal_hook::flag::register(signal as i32, Arc::default())?;
        }
    }
    Ok(())
}

/// Builds the examples and finds Python. nextest asks for a list of the tests and then starts a
/// process per test, so what was found for the list is written to a file that the tests read.
fn find_all(arguments: &Arguments) -> anyhow::Result<Setting> {
    let file = Path::new(&*HARNESS).with_file_name("programs.json");
    let is_nextest = env::var_os("NEXTEST").is_some();
    if is_nextest && !arguments.list {
        return Ok(serde_json::from_slice(&fs::read(&file)?)?);
    }
    let runner = runner(Duration::from_secs(60));
    let executables = Selection::default().find(&runner)?;
    #[cfg(target_os = "linux")]
    let confined_python = costs::refused::find_python(&executables.interpreters);
    #[cfg(not(target_os = "linux"))]
    let confined_python = None;
    let why_no_machines = several_machines::why_no_machines();
    let setting = Setting { executables, confined_python, why_no_machines };
    if is_nextest {
        fs::write(file, serde_json::to_vec(&setting)?)?;
    }
    Ok(setting)
}

fn runner(limit: Duration) -> Runner {
    Runner::new(HARNESS.as_str().into(), limit)
}

/// A test of a program, which is ignored if the program is skipped.
fn program_trial(
    name: String,
    program: Program,
    test: impl FnOnce(Program) -> TestResult + Send + 'static,
) -> Trial {
    let reason = program.command.clone().err();
    ignored_because(reason, Trial::test(name, move || test(program)))
}

/// A test that is ignored if there is a reason, which is printed. (nextest would show it with every
/// test.)
fn ignored_because(reason: Option<String>, trial: Trial) -> Trial {
    if let Some(reason) = reason.as_ref().filter(|_| env::var_os("NEXTEST").is_none()) {
        eprintln!("ignored, because {reason}: {}", trial.name());
    }
    trial.with_ignored_flag(reason.is_some())
}

/// A semaphore, which limits how many tests of one kind run at a time. (nextest starts a process
/// per test. Its configuration has the same limits.)
struct Turns(Mutex<u32>, Condvar);

/// Returns its permit when it is dropped.
struct Turn(&'static Turns);

impl Turns {
    const fn new(most: u32) -> Turns {
        Turns(Mutex::new(most), Condvar::new())
    }

    fn wait(&'static self) -> Turn {
        let left = self.0.lock().unwrap();
        *self.1.wait_while(left, |left| *left == 0).unwrap() -= 1;
        Turn(self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap() += 1;
        self.0.1.notify_one();
    }
}

/// mpirun and its ranks start slowly, and poll while they wait for each other.
static MPI: Turns = Turns::new(2);

/// The command of the harness with these arguments.
fn harness(arguments: &[&str]) -> Command {
    let mut command = Command::new(&*HARNESS);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// A script that prints a version like Python. As a program, it does what its variables say.
struct PretendPython {
    folder: TempDir,
}

impl PretendPython {
    /// `variables` is like `PRETEND=hang`. Programs get a clean environment, so the script reads
    /// them from a file beside the link that starts it.
    fn new(variables: &str) -> io::Result<PretendPython> {
        let folder = tempfile::tempdir()?;
        let script = this_folder().join("pretend_python.sh");
        symlink(script, folder.path().join("python3"))?;
        fs::write(folder.path().join("variables"), variables)?;
        Ok(PretendPython { folder })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("python3")
    }

    /// What its programs have written to a file.
    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The command of the harness with these arguments and this Python.
    fn harness(&self, arguments: &[&str]) -> Command {
        let mut command = harness(arguments);
        command.arg("--python").arg(self.path());
        command
    }
}

/// What a program printed.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A stream that nobody reads, so that writing to it fails as with a closed pipe. The reading end
/// of a pipe may have a copy in a child that another test starts just now.
fn closed_pipe() -> io::Result<OwnedFd> {
    let (stream, _) = UnixStream::pair()?;
    stream.shutdown(Shutdown::Write)?;
    Ok(stream.into())
}

/// A pseudoterminal that is closed on exec, so that only the child that gets it inherits it.
/// Otherwise, a test that reads to its end would wait for the children of other tests.
fn open_terminal() -> nix::Result<OpenptyResult> {
    let terminal = openpty(None, None)?;
    for end in [&terminal.master, &terminal.slave] {
        fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    }
    Ok(terminal)
}

/// Polls `done` for up to a minute until it returns a value.
fn wait_for<T>(what: &str, done: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "waited a minute for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process exists and has not ended. (Its parent may be slow to reap it.)
fn is_there(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let is_zombie = stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z"));
    kill(process, None) != Err(Errno::ESRCH) && !is_zombie
}
