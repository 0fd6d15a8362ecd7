//! Starts a program, timestamps the lines that it prints, and kills it if it takes too long. The
//! program runs under a [`supervisor`] process.

mod delay;
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
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::Pid;
use signal_hook::consts::SIGCONT;
use signal_hook::flag;
use signal_hook::low_level::unregister;

use self::delay::Delays;
pub use self::delay::meanwhile;
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

/// How many files the harness opens to start a program: both ends of its connection to the supervisor,
/// of stdout, of stderr, and of a pipe for an error of exec(3).
const FILES_PER_PROGRAM: u64 = 8;

/// More than the other files that the harness has open or inherits.
const OTHER_FILES: u64 = 64;

/// The environment variables that a program gets, if they are set: where to find commands, shared
/// libraries, places for files, the agent of ssh, with which mpirun starts ranks on other machines,
/// and the Python that pyenv starts. Others, such as PYTHONUNBUFFERED, can change what it does.
const VARIABLES: [&str; 7] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SSH_AUTH_SOCK",
    "PYENV_VERSION",
];

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
    /// Whether the delay of programs is measured ([`Outcome::delay`]). That takes CPU time.
    pub measures_delay: bool,
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
    /// How long its threads waited for a processor, all together, if that was measured. (Where the
    /// system does not report it, 1.5 s.)
    pub delay: Option<Duration>,
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
            delay: None,
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
        Runner { supervisor, limit, measures_delay: false }
    }

    /// The command of a supervisor that starts `command`, an executable and its arguments. When the
    /// returned connection is closed, the supervisor kills all processes that `command` has started.
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
    ///
    /// If the harness was stopped meanwhile, as by Ctrl-Z, the program runs again: it has run on, and
    /// its lines were read late.
    pub fn run(&self, command: &[OsString]) -> Outcome {
        loop {
            let was_stopped = Arc::new(AtomicBool::new(false));
            // After a stop, a process gets SIGCONT.
            let handler = flag::register(SIGCONT, was_stopped.clone());
            let outcome = self.try_run(command).unwrap_or_else(Outcome::could_not_start);
            handler.map(unregister).ok();
            if !was_stopped.load(Ordering::Relaxed) {
                return outcome;
            }
        }
    }

    /// Fails when the supervisor can't be started or fails.
    fn try_run(&self, command: &[OsString]) -> Result<Outcome> {
        let (mut supervisor, connection) = self.supervised(command)?;
        supervisor.env_clear().envs(clean_environment());
        let started = supervisor.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        // This closes our copy of the supervisor's end of the connection.
        drop(supervisor);
        let mut supervisor =
            started.with_context(|| format!("cannot start {}", self.supervisor.display()))?;
        let outcome = if self.measures_delay {
            self.watch_and_measure(&mut supervisor, &connection)
        } else {
            self.watch(&mut supervisor, &connection)
        };
        // It ends when the connection is closed.
        drop(connection);
        supervisor.wait()?;
        outcome
    }

    /// Also measures the delay of the program.
    fn watch_and_measure(
        &self,
        supervisor: &mut Child,
        connection: &UnixStream,
    ) -> Result<Outcome> {
        let process = Pid::from_raw(supervisor.id() as i32);
        let mut delays = Delays::default();
        let outcome = meanwhile(|| delays.look(process), || self.watch(supervisor, connection))
            .context("cannot start a thread")??;
        Ok(Outcome { delay: Some(delays.sum()), ..outcome })
    }

    /// Reads what the program and its supervisor write, until no process of the program is left.
    fn watch(&self, supervisor: &mut Child, connection: &UnixStream) -> Result<Outcome> {
        let mut watch = Watch {
            limit: self.limit,
            stdout: Stream::new(supervisor.stdout.take().expect("it is piped").into()),
            stderr: Stream::new(supervisor.stderr.take().expect("it is piped").into()),
            reports: Stream::new(connection.try_clone()?.into()),
            phase: Phase::Starting,
            deadline: now() + START_TIMEOUT,
            started: None,
            ended: None,
            end: None,
        };
        // The supervisor closes the connection at its end. The pipes say less: until its exec, every
        // process that this one is starting has a copy of them.
        while watch.reports.is_open() && watch.phase != Phase::NoneLeft {
            let is_overdue = watch.deadline <= now();
            let has_news = watch.read()?;
            // A program that never stops printing is also killed.
            if is_overdue && !has_news {
                if let Phase::Killed { .. } = watch.phase {
                    supervisor.kill()?;
                    break;
                }
                watch.enter(Phase::Killed { at: now(), why: watch.why_overdue() });
                let _ = connection.shutdown(Shutdown::Write);
            }
        }
        watch.into_outcome()
    }
}

