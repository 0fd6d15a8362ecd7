//! On Ctrl-C, each command prints what it has, exits with status 130 and leaves no process behind.

use std::os::unix::process::CommandExt;
use std::process::Stdio;

use harness::check::json::CheckJson;
use harness::judge::verdict::Verdict;
use harness::measure::cores::Cores;
use harness::measure::scale::Scale;
use libtest_mimic::{Failed, Trial};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::PretendPython;
use crate::setting::{TestResult, is_there, text, trials, wait_for};

pub fn trials() -> Vec<Trial> {
    trials!("interrupted":
        check_shows_the_programs_that_have_ended,
        cores_shows_the_programs_that_have_ended,
        scale_shows_the_numbers_that_were_measured,
    )
}

/// Starts the harness with the pretend Python. When its second program hangs, this sends SIGINT.
fn interrupt(arguments: &str, pretend: &str) -> Result<String, Failed> {
    let python = PretendPython::new(&format!("PRETEND={pretend} HANG_LATER=yes"))?;
    let harness = python
        .harness(arguments)
        .args(["--implementation", "python"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let hanging =
        wait_for("the second program", || python.log().trim().parse().ok().map(Pid::from_raw));
    // On Ctrl-C, a terminal sends it to all of the harness's process group.
    killpg(Pid::from_raw(harness.id() as i32), Signal::SIGINT)?;
    let output = harness.wait_with_output()?;
    assert_eq!(output.status.code(), Some(130));
    wait_for("the program to end", || (!is_there(hanging)).then_some(()));
    Ok(text(&output.stdout))
}

fn check_shows_the_programs_that_have_ended() -> TestResult {
    let arguments =
        "check --jobs 1 --limit 1000 --listing creating-a-thread --listing multiple-threads";
    let stdout = interrupt(arguments, "greet")?;
    let rows: Vec<Vec<_>> = stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(rows.contains(&vec!["creating-a-thread", "✓"]), "{stdout}");
    assert!(rows.contains(&vec!["multiple-threads", "-"]), "{stdout}");
    assert!(stdout.contains("\nInterrupted: 1 of 2 programs had ended.\n"), "{stdout}");
    assert!(stdout.contains("\n1 passed, 0 failed, 0 skipped, "), "{stdout}");

    let stdout = interrupt(&format!("{arguments} --json"), "greet")?;
    let check: CheckJson = serde_json::from_str(&stdout)?;
    let programs = check.programs.iter().map(|one| (one.listing.as_str(), one.verdict));
    assert_eq!(programs.collect::<Vec<_>>(), [("creating-a-thread", Verdict::Pass)]);
    Ok(())
}

fn cores_shows_the_programs_that_have_ended() -> TestResult {
    let stdout = interrupt("cores --runs 1 --json", "cores")?;
    let cores: Cores = serde_json::from_str(&stdout)?;
    let sections: Vec<_> = cores.speed_ups.iter().map(|one| one.section.as_str()).collect();
    assert_eq!(sections, ["threading"]);
    Ok(())
}

fn scale_shows_the_numbers_that_were_measured() -> TestResult {
    let stdout = interrupt("scale --section asyncio --json", "crowd")?;
    let scale: Scale = serde_json::from_str(&stdout)?;
    assert!(!scale.is_complete);
    let points = scale.series.iter().flat_map(|series| &series.points);
    let measured: Vec<_> = points.map(|point| (point.count, point.overhead_s.median)).collect();
    assert_eq!(measured, [(4, 0.5)]);
    Ok(())
}
