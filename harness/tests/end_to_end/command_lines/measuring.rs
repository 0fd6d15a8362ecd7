//! `cores`, `scale` and `readme`: what they measure, what they don't start, what they print.

#[cfg(target_os = "linux")]
use std::fs;
use std::process::{Command, Stdio};

use harness::measure::cores::{Cores, WAYS};
use harness::measure::scale::Scale;
use libtest_mimic::Trial;

use super::{PretendPython, run};
use crate::setting::{HARNESS, TestResult, harness, trials};

pub fn trials() -> Vec<Trial> {
    let mut trials = trials!("measuring":
        cores_shows_the_speed_ups,
        cores_shows_a_wrong_result_or_speed_up,
        scale_measures_a_program,
        scale_shows_the_error_of_a_program,
        scale_refuses_a_crowd_that_is_smaller_than_it_should_be,
    );
    if cfg!(target_os = "linux") {
        trials.extend(trials!("measuring":
            scale_shows_the_limit_that_a_program_ran_into,
            scale_counts_the_memory_of_all_processes,
        ));
    }
    trials
}

fn cores_shows_the_speed_ups() -> TestResult {
    let python = PretendPython::new("PRETEND=cores")?;
    let arguments = "cores --implementation python";
    let (status, json, _) = run(python.harness(arguments).args(["--runs", "2", "--json"]))?;
    let cores: Cores = serde_json::from_str(&json)?;
    assert_eq!((cores.runs, cores.speed_ups.len()), (2, 5));
    let environment = &cores.environment;
    assert!(environment.machine.cores > 0 && environment.versions.contains_key("tokio"));
    assert_eq!(environment.versions["python"], "3.11.7");
    let [threading, asyncio @ .., _, map] = &cores.speed_ups[..] else {
        return Err("not three sections".into());
    };
    for (one, (way, speed_up)) in asyncio.iter().zip(WAYS.into_iter().zip([2.0, 4.0])) {
        assert_eq!((one.rounds, one.error.as_deref()), (Some(10_000), None));
        assert_eq!(one.way, way);
        assert_eq!(one.speed_up.map(|speed_up| speed_up.median), Some(speed_up));
    }
    // The other sections have no line about other threads, so it is a fault that it was printed.
    assert_eq!(status, Some(1));
    let error = threading.error.as_deref().unwrap_or_default();
    assert!(error.contains("is not in the listing"), "{error}");

    assert_eq!((map.way.as_str(), map.rounds), ("parallel-map", None));
    // Each run is one on one core, and then one on all cores.
    #[cfg(target_os = "linux")]
    {
        assert!(map.speed_up.is_some_and(|speed_up| speed_up.min > 0.0), "{:?}", map.error);
        let all = fs::read_to_string("/proc/thread-self/status")?;
        let all = all.lines().find(|line| line.starts_with("Cpus_allowed:")).ok_or("no cores")?;
        let log = python.log();
        let [one, first, again, second] = log.lines().collect::<Vec<_>>()[..] else {
            return Err(format!("not four runs: {log}").into());
        };
        let digits = one.trim_start_matches("Cpus_allowed:").trim().replace(['0', ','], "");
        assert!(["1", "2", "4", "8"].contains(&digits.as_str()), "not one core: {one}");
        assert_eq!([first, again, second], [all, one, all]);
    }

    let (_, shown, _) = run(&mut python.harness(arguments))?;
    let rows: Vec<Vec<_>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], [&environment.machine.cores.to_string(), "cores", "python"]);
    assert!(rows.contains(&vec!["threading,", "concurrent", "-"]), "{shown}");
    assert!(rows.contains(&vec!["asyncio,", "concurrent", "2.00"]), "{shown}");
    assert!(rows.contains(&vec!["asyncio,", "on", "other", "threads", "4.00"]), "{shown}");
    assert!(shown.contains("Medians of 3 runs"), "{shown}");
    Ok(())
}

