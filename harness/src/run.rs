//! Starts a program, timestamps the lines that it prints, ends it if it takes too long, and reaps it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::supervisor::{Report, Usage, now};

/// How long processes that a program has started may go on after its own end. Helpers of Python's do, for
/// a moment. A greeter that nobody waits for does for its sleep, which is longer.
const GRACE: Duration = Duration::from_millis(1_500);

/// How long the harness waits for what was killed to be gone, should the system be slow about it.
const TO_DIE: Duration = Duration::from_secs(10);

/// How many reports come from a supervisor.
const REPORTS: usize = 2;

/// How much is kept of one line, in bytes, and of a program's output, in lines. The rest is counted.
const LONGEST_LINE: usize = 1_000;
const MOST_LINES: usize = 1_000;

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
    /// How many more it printed than are kept.
    pub more_lines: usize,
    /// The lines that it printed to stderr.
    pub stderr: Vec<Line>,
    /// How many more it printed there than are kept.
    pub more_stderr: usize,
    /// How it ended.
    pub end: End,
    /// What it used, if it was started.
    pub usage: Option<Usage>,
    /// How long it took, from before it was started.
    pub wall: Duration,
}

impl Outcome {
    /// What comes of a program that could not be run at all.
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

/// A line that a program printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When the harness had read it, counted from before the program was started. It was printed
    /// then or before.
    pub at: Duration,
    /// What it says, without the newline. What isn't UTF-8 stands as U+FFFD, and a very long line is
    /// cut and says so.
    pub text: String,
    /// Whether it ended in a newline.
    pub is_whole: bool,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It was still running at this limit, and was killed.
    TimedOut(Duration),
    /// It exited, but a process that it had started still ran, and was killed.
    LeftBehind,
    /// It was not started, for this reason.
    CouldNotStart(String),
}

impl Runner {
    /// What starts `command`, an executable and its arguments, under a supervisor. All processes that
    /// come of it are killed when the connection that is returned with it is closed.
    ///
    /// # Errors
    ///
    /// When the operating system has no socket left.
    pub fn supervised(&self, command: &[OsString]) -> Result<(Command, UnixStream)> {
        let (connection, supervisors_end) = UnixStream::pair().context("cannot make a socket")?;
        let mut supervisor = Command::new(&self.supervisor);
        supervisor.arg("supervise").args(command).stdin(OwnedFd::from(supervisors_end));
        // Away from the terminal: on Ctrl-C the harness ends, and that ends the supervisor's work.
        supervisor.process_group(0);
        Ok((supervisor, connection))
    }

    /// Runs `command`, an executable and its arguments, to its end. When this returns, none of its
    /// processes is left.
    ///
    /// # Errors
    ///
    /// When the supervisor can't be started or breaks off. What is wrong with the program itself
    /// stands in the outcome.
    pub fn run(&self, command: &[OsString]) -> Result<Outcome> {
        let (mut supervisor, connection) = self.supervised(command)?;
        let started = supervisor.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        // It holds the supervisor's end of the connection, which is to close with the supervisor.
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
            // A program that never stops printing always has more, but its time is over all the same.
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
                deadline = now() + TO_DIE;
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
        let started = started.context("the supervisor did not start its work")?;
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

/// Waits until some of the streams have more to give, or have ended, and reads those. Returns whether
/// there were any before the limit.
fn read_any(streams: [&mut Stream; 3], limit: Duration) -> Result<bool> {
    let mut open: Vec<_> = streams.into_iter().filter(|stream| stream.is_open()).collect();
    let mut waiting: Vec<_> = open
        .iter()
        .filter_map(|stream| stream.source.as_ref())
        .map(|source| PollFd::new(source.as_fd(), PollFlags::POLLIN))
        .collect();
    // poll(2) counts whole milliseconds: one more, so as not to be back before the limit.
    let milliseconds = PollTimeout::try_from(limit.as_millis() + 1).unwrap_or(PollTimeout::MAX);
    match poll(&mut waiting, milliseconds) {
        Ok(0) => return Ok(false),
        Ok(_) => {}
        Err(Errno::EINTR) => return Ok(true),
        Err(error) => return Err(error).context("cannot wait for the program's output"),
    }
    let ready: Vec<_> = waiting.iter().map(|fd| fd.any() == Some(true)).collect();
    for (stream, _) in open.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
        stream.read().context("cannot read the program's output")?;
    }
    Ok(true)
}

/// One end of a pipe or a socket, and the lines that came out of it.
struct Stream {
    source: Option<File>,
    lines: Vec<Line>,
    more_lines: usize,
    /// Of the line that has no newline yet, as much as is kept, and its whole length in bytes.
    rest: Vec<u8>,
    rest_length: usize,
}

impl Stream {
    fn new(source: OwnedFd) -> Stream {
        let (lines, rest) = (Vec::new(), Vec::new());
        Stream { source: Some(source.into()), lines, more_lines: 0, rest, rest_length: 0 }
    }

    fn is_open(&self) -> bool {
        self.source.is_some()
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 64 * 1024];
        let Some(source) = &mut self.source else { return Ok(()) };
        let length = source.read(&mut buffer)?;
        let at = now();
        for piece in buffer[..length].split_inclusive(|byte| *byte == b'\n') {
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            let kept = text.len().min(LONGEST_LINE - self.rest.len());
            self.rest.extend(&text[..kept]);
            self.rest_length += text.len();
            if text.len() < piece.len() {
                self.end_line(at, true);
            }
        }
        if length == 0 {
            self.source = None;
            if self.rest_length > 0 {
                self.end_line(at, false);
            }
        }
        Ok(())
    }

    fn end_line(&mut self, at: Duration, is_whole: bool) {
        let mut text = String::from_utf8_lossy(&self.rest).into_owned();
        if self.rest_length > self.rest.len() {
            text += &format!("… ({} bytes)", self.rest_length);
        }
        self.rest.clear();
        self.rest_length = 0;
        if self.lines.len() < MOST_LINES {
            self.lines.push(Line { at, text, is_whole });
        } else {
            self.more_lines += 1;
        }
    }
}
