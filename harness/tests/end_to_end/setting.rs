//! What the tests share: what they start, how many run at a time, and how they wait.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use std::{env, thread};

use harness::program::{Executables, Program, Selection, workspace};
use harness::run::Runner;
use libtest_mimic::{Failed, Trial};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::programs;

/// Tests of these functions, named after a room and the function.
macro_rules! trials {
    ($room:literal: $($test:ident),* $(,)?) => {
        vec![$(libtest_mimic::Trial::test(concat!($room, "::", stringify!($test)), $test)),*]
    };
}
pub(crate) use trials;

/// Most tests sleep for most of their time. Those that compute wait for their [`turn`]. They sleep,
/// too, so there may be more of them than cores. (nextest's configuration has this for two cores.)
pub const TESTS_PER_CORE: usize = 32;

pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Waits until fewer than `most` tests compute. The test may compute until this is dropped. It is a
/// lock on a file, because nextest starts a process per test.
pub fn turn(most: usize) -> Flock<File> {
    let folder = Path::new(&*HARNESS).with_file_name("turns");
    fs::create_dir_all(&folder).expect("the target folder can be written");
    wait_for("a turn", || {
        let take = |number: usize| {
            let file = File::create(folder.join(number.to_string())).ok()?;
            Flock::lock(file, FlockArg::LockExclusiveNonblock).ok()
        };
        (0..most).find_map(take)
    })
}

/// The executable of the harness. nextest says where it is, because it may come from another
/// machine.
pub static HARNESS: LazyLock<String> = LazyLock::new(|| {
    let file = env::var("NEXTEST_BIN_EXE_harness");
    file.unwrap_or_else(|_| env!("CARGO_BIN_EXE_harness").to_owned())
});

/// The folder of these tests.
pub fn this_folder() -> PathBuf {
    workspace().join("harness/tests/end_to_end")
}

/// What a test returns.
pub type TestResult = Result<(), Failed>;

/// What the tests start.
#[derive(Deserialize, Serialize)]
pub struct Setting {
    pub executables: Executables,
    /// A Python for the tests with a limit on threads and processes.
    pub confined_python: Option<PathBuf>,
    /// Why the tests on several machines are ignored, if they are.
    pub why_no_machines: Option<String>,
}

impl Setting {
    /// Builds the examples and finds Python. nextest asks for a list of the tests and then starts a
    /// process per test, so what was found for the list is written to a file that the tests read.
    pub fn find(is_list: bool) -> anyhow::Result<Setting> {
        let file = Path::new(&*HARNESS).with_file_name("programs.json");
        let is_nextest = env::var_os("NEXTEST").is_some();
        if is_nextest && !is_list {
            return Ok(serde_json::from_slice(&fs::read(&file)?)?);
        }
        let executables = Selection::default().build(&runner(LONG))?;
        let confined_python = programs::refused::find_python(&executables.interpreters);
        let why_no_machines = programs::several_machines::why_no_machines();
        let setting = Setting { executables, confined_python, why_no_machines };
        if is_nextest {
            fs::write(file, serde_json::to_vec(&setting)?)?;
        }
        Ok(setting)
    }
}

/// Programs that the tests start get the default actions of signals, and write no core files. They
/// would inherit that a signal is ignored, as under nohup. They do not inherit a handler, so this
/// handles the signals that are ignored here.
pub fn prepare_for_signals() -> anyhow::Result<()> {
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

/// Long enough for every program that ends by itself.
pub const LONG: Duration = Duration::from_secs(60);

pub fn runner(limit: Duration) -> Runner {
    Runner::new(HARNESS.as_str().into(), limit)
}

/// The command of the harness with these arguments, which are separated by spaces.
pub fn harness(arguments: &str) -> Command {
    let mut command = Command::new(&*HARNESS);
    command.args(arguments.split_whitespace()).stdin(Stdio::null());
    command
}

/// A test of a program, which is ignored if the program is skipped.
pub fn program_trial(
    name: String,
    program: Program,
    test: impl FnOnce(Program) -> TestResult + Send + 'static,
) -> Trial {
    let reason = program.command.clone().err();
    ignored_because(reason, Trial::test(name, move || test(program)))
}

/// A test that is ignored if there is a reason, which is printed. (nextest would show it with every
/// test.)
pub fn ignored_because(reason: Option<String>, trial: Trial) -> Trial {
    if let Some(reason) = reason.as_ref().filter(|_| env::var_os("NEXTEST").is_none()) {
        eprintln!("ignored, because {reason}: {}", trial.name());
    }
    trial.with_ignored_flag(reason.is_some())
}

/// What a program printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Polls `done` until it returns a value, for up to five minutes, which a busy machine may need.
pub fn wait_for<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(begun.elapsed() < Duration::from_secs(300), "waited five minutes for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process exists and has not ended. (Its parent may be slow to reap it.)
pub fn is_there(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let is_zombie = stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z"));
    kill(process, None) != Err(Errno::ESRCH) && !is_zombie
}
