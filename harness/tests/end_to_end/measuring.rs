//! `cores` and `scale`: what they measure, what they refuse to start, what they print.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};

use harness::cores::Cores;
use harness::scale::Scale;
use libtest_mimic::Trial;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::{Done, HARNESS, PRETEND_PYTHON, harness, is_there, text, wait_for};

pub fn trials() -> Vec<Trial> {
    let trial = |name, test: fn() -> Done| Trial::test(format!("measuring::{name}"), test);
    let mut trials = vec![
        trial("cores_shows_the_speed_ups_beside_the_number_of_cores", cores_shows_the_speed_ups),
        trial("cores_tells_of_a_wrong_result", cores_tells_of_a_wrong_result),
        trial("scale_measures_a_program", scale_measures_a_program),
        trial("scale_tells_of_a_program_that_fails", scale_tells_of_a_program_that_fails),
        trial("scale_prints_what_it_has_on_ctrl_c", scale_prints_what_it_has_on_ctrl_c),
        trial("a_wrong_command_line_is_refused", a_wrong_command_line_is_refused),
    ];
    if cfg!(target_os = "linux") {
        trials.push(trial("scale_starts_no_program_that_needs_too_much", scale_is_polite));
    }
    trials
}

fn cores_shows_the_speed_ups() -> Done {
    let arguments = ["cores", "--python", PRETEND_PYTHON, "--runtime", "python", "--runs", "2"];
    let output = harness(&arguments).arg("--json").env("PRETEND", "cores").output()?;
    let cores: Cores = serde_json::from_slice(&output.stdout)?;
    assert_eq!((cores.runs, cores.programs.len()), (2, 3));
    assert!(cores.machine.cores > 0 && cores.versions.contains_key("tokio"));
    assert_eq!(cores.versions["python"], "3.11.7");
    let [_, asyncio, _] = &cores.programs[..] else { return Err("not three sections".into()) };
    assert_eq!((asyncio.rounds, asyncio.error.as_deref()), (Some(10_000), None));
    assert_eq!(asyncio.speed_up.map(|speed_up| speed_up.median), Some(2.0));
    assert_eq!(asyncio.speed_up_on_other_threads.map(|speed_up| speed_up.median), Some(4.0));
    // The other sections have no such row, and that it was printed is wrong.
    assert_eq!(output.status.code(), Some(1));
    let error = cores.programs[0].error.as_deref().unwrap_or_default();
    assert!(error.contains("is not in the listing"), "{error}");

    let output = harness(&arguments).env("PRETEND", "cores").output()?;
    let shown = text(&output.stdout);
    let rows: Vec<Vec<_>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], [&cores.machine.cores.to_string(), "cores", "python", "3.11.7"]);
    assert!(rows.contains(&vec!["asyncio", "2.00"]), "{shown}");
    assert!(rows.contains(&vec!["asyncio,", "on", "other", "threads", "4.00"]), "{shown}");
    Ok(())
}