/// What a program is doing, as far as the harness knows.
#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// Its supervisor has not reported that it starts it.
    Starting,
    /// It has printed no line.
    Silent,
    /// It has printed a line.
    Printing,
    /// It has ended, but its children may still run.
    Ended,
    /// It had reached the deadline of an earlier phase. The supervisor was told to kill it.
    Killed { at: Duration, why: End },
    /// No process of it is left.
    NoneLeft,
}

/// What is known of a program while it runs.
struct Watch {
    limit: Duration,
    stdout: Stream,
    stderr: Stream,
    reports: Stream,
    phase: Phase,
    /// When the phase has to be over.
    deadline: Duration,
    started: Option<Duration>,
    ended: Option<(Duration, Usage)>,
    /// How it ended, if it ended by itself.
    end: Option<End>,
}

impl Watch {
    /// Begins a phase. Each has its own deadline.
    fn enter(&mut self, phase: Phase) {
        self.deadline = match phase {
            Phase::Starting | Phase::NoneLeft => self.deadline,
            Phase::Silent => self.started.unwrap_or_else(now).saturating_add(self.silent_limit()),
            Phase::Printing => self.stdout.lines[0].at.saturating_add(self.limit),
            Phase::Ended => now() + GRACE,
            Phase::Killed { .. } => now() + KILL_TIMEOUT,
        };
        self.phase = phase;
    }

    /// How long it may take to print its first line.
    fn silent_limit(&self) -> Duration {
        self.limit.saturating_mul(LIMITS_TO_FIRST_LINE)
    }

    /// Why it is killed in this phase.
    fn why_overdue(&self) -> End {
        match self.phase {
            Phase::Ended => End::LeftBehind,
            Phase::Printing => End::TimedOut(self.limit),
            _ => End::NoLine(self.silent_limit()),
        }
    }

    /// Waits for output until the deadline. Returns whether the phase or its deadline may be another
    /// one now.
    fn read(&mut self) -> Result<bool> {
        let rest = self.deadline.saturating_sub(now());
        read_any([&mut self.stdout, &mut self.stderr, &mut self.reports], rest)?;
        let reports: Vec<_> = self.reports.lines.drain(..).collect();
        for report in &reports {
            self.hear(serde_json::from_str(&report.text).context("cannot read a report")?)?;
        }
        let is_first_line = self.phase == Phase::Silent && !self.stdout.lines.is_empty();
        if is_first_line {
            self.enter(Phase::Printing);
        }
        Ok(is_first_line || !reports.is_empty())
    }

