//! A process between the harness and one program, so that nothing the program starts is left behind.
//!
//! The harness starts itself again as `harness supervise PROGRAM…`. That process adopts whatever its
//! program leaves orphaned, reports how the program ended, and exits when nobody is left. When the
//! harness closes the connection, on purpose or by its own end, however sudden, it kills them all.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::sys::time::TimeValLike;
use nix::sys::wait::waitpid;
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, dup2_stderr, dup2_stdout, getgid};
use serde::{Deserialize, Serialize};

/// What the supervisor tells the harness, a line of JSON each: first the first, then one of the others.
/// Times are those of [`now`].
#[derive(Debug, Deserialize, Serialize)]
pub enum Report {
    /// The program is being started.
    Starting {
        /// When.
        at: Duration,
    },
    /// The operating system would not start it, and why.
    CouldNotStart(String),
    /// The program ended.
    Ended {
        /// Just after it did.
        at: Duration,
        /// Its exit status, unless a signal ended it.
        code: Option<i32>,
        /// The number of the signal that ended it.
        signal: Option<i32>,
        /// What it used.
        usage: Usage,
    },
}

/// What a program and the descendants that it waited for used, as the operating system counted it
/// (`getrusage(2)`, the figures of `wait4(2)`).
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Usage {
    /// Processor time of the program's own code.
    pub user: Duration,
    /// Processor time of the operating system on the program's behalf.
    pub system: Duration,
    /// Physical memory, in bytes, that the largest of the processes had at its largest.
    pub max_rss_bytes: u64,
    /// How often one of its threads let go of the processor, to wait for something.
    pub voluntary_switches: u64,
    /// How often the operating system took the processor from one of its threads.
    pub involuntary_switches: u64,
}

/// The time since some point in the past that all processes of the machine agree on. It is the clock
/// of [`std::time::Instant`], which can't be sent to another process.
pub fn now() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("every Unix has this clock");
    Duration::from_nanos(time.num_nanoseconds().unsigned_abs())
}

/// Runs `command` with this process's stdout and stderr, and returns its exit status once nothing that
/// it started is left. Stdin is the connection to the harness.
///
/// # Errors
///
/// When this process can't be set up for its work.
pub fn supervise(command: &[OsString]) -> Result<ExitCode> {
    let harness = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let [program, arguments @ ..] = command else { bail!("no program to supervise") };
    let program = Path::new(program);
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;

    tell(&harness, &Report::Starting { at: now() });
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .process_group(0)
        // The group that it has anyway; but because of it std starts the program by fork(2) in place
        // of posix_spawn(3). After that, Linux would count this process's memory as the program's.
        .gid(getgid().as_raw())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            let reason = format!("cannot start {}: {error}", program.display());
            tell(&harness, &Report::CouldNotStart(reason));
            return Ok(ExitCode::FAILURE);
        }
    };
    let group = Pid::from_raw(child.id() as i32);
    let mut connection = harness.try_clone()?;
    thread::spawn(move || {
        // Nothing is ever sent this way: this ends when the harness closes the connection, or is gone.
        let _ = connection.read(&mut [0]);
        loop {
            kill_children(group);
            thread::sleep(Duration::from_millis(1));
        }
    });
    // The outputs are the program's alone now, so that they end when it has closed them.
    let null = fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;

    let status = child.wait()?;
    let at = now();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    let usage = Usage {
        user: Duration::from_micros(usage.user_time().num_microseconds().unsigned_abs()),
        system: Duration::from_micros(usage.system_time().num_microseconds().unsigned_abs()),
        max_rss_bytes: usage.max_rss().unsigned_abs() * unit,
        voluntary_switches: usage.voluntary_context_switches().unsigned_abs(),
        involuntary_switches: usage.involuntary_context_switches().unsigned_abs(),
    };
    tell(&harness, &Report::Ended { at, code: status.code(), signal: status.signal(), usage });
    // Those that the program left behind are this process's children now. None left is an error.
    while waitpid(None, None).is_ok() {}
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// If nobody is there to hear it, the connection is closed, and all will end for that.
fn tell(mut harness: &UnixStream, report: &Report) {
    let line = serde_json::to_string(report).expect("a report is JSON");
    let _ = harness.write_all(format!("{line}\n").as_bytes());
}

/// Kills the program, if it still runs, and whatever descendants of it this process has adopted by
/// now. Theirs it adopts in turn, so killing until nobody is left ends them all.
#[cfg(target_os = "linux")]
fn kill_children(_group: Pid) {
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = process.file_name().to_str().and_then(|name| name.parse().ok());
        let stat = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        // The parent comes two words after the name, which is in parentheses; see proc_pid_stat(5).
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split(' ').nth(2)?.parse().ok());
        if let (Some(pid), true) = (pid, parent == Some(std::process::id())) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

/// Kills the program and those of its descendants that have not left its process group.
#[cfg(not(target_os = "linux"))]
fn kill_children(group: Pid) {
    let _ = nix::sys::signal::killpg(group, Signal::SIGKILL);
}
