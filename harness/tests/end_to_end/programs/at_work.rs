//! Which threads and processes do the work of a program, as Linux shows them while it runs.
//!
//! The stdout of a port is a pipe that holds one line. So the port waits with each line until the
//! test has seen which thread writes it. A thread of CPython's may write what another one has
//! printed: at exit, the main thread flushes stdout before it joins the others. So Python itself
//! says which threads call the greeters.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use harness::catalog::{Implementation, Listing, NAMES};
use harness::judge::lanes::greeter;
use harness::program::Program;
use harness::run::clean_environment;
use harness::run::supervisor::descendants;
use libtest_mimic::Failed;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc::{SYS_clock_nanosleep, SYS_nanosleep, SYS_write};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{Pid, pipe2};

use crate::setting::{LONG, TestResult, runner, wait_for};

/// Runs a program once, and returns the lines that it printed. Threads, tasks or processes have to
/// be at work as its section says.
pub fn lines_of(program: &Program) -> Result<Vec<String>, Failed> {
    if program.implementation == Implementation::Python {
        return lines_of_python(program);
    }
    // On a machine that stalls, this may see fewer that sleep than there are, so it tries again.
    let expected = sleeping_greeters(program.listing);
    for _ in 0..5 {
        let seen = Seen::of(program)?;
        seen.check(program)?;
        if program.section.name == "asyncio" || seen.most_asleep == expected {
            return Ok(seen.lines.into_iter().map(|(_, line)| line).collect());
        }
        assert!(seen.most_asleep < expected, "{} slept at the same time", seen.most_asleep);
    }
    Err(format!("{expected} were expected to sleep at the same time").into())
}

/// How many greeters of a listing sleep at the same time.
fn sleeping_greeters(listing: &Listing) -> usize {
    let after_a_sleep = listing.lines().filter(|line| line.stage > 0);
    let greeters: BTreeSet<_> = after_a_sleep.filter_map(|line| greeter(line.text)).collect();
    listing.workers.unwrap_or(greeters.len())
}

/// The pauses between two looks: short while there are lines, and longer during a sleep.
const SHORT: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(80);

/// What was seen of a port while it ran.
#[derive(Debug, Default)]
struct Seen {
    /// Each line, and whether the main thread wrote it. (If processes write at the same time, their
    /// lines may be mixed up.)
    lines: Vec<(bool, String)>,
    /// The largest number of threads and processes that slept at the same time, apart from the main
    /// thread and the program itself.
    most_asleep: usize,
    most_threads: usize,
    main_thread_slept: bool,
    had_children: bool,
}

impl Seen {
    fn of(program: &Program) -> Result<Seen, Failed> {
        // A pipe of one page, in which each write takes a page.
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC | OFlag::O_DIRECT)?;
        fcntl(&writer, FcntlArg::F_SETPIPE_SZ(4096))?;
        nix::unistd::write(&writer, b"\n")?;
        // When the connection is closed, the supervisor kills the program.
        let (mut supervisor, _connection) = runner(LONG).supervised(program.command.as_ref()?)?;
        supervisor.env_clear().envs(clean_environment()).stdout(writer);
        let mut supervisor = supervisor.spawn()?;
        let pid = Pid::from_raw(supervisor.id() as i32);
        let main = wait_for("the program", || descendants(pid).first().copied());
        let mut seen = Seen::default();
        let (begun, mut pause) = (Instant::now(), SHORT);
        // Whether the main thread wrote the line that is in the pipe.
        let mut by_main = false;
        while supervisor.try_wait()?.is_none() {
            assert!(begun.elapsed() < LONG, "it was still running after {LONG:?}");
            if let Some(waiting) = seen.look(main) {
                seen.lines.push((by_main, read_line(&reader)?));
                // Now there is room for its line.
                let mut waits_for_it = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
                poll(&mut waits_for_it, PollTimeout::try_from(LONG)?)?;
                (by_main, pause) = (waiting == main, SHORT);
            } else {
                thread::sleep(pause);
                pause = LONGEST.min(2 * pause);
            }
        }
        seen.lines.push((by_main, read_line(&reader)?));
        seen.lines.remove(0); // the line that filled the pipe
        Ok(seen)
    }

    /// Looks at all threads and processes. Returns the thread that waits to write a line.
    fn look(&mut self, main: Pid) -> Option<Pid> {
        let children = descendants(main);
        self.had_children |= !children.is_empty();
        let threads = threads(main);
        self.most_threads = self.most_threads.max(threads.len());
        self.main_thread_slept |= is_asleep(main, main);
        let asleep = threads.iter().filter(|tid| **tid != main && is_asleep(main, **tid));
        let is_copy = |child: &&Pid| executable(**child) == executable(main);
        let copies = children.iter().filter(is_copy).filter(|child| is_asleep(**child, **child));
        self.most_asleep = self.most_asleep.max(asleep.count() + copies.count());
        let all = threads.iter().map(|tid| (main, *tid));
        let all = all.chain(children.iter().map(|child| (*child, *child)));
        all.filter(|(pid, tid)| waits_to_write(*pid, *tid)).map(|(_, tid)| tid).next()
    }

    /// In threading, greeters run on other threads than the main thread, which waits for them. In
    /// asyncio, the main thread does everything. (async-std and smol always start further threads.)
    fn check(&self, program: &Program) -> TestResult {
        let is_greeters =
            |line: &str| NAMES.contains(&line) || line.starts_with("some_function was called");
        let is_threading = program.section.name == "threading";
        assert!(!(is_threading && self.main_thread_slept), "the main thread slept");
        for (by_main, line) in &self.lines {
            match program.section.name {
                "threading" if is_greeters(line) => assert!(!by_main, "main printed {line}"),
                "asyncio" => assert!(by_main, "another thread printed {line}"),
                _ => {}
            }
        }
        if program.section.name == "asyncio" {
            use Implementation::{AsyncStd, Smol};
            let has_others = matches!(program.implementation, AsyncStd | Smol);
            assert!(
                has_others || self.most_threads == 1,
                "there were {} threads",
                self.most_threads
            );
            assert!(!self.had_children, "there were further processes");
        }
        Ok(())
    }
}

