//! `together` on Ctrl-C, and when its time is over: it says how many pages have arrived, and ends.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::process::Stdio;
use std::thread;

use harness::catalog::Implementation;
use harness::program::Program;
use harness::run::supervisor::descendants;
use harness::run::{End, clean_environment};
use libtest_mimic::Failed;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::at_work::pipe_of_one_line;
use super::copies;
use crate::setting::{LONG, TestResult, runner, text};

/// In a copy of the program, everything has half a second, and a page takes a second.
pub fn time_is_over(program: Program) -> TestResult {
    copies::build()?;
    let outcome = runner(LONG).run(&copies::command_of(&program));
    assert_eq!((&outcome.stderr[..], &outcome.end), (&[][..], &End::Exited(1)));
    let lines: Vec<_> = outcome.lines.into_iter().map(|line| line.text).collect();
    let is_right = says_how_many(&lines).is_some_and(|pages| pages < 7);
    assert!(is_right, "expected how many of 8 pages have arrived, at most 6: {lines:#?}");
    Ok(())
}

/// After its first line, it fetches four pages. After the eighth, it fetches the others.
pub fn ctrl_c(program: Program) -> TestResult {
    for after in [1, 8] {
        let (reports, lines) = interrupt(&program, after)?;
        // std alone cannot handle a signal.
        let is_std_only = program.implementation == Implementation::StdOnly;
        let end = if is_std_only { r#""code":null,"signal":2,"# } else { r#""code":130,"# };
        let is_right = reports.contains(end) && says_how_many(&lines).is_some() != is_std_only;
        // On a machine that stalls, all may have arrived when it notices the signal.
        let has_ended = says_how_many(&lines) == Some(7) && reports.contains(r#""code":0,"#);
        let message = if is_std_only { "it to be killed" } else { "how many pages have arrived" };
        assert!(is_right || has_ended, "expected {end} and {message}: {reports}{lines:#?}");
    }
    Ok(())
}

/// Sends SIGINT when some lines of the program were read. Until then, it waits with the line after
/// the next one, so it has not ended. Returns what its supervisor reports, after it has seen that no
/// process is left, and all lines.
fn interrupt(program: &Program, after: usize) -> Result<(String, Vec<String>), Failed> {
    let (mut supervisor, mut connection) = runner(LONG).supervised(program.command.as_ref()?)?;
    let (reader, writer) = pipe_of_one_line()?;
    supervisor.env_clear().envs(clean_environment());
    let process = supervisor.stdout(writer).stderr(Stdio::piped()).spawn()?;
    drop(supervisor); // It holds the other ends of the pipe and of the connection.
    let mut stdout = BufReader::new(File::from(reader)).lines();
    let mut lines = stdout.by_ref().take(after).collect::<io::Result<Vec<_>>>()?;
    if let Some(main) = descendants(Pid::from_raw(process.id() as i32)).first() {
        kill(*main, Signal::SIGINT)?;
    }
    connection.set_read_timeout(Some(LONG))?;
    let mut reports = String::new();
    let (read, rest) = thread::scope(|scope| {
        let rest = scope.spawn(|| stdout.collect::<io::Result<Vec<_>>>());
        let read = connection.read_to_string(&mut reports);
        drop(connection); // If the time is up, the supervisor kills what is left.
        (read, rest.join().expect("reading does not panic"))
    });
    read?;
    lines.extend(rest?);
    let output = process.wait_with_output()?;
    assert_eq!(text(&output.stderr), "");
    Ok((reports, lines))
}

/// The number of pages that have arrived, if the program says so in the line before its last.
fn says_how_many(lines: &[String]) -> Option<usize> {
    let pages = lines.iter().filter(|line| line.ends_with(" arrived")).count();
    let [.., summary, elapsed] = lines else { return None };
    let is_right = *summary == format!("{pages} of 8 pages") && elapsed.contains(" Elapsed Time: ");
    is_right.then_some(pages)
}
