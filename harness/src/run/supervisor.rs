//! The process between the harness and one program. It makes sure that no process of the program is
//! left.
//!
//! The harness starts itself again as `harness supervise PROGRAM…`. That process adopts the orphans
//! of its program, reports how the program ended, and exits when no process is left. When the
//! harness closes the connection or ends, even by SIGKILL, the supervisor kills all of them.

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

/// What a supervisor reports to the harness, as one line of JSON each: first `Starting`, then one
/// of the others. Times are those of [`now`].
#[derive(Debug, Deserialize, Serialize)]
pub enum Report {
    /// The program is being started.
    Starting {
        /// The time just before the start.
        at: Duration,
    },
    /// The operating system could not start it, for this reason.
    CouldNotStart(String),
    /// The program ended.
    Ended {
        /// The time just after its end.
        at: Duration,
        /// Its exit status, unless a signal ended it.
        code: Option<i32>,
        /// The number of the signal that ended it.
        signal: Option<i32>,
        /// The resources that it used.
        usage: Usage,
    },
}

/// The resources that a program and the descendants that it waited for used, as counted by
/// `getrusage(2)`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Usage {
    /// CPU time in user mode.
    pub user: Duration,
    /// CPU time in the kernel.
    pub system: Duration,
    /// Peak RSS of the largest of the processes, in bytes.
    pub max_rss_bytes: u64,
}

/// The time since a point in the past that is the same for all processes. (A [`std::time::Instant`]
/// cannot be sent to another process.)
pub fn now() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("every Unix has this clock");
    Duration::from_nanos(time.num_nanoseconds().unsigned_abs())
}

/// Runs `command` with this process's stdout and stderr, and returns its exit status when none of
/// its processes is left. Stdin is the connection to the harness.
///
/// # Errors
///
/// If this process cannot become a supervisor.
pub fn supervise(command: &[OsString]) -> Result<ExitCode> {
    let harness = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let [program, arguments @ ..] = command else { bail!("no program to supervise") };
    let program = Path::new(program);
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;

    send_report(&harness, &Report::Starting { at: now() });
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .process_group(0)
        // This does not change the group, but it makes std use fork(2). After posix_spawn(3), Linux
        // counts this process's memory in the program's peak RSS.
        .gid(getgid().as_raw())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            let reason = format!("cannot start {}: {error}", program.display());
            send_report(&harness, &Report::CouldNotStart(reason));
            return Ok(ExitCode::FAILURE);
        }
    };
    let group = Pid::from_raw(child.id() as i32);
    let mut connection = harness.try_clone()?;
    thread::spawn(move || {
        // The harness sends nothing: this returns when the harness closes the connection or ends.
        let _ = connection.read(&mut [0]);
        loop {
            kill_children(group);
            thread::sleep(Duration::from_millis(1));
        }
    });
    // Now only the program and its children have these pipes open.
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
    };
    send_report(
        &harness,
        &Report::Ended { at, code: status.code(), signal: status.signal(), usage },
    );
    // The program's orphans are children of this process now. `waitpid` fails when none is left.
    while waitpid(None, None).is_ok() {}
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Sends a report. If that fails, the connection is closed, and the program is being killed anyway.
fn send_report(mut harness: &UnixStream, report: &Report) {
    let line = serde_json::to_string(report).expect("a report is JSON");
    let _ = harness.write_all(format!("{line}\n").as_bytes());
}

/// Kills the program and those of its descendants that this process has adopted. It adopts their
/// children in turn, so repeating this kills all descendants.
#[cfg(target_os = "linux")]
fn kill_children(_group: Pid) {
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = process.file_name().to_str().and_then(|name| name.parse().ok());
        let stat = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        // The parent is the second word after the name in parentheses; see proc_pid_stat(5).
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