/// Reads the line that is in the pipe.
fn read_line(reader: &OwnedFd) -> Result<String, Failed> {
    let mut line = vec![0; 4096];
    let length = nix::unistd::read(reader, &mut line)?;
    line.truncate(length);
    Ok(String::from_utf8(line)?.trim_end().to_owned())
}

fn executable(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

fn threads(pid: Pid) -> Vec<Pid> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let tids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    tids.map(Pid::from_raw).collect()
}

/// Whether a thread is in a system call that sleeps.
fn is_asleep(pid: Pid, tid: Pid) -> bool {
    let call = system_call(pid, tid);
    [SYS_clock_nanosleep, SYS_nanosleep].iter().any(|sleep| call.starts_with(&format!("{sleep} ")))
}

/// Whether a thread is in a write to stdout, and cannot go on.
fn waits_to_write(pid: Pid, tid: Pid) -> bool {
    let call = system_call(pid, tid);
    if !call.starts_with(&format!("{SYS_write} 0x1 ")) {
        return false;
    }
    let stat = fs::read_to_string(format!("/proc/{pid}/task/{tid}/stat")).unwrap_or_default();
    let is_waiting = stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" S"));
    // It waited in this call, if the call is still the same.
    is_waiting && system_call(pid, tid) == call
}

/// The system call that a thread is in: its number and its arguments, see proc_pid_syscall(5).
fn system_call(pid: Pid, tid: Pid) -> String {
    fs::read_to_string(format!("/proc/{pid}/task/{tid}/syscall")).unwrap_or_default()
}

/// Runs a Python program that writes to stderr which process and thread it is, and then those in
/// which a greeter is called. (The call of a coroutine also counts when it goes on.)
const WITH_PROFILE: &str = r#"
import multiprocessing, os, runpy, sys, threading
def report():
    os.write(2, b"%d %d\n" % (os.getpid(), threading.get_ident()))
def profile(frame, event, _):
    name = frame.f_code.co_name
    if event == "call" and (name.startswith("greeting_with_sleep") or name == "some_function"):
        report()
report()
multiprocessing.set_start_method("fork")
threading.setprofile(profile)
sys.setprofile(profile)
runpy.run_path(sys.argv[1], run_name="__main__")
"#;

fn lines_of_python(program: &Program) -> Result<Vec<String>, Failed> {
    let mut command = program.command.clone()?;
    command.splice(1..1, ["-c", WITH_PROFILE].map(Into::into));
    let outcome = runner(LONG).run(&command);
    let all: Vec<_> = outcome.stderr.iter().map(|line| line.text.as_str()).collect();
    let [main, greeters @ ..] = &all[..] else { return Err(format!("{outcome:?}").into()) };
    assert!(!greeters.is_empty(), "no greeter was called");
    let process = |line: &str| line.split(' ').next().map(str::to_owned);
    for greeter in greeters {
        let (is_main, is_child) = (greeter == main, process(greeter) != process(main));
        let (is_right, place) = match program.section.name {
            "threading" => (!is_main && !is_child, "on another thread than main's"),
            "asyncio" => (is_main, "on the main thread"),
            _ => (is_child, "in a child process"),
        };
        assert!(is_right, "a greeter did not run {place}: {greeter}, and main is {main}");
    }
    let different: BTreeSet<_> = greeters.iter().collect();
    let expected =
        if program.section.name == "asyncio" { 1 } else { sleeping_greeters(program.listing) };
    assert!(different.len() >= expected, "fewer than {expected} ran greeters: {all:?}");
    Ok(outcome.lines.into_iter().map(|line| line.text).collect())
}
