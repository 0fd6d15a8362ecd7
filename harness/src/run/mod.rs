//! Starts a program, timestamps the lines that it prints, and kills it if it takes too long. The
//! program runs under a [`supervisor`] process and its guard.

mod stream;
pub mod supervisor;

use std::env;
use std::ffi::OsString;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

pub use self::stream::Line;
use self::stream::{Stream, read_any};
use self::supervisor::{Report, Usage, now};

/// A program that prints nothing may take this many times its limit: an interpreter starts slowly
/// on a busy machine.
const LIMITS_TO_FIRST_LINE: u32 = 3;

/// How long a program's children may run after the program has ended. This is long enough for
/// Python's resource tracker, also on a busy machine. What the children print meanwhile is a fault.
const GRACE: Duration = Duration::from_secs(5);

/// How long a supervisor may take to start, on a very busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the harness waits for killed processes to end.
const KILL_TIMEOUT: Duration = Duration::from_secs(15);

/// The environment variables that a program gets, if they are set: where to find commands, shared
/// libraries, places for files, and the agent of ssh, with which mpirun starts ranks on other
/// machines. Others, such as PYTHONUNBUFFERED, can change what it does.
const VARIABLES: [&str; 6] =
    ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSH_AUTH_SOCK"];

/// How the names of further such variables begin: the parameters of mpirun.
const PREFIX: &str = "OMPI_MCA_";

/// Runs programs.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The harness's executable, which is also the supervisor's.
    pub supervisor: PathBuf,
    /// How long a program may take after its first line. If it prints none, it may take three times
    /// as long.
    pub limit: Duration,
    /// Whether a program gets the whole environment of this process. Otherwise it gets a clean one.
    pub keeps_environment: bool,
}

/// What a program did.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The lines that it printed to stdout.
    pub lines: Vec<Line>,
    /// How many more lines it printed, which are not kept.
    pub more_lines: usize,
    /// The lines that it printed to stderr.
    pub stderr: Vec<Line>,
    /// How many more lines it printed to stderr, which are not kept.
    pub more_stderr: usize,
    /// How it ended.
    pub end: End,
    /// The resources that it used, if it was started.
    pub usage: Option<Usage>,
    /// The wall time, from just before it was started.
    pub wall: Duration,
}

impl Outcome {
    /// The outcome of a program that could not be started, for this reason.
    pub fn could_not_start(error: anyhow::Error) -> Outcome {
        Outcome {
            lines: Vec::new(),
            more_lines: 0,
            stderr: Vec::new(),
            more_stderr: 0,
            end: End::CouldNotStart(format!("{error:#}")),
            usage: None,
            wall: Duration::ZERO,
        }
    }
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It exited with this status.
    Exited(i32),
    /// This signal ended it.
    Signalled(i32),
    /// It had printed no line this long after its start, and was killed.
    NoLine(Duration),
    /// It was still running this long after its first line, and was killed.
    TimedOut(Duration),
    /// It exited, but a process that it had started was still running, and was killed.
    LeftBehind,
    /// It could not be started, for this reason.
    CouldNotStart(String),
}

impl Runner {
    /// Runs programs in a clean environment. The arguments are the fields of the same names.
    pub fn new(supervisor: PathBuf, limit: Duration) -> Runner {
        Runner { supervisor, limit, keeps_environment: false }
    }

    /// The command of a guard and a supervisor that start `command`, an executable and its
    /// arguments. When the returned connection is closed, they kill all processes that `command`
    /// has started.
    ///
    /// # Errors
    ///
    /// When no socket can be created.
    pub fn supervised(&self, command: &[OsString]) -> Result<(Command, UnixStream)> {
        let (connection, supervisors_end) = UnixStream::pair().context("cannot create a socket")?;
        let mut guard = Command::new(&self.supervisor);
        guard.arg("guard").args(command).stdin(OwnedFd::from(supervisors_end));
        // So Ctrl-C reaches only the harness. When the harness ends, its supervisors end, too.
        guard.process_group(0);
        Ok((guard, connection))
    }

    /// Runs `command`, an executable and its arguments, to completion. When this returns, none of
    /// its processes is left. Whatever goes wrong is part of the outcome.
    pub fn run(&self, command: &[OsString]) -> Outcome {
        self.try_run(command).unwrap_or_else(Outcome::could_not_start)
    }

    /// Fails when the supervisor can't be started or fails.
    fn try_run(&self, command: &[OsString]) -> Result<Outcome> {
        let (mut guard, connection) = self.supervised(command)?;
        if !self.keeps_environment {
            guard.env_clear().envs(clean_environment());
        }
        let started = guard.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        // This closes our copy of the supervisor's end of the connection.
        drop(guard);
        let mut guard =
            started.with_context(|| format!("cannot start {}", self.supervisor.display()))?;
        let outcome = self.watch(&mut guard, connection);
        let pid = Pid::from_raw(guard.id() as i32);
        if let WaitStatus::Stopped(..) = waitpid(pid, Some(WaitPidFlag::WUNTRACED))? {
            guard.kill()?;
            guard.wait()?;
        }
        outcome
    }

