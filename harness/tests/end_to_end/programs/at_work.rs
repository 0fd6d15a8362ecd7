//! Which threads and processes do the work of a program, as Linux shows them while it runs.
//!
//! The stdout of a port is a pipe that holds one line. So the port waits with each line until the
//! test has seen which thread writes it. A thread of CPython's may write what another one has
//! printed: at exit, the main thread flushes stdout before it joins the others. So Python itself
//! says which threads call the greeters and print.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use harness::catalog::{CPU_BOUND, Group, Implementation, Listing, PARALLEL_MAP};
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
/// be at work as its section says. `at_once` is how many of them work at the same time, if that is
/// not what the listing's lines say.
pub fn lines_of(program: &Program, at_once: Option<usize>) -> Result<Vec<String>, Failed> {
    let expected = at_once.unwrap_or_else(|| sleeping_greeters(program));
    let mut most = 0;
    // On a machine that stalls, this may see fewer than there are, so it tries again.
    for _ in 0..5 {
        let (lines, at_once) = match program.implementation {
            Implementation::Python => lines_of_python(program)?,
            _ => lines_of_port(program, expected)?,
        };
        let is_port = program.implementation != Implementation::Python;
        if at_once >= expected || (is_port && is_on_one_thread(program)) {
            return Ok(lines);
        }
        most = most.max(at_once);
    }
    Err(format!("{most} worked at the same time, expected {expected}").into())
}

/// Whether it runs tasks, which only Python shows. (asyncio's `cpu-bound` also uses other threads.)
fn is_on_one_thread(program: &Program) -> bool {
    program.section.name == "asyncio" && program.listing.name != CPU_BOUND
}

/// Whether its greeters compute.
fn computes(program: &Program) -> bool {
    [CPU_BOUND, PARALLEL_MAP].contains(&program.listing.name)
}

/// How many greeters of a program sleep at the same time.
fn sleeping_greeters(program: &Program) -> usize {
    let listing = program.listing;
    // If they can be told to stop, those of a port wait for a condition or a channel instead.
    let can_stop = listing.lines().any(|line| line.text.ends_with(" is cancelled"));
    if can_stop && program.implementation != Implementation::Python {
        return 0;
    }
    let due_at = |due| {
        let places = listing.steps.iter().flat_map(|step| {
            step.lines.iter().enumerate().filter(move |(place, _)| step.due_at(*place) == due)
        });
        places.filter_map(|(_, line)| greeter(line)).collect::<BTreeSet<_>>().len()
    };
    [1, 2].map(due_at).into_iter().max().unwrap_or_default()
}

/// Whether a greeter prints this line. (Others print what a greeter has returned.)
fn is_of_greeter(listing: &Listing, line: &str) -> bool {
    let step = listing.line_of(line).map(|line| &listing.steps[line.step]);
    let is_first = step.is_some_and(|step| step.due == 0) || line.ends_with(" is cancelled");
    greeter(line).is_some() && (is_first || listing.group == Group::Document)
}

/// The pauses between two looks: short while there are lines, and longer during a sleep.
const SHORT: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(150);

/// What was seen of a port while it ran.
#[derive(Debug, Default)]
struct Seen {
    /// Each line, and whether the main thread wrote it. (If processes write at the same time, their
    /// lines may be mixed up.)
    lines: Vec<(bool, String)>,
    /// The largest number of greeters that slept at the same time: of threads apart from the main
    /// thread, or of child processes.
    most_asleep: usize,
    /// The largest number of them that computed at the same time.
    most_computing: usize,
    most_threads: usize,
    main_thread_slept: bool,
    had_children: bool,
    /// Whether the program had a child that had ended when the main thread wrote its last line.
    has_left_zombie: bool,
}

/// Runs a port once, and returns how many of its greeters slept at the same time.
pub fn most_asleep(program: &Program) -> Result<usize, Failed> {
    Ok(Seen::of(program)?.most_asleep)
}

fn lines_of_port(program: &Program, expected: usize) -> Result<(Vec<String>, usize), Failed> {
    let seen = Seen::of(program)?;
    seen.check(program)?;
    // No thread of an event loop sleeps in a system call for that: it waits for events.
    let most = if is_on_one_thread(program) { 0 } else { expected };
    assert!(seen.most_asleep <= most, "{} slept at the same time", seen.most_asleep);
    let at_once = if computes(program) { seen.most_computing } else { seen.most_asleep };
    Ok((seen.lines.into_iter().map(|(_, line)| line).collect(), at_once))
}