    fn hear(&mut self, report: Report) -> Result<()> {
        match report {
            Report::Starting { at } => {
                self.started = Some(at);
                self.enter(Phase::Silent);
            }
            Report::CouldNotStart(reason) => self.end = Some(End::CouldNotStart(reason)),
            Report::Ended { at, code, signal, usage } => {
                // What the program printed is in the pipes now. Later lines come from its children.
                read_any([&mut self.stdout, &mut self.stderr], Duration::ZERO)?;
                self.stdout.is_after_end = true;
                self.ended = Some((at, usage));
                let by_itself = code.map(End::Exited).or(signal.map(End::Signalled));
                match self.phase {
                    // It may have ended because of SIGTERM.
                    Phase::Killed { at: killed, .. } if killed <= at => {}
                    Phase::Killed { .. } => self.end = by_itself,
                    _ => {
                        self.end = by_itself;
                        self.enter(Phase::Ended);
                    }
                }
            }
            Report::NoneLeft => match self.phase {
                // Why it was killed has to be known later.
                Phase::Killed { .. } => self.reports.close(),
                _ => self.enter(Phase::NoneLeft),
            },
        }
        Ok(())
    }

    fn into_outcome(mut self) -> Result<Outcome> {
        read_any([&mut self.stdout, &mut self.stderr], Duration::ZERO)?;
        self.stdout.close();
        self.stderr.close();
        let Some(started) = self.started else {
            let error = self.stderr.lines.first().map_or("it was killed", |line| &line.text);
            bail!("cannot start the supervisor: {}", error.trim_start_matches("error: "));
        };
        let end = how_it_ended(self.phase, self.end).context("the supervisor was killed")?;
        for line in self.stdout.lines.iter_mut().chain(&mut self.stderr.lines) {
            line.at = line.at.saturating_sub(started);
        }
        Ok(Outcome {
            lines: self.stdout.lines,
            more_lines: self.stdout.more_lines,
            stderr: self.stderr.lines,
            more_stderr: self.stderr.more_lines,
            end,
            usage: self.ended.map(|(_, usage)| usage),
            wall: self.ended.map_or_else(now, |(at, _)| at).saturating_sub(started),
            delay: None,
        })
    }
}

/// How a program ended: by itself, or because it was killed. `None` if its supervisor did not report
/// that no process is left.
fn how_it_ended(phase: Phase, by_itself: Option<End>) -> Option<End> {
    match (phase, by_itself) {
        (Phase::Killed { why: End::LeftBehind, .. }, _) => Some(End::LeftBehind),
        // It ended by itself before it could be killed.
        (Phase::Killed { .. } | Phase::NoneLeft, Some(end)) => Some(end),
        (Phase::Killed { why, .. }, None) => Some(why),
        _ => None,
    }
}

/// Returns how many programs can run concurrently: `jobs`, or fewer if the limit on open files is too
/// low. Then it prints a warning. Before, it raises the soft limit as far as needed, up to the hard
/// limit. (The soft limit of macOS is 256.) The programs inherit the soft limit.
pub fn allow_jobs(jobs: usize) -> usize {
    let needed = OTHER_FILES + FILES_PER_PROGRAM * jobs as u64;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return jobs };
    if needed <= soft {
        return jobs;
    }
    let raised = setrlimit(Resource::RLIMIT_NOFILE, needed.min(hard), hard);
    let limit = raised.map_or(soft, |()| needed.min(hard));
    let possible = (limit.saturating_sub(OTHER_FILES) / FILES_PER_PROGRAM).max(1) as usize;
    if possible < jobs {
        eprintln!(
            "warning: the limit of {limit} open files allows only --jobs {possible}; raise it with \
             ulimit -n"
        );
    }
    possible.min(jobs)
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
        let killed = |why| Phase::Killed { at: GRACE, why };
        let timed_out = || End::TimedOut(GRACE);
        for (phase, reported, end) in [
            (Phase::NoneLeft, &exited, exited.clone()),
            // Its supervisor was killed before it had looked for further processes, or before the
            // program had ended.
            (Phase::Ended, &exited, None),
            (Phase::Printing, &None, None),
            (killed(timed_out()), &signalled, signalled.clone()),
            (killed(timed_out()), &None, Some(timed_out())),
            (killed(timed_out()), &exited, exited.clone()),
            (killed(End::LeftBehind), &exited, Some(End::LeftBehind)),
        ] {
            assert_eq!(how_it_ended(phase, reported.clone()), end);
        }
    }
}
