//! The programs use threads, tasks and processes as their section says. Linux shows what each of
//! their threads does: it sleeps, or it waits to write to a full pipe.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use harness::catalog::{SEVERAL_MACHINES, Section};
use harness::program::{Implementation, Program};
use harness::run::clean_environment;
use harness::run::supervisor::descendants;
use libtest_mimic::{Failed, Trial};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, pipe2};

use crate::{Setting, TestResult, program_trial, wait_for};

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let mut trials = Vec::new();
    for program in setting.executables.programs(Section::checked_listings) {
        let is_python = program.implementation == Implementation::Python;
        if is_python && !program.listing.is_in_the_document() {
            continue; // its threads, tasks and processes are seen in the document's listings
        }
        let (what, test): (_, fn(&Program) -> TestResult) =
            match (program.section.name, program.listing.name) {
                (_, "creating-a-thread" | "multiple-threads") => ("another_thread", another_thread),
                (_, "older-syntax" | "newer-syntax") => continue,
                (_, SEVERAL_MACHINES) => continue, // mpirun starts its processes
                ("asyncio", _) => ("main_thread", main_thread),
                ("threading", _) => ("threads", sleeping_threads),
                _ => ("processes", sleeping_processes),
            };
        let name = format!("at_work::{what}::{program}");
        trials.push(program_trial(name, program, move |program| test(&program)));
    }
    trials
}

/// Another thread than the main thread prints each line.
fn another_thread(program: &Program) -> TestResult {
    for text in texts_before_lines(program) {
        let blocked = Blocked::start(program, &text)?;
        assert_ne!(blocked.writer, blocked.program.pid(), "the main thread prints");
    }
    Ok(())
}

/// The main thread prints, before and after the sleep. There are no further threads, also not during
/// the sleep. async-std and smol are exceptions, because they always start some.
fn main_thread(program: &Program) -> TestResult {
    use Implementation::{AsyncStd, Smol};
    let has_others = matches!(program.implementation, AsyncStd | Smol);
    let mut texts = texts_before_lines(program);
    texts.drain(1..texts.len().max(2) - 1); // keeps the first and the last
    for text in &texts {
        let blocked = Blocked::start(program, text)?;
        let main = blocked.program.pid();
        assert_eq!(blocked.writer, main, "another thread prints");
        assert!(has_others || blocked.most_threads == 1, "there are further threads");
        assert!(descendants(main).is_empty(), "there are further processes");
    }
    Ok(())
}

/// The main thread waits for the threads that sleep, so it is none of them.
fn sleeping_threads(program: &Program) -> TestResult {
    watch(program, |main| {
        let is_asleep = |tid: &Pid| is_asleep(main, *tid);
        let asleep: BTreeSet<_> = threads(main).into_iter().filter(is_asleep).collect();
        assert!(!asleep.contains(&main), "the main thread sleeps");
        asleep.len()
    })
}

fn sleeping_processes(program: &Program) -> TestResult {
    watch(program, sleeping_copies)
}

/// How many greeters of a listing sleep at the same time.
fn sleeping_greeters(program: &Program) -> usize {
    match program.listing.name {
        "one-process" | "timeout" => 1,
        "workers" => 2,
        "failure" => 3,
        _ => 4,
    }
}

/// How many descendants of a process run the same executable, and sleep.
fn sleeping_copies(pid: Pid) -> usize {
    let executable = |pid: Pid| fs::read_link(format!("/proc/{pid}/exe")).ok();
    let is_copy = |child: &Pid| executable(*child) == executable(pid);
    descendants(pid).iter().filter(|child| is_copy(child) && is_asleep(**child, **child)).count()
}

/// Starts a program, and counts its sleeping greeters again and again until it ends. The largest
/// number is that of the listing. On a machine that stalls, this may see fewer, so it tries five
/// times.
fn watch(program: &Program, count_sleeping: impl Fn(Pid) -> usize) -> TestResult {
    let expected = sleeping_greeters(program);
    let mut most = 0;
    for _ in 0..5 {
        let (_reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
        let mut started = Started::start(program, writer)?;
        while started.0.try_wait()?.is_none() {
            most = most.max(count_sleeping(started.pid()));
            thread::sleep(Duration::from_millis(20));
        }
        if most >= expected {
            break;
        }
    }
    assert_eq!(most, expected, "so many slept at the same time");
    Ok(())
}

/// A running program. It and the processes of its group are killed when this is dropped.
struct Started(Child);

impl Started {
    fn start(program: &Program, stdout: OwnedFd) -> Result<Started, Failed> {
        let command = program.command.as_ref()?;
        let child = Command::new(&command[0])
            .args(&command[1..])
            .env_clear()
            .envs(clean_environment())
            .stdin(Stdio::null())
            .stdout(stdout)
            .process_group(0)
            .spawn()?;
        Ok(Started(child))
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.0.id() as i32)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            let _ = killpg(self.pid(), Signal::SIGKILL);
            let _ = self.0.wait();
        }
    }
}

/// A program that waits in `write`, because its stdout is a full pipe.
struct Blocked {
    program: Started,
    /// The thread that waits.
    writer: Pid,
    /// The largest number of threads that it had until then.
    most_threads: usize,
    /// The other end of the pipe, which stays open.
    _reader: OwnedFd,
}

impl Blocked {
    /// Starts a program with a pipe in which there is space for this text and nothing more.
    fn start(program: &Program, text: &str) -> Result<Blocked, Failed> {
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
        let size = fcntl(&writer, FcntlArg::F_GETPIPE_SZ)? as usize;
        File::from(writer.try_clone()?).write_all(&vec![b' '; size - text.len()])?;
        let program = Started::start(program, writer)?;
        let pid = program.pid();
        let most_threads = Cell::new(0);
        let writer = wait_for("a thread that prints", || {
            let threads = threads(pid);
            most_threads.set(threads.len().max(most_threads.get()));
            threads.into_iter().find(|tid| {
                // The number of `write`, and its first argument: stdout.
                let call = if cfg!(target_arch = "x86_64") { "1 0x1 " } else { "64 0x1 " };
                system_call(pid, *tid).starts_with(call)
            })
        });
        Ok(Blocked { program, writer, most_threads: most_threads.get(), _reader: reader })
    }
}

/// What a program has printed before each line of stage 0, and before the first line of stage 1.
fn texts_before_lines(program: &Program) -> Vec<String> {
    let (mut texts, mut text) = (Vec::new(), String::new());
    for step in program.listing.steps {
        for line in step.lines {
            texts.push(text.clone());
            if step.stage > 0 {
                return texts;
            }
            text += &format!("{line}\n");
        }
    }
    texts
}

fn threads(pid: Pid) -> Vec<Pid> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let tids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    tids.map(Pid::from_raw).collect()
}

/// Whether a thread is in a system call that sleeps: `clock_nanosleep` or, in older Pythons,
/// `select`.
fn is_asleep(pid: Pid, tid: Pid) -> bool {
    let calls: &[&str] = if cfg!(target_arch = "x86_64") {
        &["230", "35", "23", "270"]
    } else {
        &["115", "101", "72"] // the numbers of all newer architectures
    };
    system_call(pid, tid).split(' ').next().is_some_and(|number| calls.contains(&number))
}

/// The system call that a thread is in: its number and its arguments, see proc_pid_syscall(5).
fn system_call(pid: Pid, tid: Pid) -> String {
    fs::read_to_string(format!("/proc/{pid}/task/{tid}/syscall")).unwrap_or_default()
}