impl Seen {
    fn of(program: &Program) -> Result<Seen, Failed> {
        let (reader, writer) = pipe_of_one_line()?;
        nix::unistd::write(&writer, b"\n")?;
        // When the connection is closed, the supervisor kills the program.
        let (mut supervisor, _connection) = runner(LONG).supervised(program.command.as_ref()?)?;
        supervisor.env_clear().envs(clean_environment()).stdout(writer);
        let mut supervisor = supervisor.spawn()?;
        let pid = Pid::from_raw(supervisor.id() as i32);
        let main = wait_for("the program", || descendants(pid).first().copied());
        let mut seen = Seen::default();
        let (begun, mut pause) = (Instant::now(), SHORT);
        let longest = if computes(program) { SHORT } else { LONGEST };
        // In Rust, a map over many items needs no processes.
        let is_map = program.listing.name == PARALLEL_MAP;
        let unit = if is_map { "threads" } else { program.section.unit };
        // Whether the main thread wrote the line that is in the pipe.
        let mut by_main = false;
        while supervisor.try_wait()?.is_none() {
            assert!(begun.elapsed() < LONG, "it was still running after {LONG:?}");
            if let Some(waiting) = seen.look(main, unit) {
                seen.lines.push((by_main, read_line(&reader)?));
                // Now there is room for its line.
                let mut waits_for_it = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
                poll(&mut waits_for_it, PollTimeout::try_from(LONG)?)?;
                (by_main, pause) = (waiting == main, SHORT);
            } else {
                thread::sleep(pause);
                pause = longest.min(2 * pause);
            }
        }
        seen.lines.push((by_main, read_line(&reader)?));
        seen.lines.remove(0); // the line that filled the pipe
        Ok(seen)
    }

    /// Looks at all threads and processes. Returns the thread that waits to write a line.
    fn look(&mut self, main: Pid, unit: &str) -> Option<Pid> {
        let children = descendants(main);
        self.had_children |= !children.is_empty();
        let threads = threads(main);
        self.most_threads = self.most_threads.max(threads.len());
        self.main_thread_slept |= is_asleep(main, main);
        let main_threads_of = |children: &[Pid]| children.iter().map(|pid| (*pid, *pid)).collect();
        let of_children: Vec<_> = main_threads_of(&children);
        let own: Vec<_> = threads.into_iter().map(|tid| (main, tid)).collect();
        let is_greeters = |&&(pid, tid): &&(Pid, Pid)| match unit {
            "processes" => pid != main && executable(pid) == executable(main),
            _ => pid == main && tid != main,
        };
        let all: Vec<_> = own.into_iter().chain(of_children).collect();
        let greeters: Vec<_> = all.iter().filter(is_greeters).collect();
        let count = |is_so: fn(Pid, Pid) -> bool| {
            greeters.iter().filter(|(pid, tid)| is_so(*pid, *tid)).count()
        };
        self.most_asleep = self.most_asleep.max(count(is_asleep));
        self.most_computing =
            self.most_computing.max(count(|pid, tid| state(pid, tid) == Some('R')));
        let waiting = all.iter().find(|(pid, tid)| waits_to_write(*pid, *tid)).map(|(_, tid)| *tid);
        if waiting == Some(main) {
            self.has_left_zombie = children.iter().any(|pid| state(*pid, *pid) == Some('Z'));
        }
        waiting
    }

    /// In threading, greeters run on other threads than the main thread, which waits for them. In
    /// asyncio, the main thread does everything. (async-std and smol always start further threads.)
    fn check(&self, program: &Program) -> TestResult {
        let section = program.section.name;
        assert!(!(section == "threading" && self.main_thread_slept), "the main thread slept");
        assert!(!self.has_left_zombie, "it did not wait for a child");
        for (by_main, line) in &self.lines {
            match section {
                "threading" if is_of_greeter(program.listing, line) => {
                    assert!(!by_main, "main printed {line}");
                }
                "asyncio" => assert!(by_main, "another thread printed {line}"),
                _ => {}
            }
        }
        assert!(
            !(self.had_children && program.listing.name == PARALLEL_MAP),
            "there were further processes"
        );
        if section == "asyncio" {
            use Implementation::{AsyncStd, Smol};
            let has_others = matches!(program.implementation, AsyncStd | Smol);
            assert!(
                has_others || !is_on_one_thread(program) || self.most_threads == 1,
                "there were {} threads",
                self.most_threads
            );
            assert!(!self.had_children, "there were further processes");
        }
        Ok(())
    }
}

/// A pipe of one page, in which each write takes a page: its reading and its writing end.
pub fn pipe_of_one_line() -> nix::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC | OFlag::O_DIRECT)?;
    fcntl(&writer, FcntlArg::F_SETPIPE_SZ(4096))?;
    Ok((reader, writer))
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
    // It waited in this call, if the call is still the same.
    call.starts_with(&format!("{SYS_write} 0x1 "))
        && state(pid, tid) == Some('S')
        && system_call(pid, tid) == call
}

