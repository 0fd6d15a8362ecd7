//! The process between the harness and one program. It makes sure that no process of the program is
//! left, even if SIGKILL ends the harness.
//!
//! The harness starts itself again as `harness supervise PROGRAM…`. This supervisor starts the
//! program, reports how the program ended, and exits when no process of the program is left. When
//! the harness closes the connection or ends, the supervisor kills all processes of the program. On
//! Linux, it first sends them SIGTERM, so that mpirun can remove its files.
//!
//! The program has a `TMPDIR` of its own, which is removed in the end: a killed program leaves its
//! temporary files, and two mpiruns that create one folder at the same moment fail.
//!
//! On Linux, it kills only its own children. An orphan becomes a child of the nearest ancestor that
//! adopts orphans, as the supervisor does. So killing the children again and again kills all
//! descendants. On other systems, and without `/proc`, it kills the program's process group.
//!
//! If a supervisor itself is killed, its program runs to completion.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use std::{env, fs, thread};

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::time::TimeValLike;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, getgid, getpid};
use serde::{Deserialize, Serialize};

/// How long the processes of a program may take to end after SIGTERM. Then the supervisor kills
/// them.
const SIGTERM_TIMEOUT: Duration = Duration::from_secs(5);

/// The pause between two attempts to kill all processes.
const PAUSE: Duration = Duration::from_millis(1);

/// What a supervisor reports to the harness, as one line of JSON each: `Starting`, then
/// `CouldNotStart` or `Ended`, then `NoneLeft`. Times are those of [`now`].
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
    /// No process of the program is left.
    NoneLeft,
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

/// Runs a supervisor, if this process was started as one, and returns its exit status. An executable
/// that runs programs has to call this first, because a [`Runner`](super::Runner) starts the
/// executable again.
pub fn run_if_started_as_one() -> Option<Result<ExitCode>> {
    let mut arguments = env::args_os().skip(1);
    let is_supervisor = arguments.next()? == "supervise";
    is_supervisor.then(|| supervise(&arguments.collect::<Vec<_>>()))
}

/// Runs `command` with this process's stdout and stderr, and returns its exit status when none of
/// its processes is left. Stdin is the connection to the harness.
///
/// # Errors
///
/// If this process cannot become a supervisor.
fn supervise(command: &[OsString]) -> Result<ExitCode> {
    let harness = connection()?;
    let [program, arguments @ ..] = command else { bail!("no program to supervise") };
    let program = Path::new(program);
    // Orphans of the program's processes become children of this process.
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    // The process group of the program, once it is started.
    let group = Arc::new(OnceLock::new());
    kill_when_closed(group.clone())?;
    // Further read ends of the pipes to the harness, if it has any. If all were closed, mpirun
    // would say that it ends, and die of SIGPIPE before it has removed its files.
    let _read_ends = [1, 2].map(|stream| File::open(format!("/proc/self/fd/{stream}")));

    // If there is none, as on a full disk, the program finds its own place.
    let folder = tempfile::tempdir().ok();
    let folder_variable = folder.as_ref().map(|folder| ("TMPDIR", folder.path()));

    send_report(&harness, &Report::Starting { at: now() });
    let started = Command::new(program)
        .args(arguments)
        .envs(folder_variable)
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
            send_report(&harness, &Report::NoneLeft);
            return Ok(ExitCode::FAILURE);
        }
    };
    let group = *group.get_or_init(|| Pid::from_raw(child.id() as i32));
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
    // On other systems than Linux, the orphans are the processes that are left in the group.
    while killpg(group, None).is_ok() {
        thread::sleep(PAUSE);
    }
    send_report(&harness, &Report::NoneLeft);
    Ok(status.code().and_then(|code| code.try_into().ok()).map_or(ExitCode::FAILURE, u8::into))
}

/// The connection to the harness.
fn connection() -> io::Result<UnixStream> {
    Ok(UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Sends SIGTERM once to each child of this process. When one has ended, its own children are
/// children of this process, and are next. On other systems than Linux, this does nothing.
fn terminate_children() {
    let deadline = now() + SIGTERM_TIMEOUT;
    let mut asked = HashSet::new();
    while now() < deadline {
        let mut children = children(getpid()).unwrap_or_default();
        children.retain(|child| is_own_child(*child));
        if children.is_empty() {
            return;
        }
        for child in children.into_iter().filter(|child| asked.insert(*child)) {
            let _ = kill(child, Signal::SIGTERM);
        }
        thread::sleep(PAUSE);
    }
}

/// Starts a thread that waits until the harness closes the connection or ends. Then it kills all
/// children of this process until this process ends.
fn kill_when_closed(group: Arc<OnceLock<Pid>>) -> Result<()> {
    let mut connection = connection()?;
    let work = move || {
        // The harness sends nothing, so this returns at the end of the connection.
        let _ = connection.read(&mut [0]);
        terminate_children();
        loop {
            kill_children(group.get().copied());
            thread::sleep(PAUSE);
        }
    };
    thread::Builder::new().spawn(work).context("cannot start a thread")?;
    Ok(())
}

/// Sends a report. If that fails, the connection is closed, and the program is being killed anyway.
fn send_report(mut harness: &UnixStream, report: &Report) {
    let line = serde_json::to_string(report).expect("a report is JSON");
    let _ = harness.write_all(format!("{line}\n").as_bytes());
}

/// Kills all children of this process. Where the system does not list them, this kills the
/// processes of `group`.
fn kill_children(group: Option<Pid>) {
    if let Some(children) = children(getpid()) {
        for child in children.into_iter().filter(|child| is_own_child(*child)) {
            let _ = kill(child, Signal::SIGKILL);
        }
    } else if let Some(group) = group {
        let _ = killpg(group, Signal::SIGKILL);
    }
}

/// Whether this process has this child. `/proc` may belong to another PID namespace, but
/// waitid(2) knows only the caller's own children.
#[cfg(target_os = "linux")]
fn is_own_child(process: Pid) -> bool {
    use nix::sys::wait::{Id, waitid};
    // Only looks: it neither waits for the child's end nor reaps the child.
    let only_look = WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT | WaitPidFlag::WEXITED;
    waitid(Id::Pid(process), only_look).is_ok()
}

/// Other systems do not list children.
#[cfg(not(target_os = "linux"))]
fn is_own_child(_: Pid) -> bool {
    false
}

/// Returns the children of a process. Linux lists those of each thread (`children` in
/// proc_tid_children(5)). If it does not, as without `/proc`, and on other systems, this is `None`.
fn children(process: Pid) -> Option<Vec<Pid>> {
    let mut children = None;
    for thread in fs::read_dir(format!("/proc/{process}/task")).ok()?.flatten() {
        if let Ok(list) = fs::read_to_string(thread.path().join("children")) {
            let pids = list.split_whitespace().filter_map(|pid| pid.parse().ok());
            children.get_or_insert_with(Vec::new).extend(pids.map(Pid::from_raw));
        }
    }
    children
}

/// Returns the children of a process, their children, and so on. On other systems than Linux there
/// are none.
pub fn descendants(process: Pid) -> Vec<Pid> {
    let mut family = vec![process];
    let mut next = 0;
    while let Some(&member) = family.get(next) {
        family.extend(children(member).unwrap_or_default());
        next += 1;
    }
    family.split_off(1)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_the_children_of_this_process_are_its_own() {
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = Pid::from_raw(child.id() as i32);
        assert!(is_own_child(pid) && children(getpid()).unwrap().contains(&pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_own_child(pid));
        assert!(!is_own_child(getpid()) && !is_own_child(Pid::from_raw(1)));
    }
}