fn cores_tells_of_a_wrong_result() -> Done {
    let arguments = ["cores", "--python", PRETEND_PYTHON, "--runtime", "python", "--runs", "1"];
    let output = harness(&arguments).env("PRETEND", "cores").env("RESULT", "1").output()?;
    let shown = text(&output.stdout);
    assert!(
        shown.contains("asyncio with python 3.11.7: 10000 rounds have not the result 1\n"),
        "{shown}"
    );
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

fn scale_measures_a_program() -> Done {
    let arguments = ["scale", "--section", "asyncio", "--runtime", "std-only"];
    let output = harness(&arguments).args(["--max", "99", "--runs", "2", "--json"]).output()?;
    let scale: Scale = serde_json::from_slice(&output.stdout)?;
    assert_eq!(output.status.code(), Some(0));
    assert!(scale.is_complete);
    assert_eq!((scale.settings.counts, scale.settings.runs), (vec![4], 2));
    let [column] = &scale.columns[..] else { return Err("not one column".into()) };
    assert_eq!((column.section.as_str(), column.implementation.as_str()), ("asyncio", "std-only"));
    assert_eq!((&column.stop, column.steps.len()), (&None, 1));
    let step = &column.steps[0];
    assert_eq!((step.count, step.runs.len()), (4, 2));
    let (elapsed, overhead) = (step.elapsed_s, step.overhead_s);
    assert!(elapsed.min >= 2.0 && elapsed.min <= elapsed.median && elapsed.median <= elapsed.max);
    assert!((elapsed.median - 2.0 - overhead.median).abs() < 1e-9);
    // As in the other tests of what a program used.
    assert!((1e5..1e9).contains(&step.memory_bytes.median), "{step:?}");
    assert!(step.cpu_s.median > 0.0 && step.switches.median >= 1.0, "{step:?}");
    if cfg!(target_os = "linux") {
        // Looked at while it slept: it has at least the mappings of its code, stack and heap.
        assert!(step.peak.mappings.is_some_and(|mappings| mappings > 3), "{step:?}");
        assert!(step.peak.open_files.is_some_and(|files| files >= 3), "{step:?}");
    }
    Ok(())
}

/// With fifty file descriptors there can be four processes of smol's, and not a hundred.
fn scale_is_polite() -> Done {
    let arguments = ["scale", "--section", "multiprocessing", "--runtime", "smol", "--runs", "1"];
    let output = Command::new("prlimit")
        .args(["--nofile=50", HARNESS])
        .args(arguments)
        .args(["--max", "1000", "--json"])
        .stdin(Stdio::null())
        .output()?;
    let scale: Scale = serde_json::from_slice(&output.stdout)?;
    assert_eq!((output.status.code(), scale.is_complete), (Some(0), true));
    let column = scale.columns.first().ok_or("no column")?;
    assert_eq!(column.steps.iter().map(|step| step.count).collect::<Vec<_>>(), [4]);
    let stop = column.stop.as_ref().ok_or("it was not stopped")?;
    assert_eq!((stop.count, stop.has_failed), (100, false));
    assert!(
        stop.reason.ends_with("open files, RLIMIT_NOFILE leaves 50 (to raise it: ulimit -n)"),
        "{}",
        stop.reason
    );
    Ok(())
}

fn scale_tells_of_a_program_that_fails() -> Done {
    let arguments = ["scale", "--python", PRETEND_PYTHON, "--runtime", "python", "--runs", "1"];
    let output = harness(&arguments).env("PRETEND", "fail").output()?;
    let shown = text(&output.stdout);
    assert!(
        shown.contains("asyncio with python 3.11.7 failed at 4: exited with 3, not with 0\n"),
        "{shown}"
    );
    assert_eq!(output.status.code(), Some(1));

    // What it says itself is more than what can be seen from outside: here, that its child goes on.
    let only = ["--section", "asyncio"];
    let output = harness(&arguments).args(only).env("PRETEND", "orphan").output()?;
    let shown = text(&output.stdout);
    assert!(
        shown.contains("asyncio with python 3.11.7 failed at 4: error: it went wrong\n"),
        "{shown}"
    );
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

fn scale_prints_what_it_has_on_ctrl_c() -> Done {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log");
    let arguments = ["scale", "--python", PRETEND_PYTHON, "--runtime", "python", "--runs", "1"];
    let harness = harness(&arguments)
        .args(["--section", "asyncio", "--json"])
        .env("PRETEND", "crowd")
        .env("LOG", &log)
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let hanging =
        wait_for("the second step", || fs::read_to_string(&log).ok()?.trim().parse::<i32>().ok());
    // On Ctrl-C, a terminal sends it to all of the harness's process group.
    killpg(Pid::from_raw(harness.id() as i32), Signal::SIGINT)?;
    let output = harness.wait_with_output()?;
    assert_eq!(output.status.code(), Some(130));
    let scale: Scale = serde_json::from_slice(&output.stdout)?;
    assert!(!scale.is_complete);
    let steps = scale.columns.iter().flat_map(|column| &column.steps);
    let measured: Vec<_> = steps.map(|step| (step.count, step.elapsed_s.median)).collect();
    assert_eq!(measured, [(4, 2.5)]);
    wait_for("the program to end", || (!is_there(hanging)).then_some(()));
    Ok(())
}

fn a_wrong_command_line_is_refused() -> Done {
    for (arguments, said) in [
        (&["scale", "--max", "3"][..], "3 is not in 4.."),
        (&["scale", "--runs", "0"], "0 is not in 1..=65535"),
        (&["scale", "--section", "no-such"], "threading, asyncio, multiprocessing"),
        (&["scale", "--runtime", "python", "--no-python"], "nothing to run"),
        (&["scale", "--limit", "0"], "not a number of seconds above 0"),
        (&["cores", "--runs", "0"], "0 is not in 1..=65535"),
        (&["cores", "--section", "asyncio"], "--section"),
        (&["cores", "--python", "no-such-python"], "cannot start no-such-python: not found"),
    ] {
        let Output { status, stdout, stderr } = harness(arguments).output()?;
        let stderr = text(&stderr);
        assert_eq!(status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert_eq!(text(&stdout), "", "{arguments:?}");
    }
    Ok(())
}