/// The state of a thread, see proc_pid_stat(5): `R` if it computes, `S` if it waits, `Z` if it has
/// ended.
fn state(pid: Pid, tid: Pid) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/task/{tid}/stat")).unwrap_or_default();
    stat.rsplit(')').next()?.trim_start().chars().next()
}

/// The system call that a thread is in: its number and its arguments, see proc_pid_syscall(5).
fn system_call(pid: Pid, tid: Pid) -> String {
    fs::read_to_string(format!("/proc/{pid}/task/{tid}/syscall")).unwrap_or_default()
}

/// Runs a Python program that writes to stderr what happens, and in which process and thread: `+` if
/// a greeter is called, `-` if it returns, `=` and the text if a line is printed. (A coroutine is
/// also called when it goes on.) `!` is for what should not be there when the last line is printed.
const WITH_PROFILE: &str = r#"
import multiprocessing, os, runpy, sys, threading
def report(what, text=""):
    line = "%s %d %d %s\n" % (what, os.getpid(), threading.get_native_id(), text)
    os.write(2, line.encode())
def profile(frame, event, _):
    name = frame.f_code.co_name
    is_greeter = name.startswith("greeting_with_sleep") or name in ("some_function", "silent_greeting", "compute", "count_primes")
    if is_greeter and event in ("call", "return"):
        report("+" if event == "call" else "-")
class Stdout:
    def __getattr__(self, name):
        return getattr(sys.__stdout__, name)
    def write(self, text):
        if text.strip():
            report("=", text.strip())
        if "Elapsed" in text:
            threads = [one for one in threading.enumerate() if section == "asyncio" or not one.daemon]
            if len(threads) > 1:
                report("!", "there were further threads")
            try:
                if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    report("!", "it did not wait for a child")
            except ChildProcessError:
                pass
        return sys.__stdout__.write(text)
report("main")
section, *sys.argv = sys.argv[1:]
sys.stdout = Stdout()
multiprocessing.set_start_method("fork")
threading.setprofile(profile)
sys.setprofile(profile)
runpy.run_path(sys.argv[0], run_name="__main__")
"#;

/// Returns also how many greeters worked at the same time.
fn lines_of_python(program: &Program) -> Result<(Vec<String>, usize), Failed> {
    let section = program.section.name;
    let mut command = program.command.clone()?;
    // A pool or an event loop that is not closed gives a ResourceWarning.
    let options = ["-W", "default::ResourceWarning", "-c", WITH_PROFILE, section];
    command.splice(1..1, options.map(Into::into));
    let outcome = runner(LONG).run(&command);
    let mut main = None;
    let mut working = BTreeSet::new();
    let (mut most, mut on_main, mut calls) = (0, 0, 0);
    for line in &outcome.stderr {
        let mut words = line.text.splitn(4, ' ');
        let event = [(); 4].map(|()| words.next().unwrap_or_default());
        let [what, process, thread, text] = event;
        let (main_process, main_thread) = *main.get_or_insert((process, thread));
        let is_main = (process, thread) == (main_process, main_thread);
        let (is_right, place) = match section {
            "threading" => (!is_main && process == main_process, "on another thread than main's"),
            "asyncio" => (is_main, "on the main thread"),
            _ => (process != main_process, "in a child process"),
        };
        match what {
            "main" => {}
            // Sequential computations run on the main thread.
            "+" if program.listing.name == CPU_BOUND && is_main => on_main += 1,
            "-" if program.listing.name == CPU_BOUND && is_main => {}
            "+" => {
                let is_right = is_right || program.listing.name == CPU_BOUND;
                assert!(is_right, "a greeter did not run {place}: {}", line.text);
                calls += 1;
                working.insert((process, thread));
                most = most.max(working.len());
            }
            "-" => drop(working.remove(&(process, thread))),
            "=" if section == "asyncio" || is_of_greeter(program.listing, text) => {
                assert!(is_right, "it was not printed {place}: {text}");
            }
            "=" => {}
            "!" => return Err(text.into()),
            _ => return Err(format!("on stderr: {}", line.text).into()),
        }
    }
    assert!(most > 0, "no greeter was called: {outcome:?}");
    if is_on_one_thread(program) {
        most = calls / 2; // A coroutine that sleeps is called, and goes on once.
    }
    if program.listing.name == CPU_BOUND {
        // In asyncio, tasks do it, too.
        assert_eq!(on_main, if section == "asyncio" { 8 } else { 4 });
    }
    Ok((outcome.lines.into_iter().map(|line| line.text).collect(), most))
}