    fn watch(&self, guard: &mut Child, connection: UnixStream) -> Result<Outcome> {
        let mut stdout = Stream::new(guard.stdout.take().expect("it is piped").into());
        let mut stderr = Stream::new(guard.stderr.take().expect("it is piped").into());
        let mut reports = Stream::new(connection.try_clone()?.into());
        let limit_to_first_line = self.limit.saturating_mul(LIMITS_TO_FIRST_LINE);
        let mut deadline = now() + START_TIMEOUT;
        let (mut started, mut ended, mut usage) = (None, None, None);
        let (mut end, mut killed, mut is_none_left) = (None, None, false);
        let mut killed_at = Duration::MAX;
        // The guard and the supervisor close the connection at their end. The pipes say less: until
        // its exec, every process that this one is starting has a copy of them.
        while reports.is_open() && !is_none_left {
            let rest = deadline.saturating_sub(now());
            let has_line = !stdout.lines.is_empty();
            read_any([&mut stdout, &mut stderr, &mut reports], rest)?;
            let news: Vec<_> = reports.lines.drain(..).collect();
            let has_news = !news.is_empty();
            for report in news {
                match serde_json::from_str(&report.text).context("cannot read a report")? {
                    Report::Starting { at } => {
                        started = Some(at);
                        deadline = at.saturating_add(limit_to_first_line);
                    }
                    Report::CouldNotStart(reason) => end = Some(End::CouldNotStart(reason)),
                    Report::Ended { at, code, signal, usage: used } => {
                        // What the program printed is in the pipes now. Later lines come from its
                        // children.
                        read_any([&mut stdout, &mut stderr], Duration::ZERO)?;
                        stdout.is_after_end = true;
                        (ended, usage) = (Some(at), Some(used));
                        // Otherwise it may have ended because of SIGTERM.
                        if at < killed_at {
                            end = code.map(End::Exited).or(signal.map(End::Signalled));
                        }
                        if killed.is_none() {
                            deadline = now() + GRACE;
                        }
                    }
                    Report::NoneLeft => is_none_left = true,
                }
            }
            match stdout.lines.first() {
                Some(first) if !has_line && ended.is_none() && killed.is_none() => {
                    deadline = first.at.saturating_add(self.limit);
                }
                // A program that never stops printing is also killed.
                first if rest.is_zero() && !has_news => {
                    if killed.is_some() {
                        guard.kill()?;
                        break;
                    }
                    killed = Some(match (ended, first) {
                        (Some(_), _) => End::LeftBehind,
                        (None, Some(_)) => End::TimedOut(self.limit),
                        (None, None) => End::NoLine(limit_to_first_line),
                    });
                    killed_at = now();
                    let _ = connection.shutdown(Shutdown::Write);
                    deadline = now() + KILL_TIMEOUT;
                }
                _ => {}
            }
        }
        read_any([&mut stdout, &mut stderr], Duration::ZERO)?;
        stdout.close();
        stderr.close();

        let Some(started) = started else {
            let error = stderr.lines.first().map_or("it was killed", |line| &line.text);
            bail!("cannot start the supervisor: {}", error.trim_start_matches("error: "));
        };
        let end = how_it_ended(killed, end, is_none_left).context("the supervisor was killed")?;
        for line in stdout.lines.iter_mut().chain(&mut stderr.lines) {
            line.at = line.at.saturating_sub(started);
        }
        Ok(Outcome {
            lines: stdout.lines,
            more_lines: stdout.more_lines,
            stderr: stderr.lines,
            more_stderr: stderr.more_lines,
            end,
            usage,
            wall: ended.unwrap_or_else(now).saturating_sub(started),
        })
    }
}

/// How a program ended, from why it was killed and from what its supervisor reported. This is `None`
/// if the supervisor did not report that no process is left.
fn how_it_ended(killed: Option<End>, reported: Option<End>, is_none_left: bool) -> Option<End> {
    match (killed, reported) {
        (Some(End::LeftBehind), _) => Some(End::LeftBehind),
        // It ended by itself before it could be killed.
        (Some(_), Some(end)) => Some(end),
        (Some(killed), None) => Some(killed),
        (None, reported) => reported.filter(|_| is_none_left),
    }
}

/// The environment of a program.
pub fn clean_environment() -> impl Iterator<Item = (OsString, OsString)> {
    env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        VARIABLES.contains(&&*name) || name.starts_with(PREFIX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_program_is_why_it_was_killed_or_what_was_reported() {
        let (exited, signalled) = (Some(End::Exited(0)), Some(End::Signalled(9)));
        let (timed_out, left) = (Some(End::TimedOut(GRACE)), Some(End::LeftBehind));
        for (killed, reported, is_none_left, end) in [
            (&None, &exited, true, &exited),
            // Its supervisor was killed before it had looked for further processes, or before the
            // program had ended.
            (&None, &exited, false, &None),
            (&None, &None, false, &None),
            (&timed_out, &signalled, true, &signalled),
            (&timed_out, &None, false, &timed_out),
            (&timed_out, &exited, true, &exited),
            (&left, &exited, true, &left),
        ] {
            assert_eq!(&how_it_ended(killed.clone(), reported.clone(), is_none_left), end);
        }
    }
}
