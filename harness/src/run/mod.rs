//! Starts a program, timestamps the lines that it prints, and kills it if it takes too long. The
//! program runs under a [`supervisor`] process.

mod stream;
pub mod supervisor;

use std::ffi::OsString;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

pub use self::stream::Line;
use self::stream::{Stream, read_any};
use self::supervisor::{Report, Usage, now};

/// How long a program's children may run after the program has exited. This is long enough for
/// Python's resource tracker, and shorter than the two seconds that an unjoined child sleeps.
const GRACE: Duration = Duration::from_millis(1_500);

/// How long the harness waits for killed processes to end.
const KILL_TIMEOUT: Duration = Duration::from_secs(10);

/// How many reports a supervisor sends.
const REPORTS: usize = 2;

/// Runs programs.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The harness's executable, which is also the supervisor's.
    pub supervisor: PathBuf,
    /// How long a program may take.
    pub limit: Duration,
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
    /// It was still running at this limit, and was killed.
    TimedOut(Duration),
    /// It exited, but a process that it had started was still running, and was killed.
    LeftBehind,
    /// It could not be started, for this reason.
    CouldNotStart(String),
}

impl Runner {
    /// The command of a supervisor that starts `command`, an executable and its arguments. When the
    /// returned connection is closed, the supervisor kills all processes that `command` has
    /// started.
    ///
    /// # Errors
    ///
    /// When no socket can be created.
    pub fn supervised(&self, command: &[OsString]) -> Result<(Command, UnixStream)> {
        let (connection, supervisors_end) = UnixStream::pair().context("cannot create a socket")?;
        let mut supervisor = Command::new(&self.supervisor);
        supervisor.arg("supervise").args(command).stdin(OwnedFd::from(supervisors_end));
        // So Ctrl-C reaches only the harness. When the harness ends, its supervisors end, too.
        supervisor.process_group(0);
        Ok((supervisor, connection))
    }

    /// Runs `command`, an executable and its arguments, to completion. When this returns, none of
    /// its processes is left. Whatever goes wrong is part of the outcome.
    pub fn run(&self, command: &[OsString]) -> Outcome {
        self.try_run(command).unwrap_or_else(Outcome::could_not_start)
    }

    /// Fails when the supervisor can't be started or fails.
    fn try_run(&self, command: &[OsString]) -> Result<Outcome> {
        let (mut supervisor, connection) = self.supervised(command)?;
        let started = supervisor.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        // This closes our copy of the supervisor's end of the connection.
        drop(supervisor);
        let mut supervisor =
            started.with_context(|| format!("cannot start {}", self.supervisor.display()))?;
        let outcome = self.watch(&mut supervisor, connection);
        supervisor.wait()?;
        outcome
    }

    fn watch(&self, supervisor: &mut Child, connection: UnixStream) -> Result<Outcome> {
        let stdout = supervisor.stdout.take().expect("it is piped");
        let stderr = supervisor.stderr.take().expect("it is piped");
        let mut stdout = Stream::new(stdout.into());
        let mut stderr = Stream::new(stderr.into());
        let mut reports = Stream::new(connection.try_clone()?.into());
        let mut deadline = now().saturating_add(self.limit);
        let mut has_ended = false;
        let mut killed = None;
        while stdout.is_open() || stderr.is_open() || reports.is_open() {
            let rest = deadline.saturating_sub(now());
            let has_more = read_any([&mut stdout, &mut stderr, &mut reports], rest)?;
            // A program that never stops printing is also killed at its limit.
            if has_more && !rest.is_zero() {
                if !has_ended && reports.lines.len() == REPORTS {
                    has_ended = true;
                    deadline = now() + GRACE;
                }
            } else if !(stdout.is_open() || stderr.is_open() || reports.is_open()) {
                break;
            } else if killed.is_none() {
                killed = Some(if has_ended { End::LeftBehind } else { End::TimedOut(self.limit) });
                let _ = connection.shutdown(Shutdown::Write);
                deadline = now() + KILL_TIMEOUT;
            } else {
                break;
            }
        }

        let mut started = None;
        let mut ended = None;
        let mut usage_of_all = None;
        let mut end = End::TimedOut(self.limit);
        for line in &reports.lines {
            match serde_json::from_str(&line.text).context("cannot read the supervisor's report")? {
                Report::Starting { at } => started = Some(at),
                Report::CouldNotStart(reason) => end = End::CouldNotStart(reason),
                Report::Ended { at, code, signal, usage } => {
                    ended = Some(at);
                    usage_of_all = Some(usage);
                    end = code.map_or(End::Signalled(signal.unwrap_or_default()), End::Exited);
                }
            }
        }
        let started = started.context("the supervisor reported nothing")?;
        for line in stdout.lines.iter_mut().chain(&mut stderr.lines) {
            line.at = line.at.saturating_sub(started);
        }
        Ok(Outcome {
            lines: stdout.lines,
            more_lines: stdout.more_lines,
            stderr: stderr.lines,
            more_stderr: stderr.more_lines,
            end: killed.unwrap_or(end),
            usage: usage_of_all,
            wall: ended.unwrap_or_else(now).saturating_sub(started),
        })
    }
}