fn cores_shows_a_wrong_result_or_speed_up() -> TestResult {
    for (variable, error) in [
        (
            "RESULT=1",
            "asyncio with python: wrong result of 10000 rounds: expected 399268537, found 1",
        ),
        ("SPEED_UP=0.50", "asyncio with python: wrong speed-up: expected 2.00, found 0.50"),
        #[cfg(target_os = "linux")]
        (
            "PRIMES=78499",
            r#"parallel-map with python: "There are 78498 primes below 1000000" was not printed"#,
        ),
    ] {
        let python = PretendPython::new(&format!("PRETEND=cores {variable}"))?;
        let arguments = "cores --implementation python --runs 1";
        let (status, shown, _) = run(&mut python.harness(arguments))?;
        assert!(shown.contains(&format!("{error}\n")), "{shown}");
        assert_eq!(status, Some(1));
    }
    Ok(())
}

fn scale_measures_a_program() -> TestResult {
    let arguments = "scale --section asyncio --implementation std-only";
    let (status, json, _) = run(harness(arguments).args(["--max", "99", "--runs", "2", "--json"]))?;
    let scale: Scale = serde_json::from_str(&json)?;
    assert_eq!(status, Some(0));
    assert!(scale.is_complete);
    let [series] = &scale.series[..] else { return Err("not one series".into()) };
    assert_eq!((series.unit.as_str(), series.implementation.as_str()), ("tasks", "std-only"));
    assert_eq!((&series.stop, series.points.len(), scale.runs), (&None, 1, 2));
    let point = &series.points[0];
    let overhead = point.overhead_s;
    assert_eq!(point.count, 4);
    assert!(0.0 < overhead.min && overhead.min <= overhead.median, "{point:?}");
    assert!(overhead.median <= overhead.max, "{point:?}");
    assert!((100_000..1_000_000_000).contains(&point.memory_bytes), "{point:?}");
    assert!(point.cpu_s > 0.0, "{point:?}");
    Ok(())
}

/// With fifty file descriptors, smol can start four processes, but not a hundred.
fn scale_shows_the_limit_that_a_program_ran_into() -> TestResult {
    let arguments = "scale --section multiprocessing --implementation smol";
    let mut command = Command::new("prlimit");
    command.args(["--nofile=50", &*HARNESS]).args(arguments.split(' ')).stdin(Stdio::null());
    let (status, shown, _) = run(&mut command)?;
    let warning =
        shown.lines().find(|line| line.starts_with("processes with smol: ")).unwrap_or_default();
    assert!(warning.starts_with("processes with smol: 100 failed: error: "), "{shown}");
    assert!(warning.ends_with("Too many open files (os error 24)"), "{shown}");
    assert_eq!(status, Some(1));
    Ok(())
}

/// The kernel reports the peak RSS of the largest process. The program and its four children have
/// more together.
fn scale_counts_the_memory_of_all_processes() -> TestResult {
    let arguments = "scale --section multiprocessing --implementation std-only --max 100 --json";
    let (_, json, _) = run(&mut harness(arguments))?;
    let scale: Scale = serde_json::from_str(&json)?;
    let [few, many] = &scale.series[0].points[..] else { return Err("not two points".into()) };
    assert!(many.memory_bytes > few.memory_bytes + 1_000_000, "{few:?} {many:?}");
    Ok(())
}

fn scale_refuses_a_crowd_that_is_smaller_than_it_should_be() -> TestResult {
    let arguments = "scale --section asyncio --implementation python";
    let (status, shown, _) =
        run(&mut PretendPython::new("PRETEND=crowd GREETERS=4")?.harness(arguments))?;
    let warning =
        "tasks with python: 100 failed: wrong number of greeters: expected 100, found 4\n";
    assert!(shown.contains(warning), "{shown}");
    assert_eq!(status, Some(1));
    Ok(())
}

fn scale_shows_the_error_of_a_program() -> TestResult {
    let arguments = "scale --implementation python";
    let (status, shown, _) = run(&mut PretendPython::new("PRETEND=fail")?.harness(arguments))?;
    let warning = "tasks with python: 4 failed: exited with status 3, expected 0\n";
    assert!(shown.contains(warning), "{shown}");
    assert_eq!(status, Some(1));

    // The program's own error says more than the fault, which is that its child was killed.
    let only = ["--section", "asyncio"];
    let python = PretendPython::new("PRETEND=orphan")?;
    let (status, shown, _) = run(python.harness(arguments).args(only))?;
    assert!(shown.contains("tasks with python: 4 failed: error: it went wrong\n"), "{shown}");
    assert_eq!(status, Some(1));
    Ok(())
}
