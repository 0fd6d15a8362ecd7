//! The harness's own command line: what it prints where, and its exit status.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::check::json::CheckJson;
use harness::judge::verdict::Verdict;
use harness::program::is_from_an_archive;
use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal::SIGKILL;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde_json::{Value, json};

use super::{PretendPython, assert_shown, closed_pipe, open_terminal, run};
use crate::setting::{HARNESS, TestResult, harness, ignored_because, text, trials};

pub fn trials() -> Vec<Trial> {
    let mut trials = trials!("check":
        doubts_are_faults_after_three_runs,
        a_wrong_value_is_refused_with_the_valid_ones,
        stdout_is_one_json_object,
        a_trace_has_a_lane_for_each_greeter,
        faults_are_in_the_json_and_below_the_matrix,
        a_closed_pipe_is_no_error,
        a_full_device_is_an_error,
        without_python_its_programs_are_skipped,
        a_python_that_is_too_old_is_refused,
        each_python_has_a_column,
        programs_get_a_clean_environment,
        one_job_runs_one_program_at_a_time,
        a_section_narrows_a_listing_that_several_have,
        without_a_terminal_lines_say_what_goes_on,
        only_a_terminal_gets_colour_and_progress,
    );
    #[cfg(target_os = "linux")]
    trials.extend(trials!("check":
        few_threads_and_processes_are_an_error,
        few_open_files_are_enough,
    ));
    let from_an_archive = is_from_an_archive(HARNESS.as_ref());
    let reason = from_an_archive.then_some("the examples come from an archive".to_owned());
    let build = trials!("check": a_build_that_fails_is_an_error);
    trials.extend(build.into_iter().map(|trial| ignored_because(reason.clone(), trial)));
    trials
}

fn a_wrong_value_is_refused_with_the_valid_ones() -> TestResult {
    for (arguments, said) in [
        ("--listing no-such", "creating-a-thread, multiple-threads, joining-threads"),
        ("--listing crowd", "run cargo run --release -p harness -- scale"),
        ("check --listing cpu-bound", "run cargo run --release -p harness -- cores"),
        ("--section no-such", "threading, asyncio, multiprocessing"),
        ("--section asyncio --listing one-process", "nothing to run"),
        ("--implementation no-such", "python, std-only, tokio, async-std, smol"),
        (
            "--python no-such-python",
            "for '--python <PATH>': cannot start no-such-python: not found",
        ),
        ("--python /bin/cat", "cat printed no Python version, but on stderr:\n"),
        ("--python python3 --no-python", "cannot be used with"),
        ("--python /tmp", "cannot start /tmp: it is a directory"),
        ("--implementation python --no-python", "nothing to run"),
        ("--implementation mpi --listing one-process", "only several-machines has mpi"),
        ("--implementation rayon --section asyncio", "only parallel-map has rayon"),
        (
            "cores --implementation mpi",
            "[possible values: python, std-only, tokio, async-std, smol, rayon]",
        ),
        (
            "scale --implementation rayon",
            "[possible values: python, std-only, tokio, async-std, smol]",
        ),
        ("--hostfile /no/such/file", "cannot read it: No such file or directory"),
        ("--hostfile Cargo.toml --listing one-process", "only with several-machines"),
        ("--hostfile /tmp", "cannot read it: Is a directory"),
        ("--jobs 0", "0 is not in 1..=65535"),
        ("--jobs -1", "invalid value '-1' for '--jobs <N>'"),
        ("--limit 0", "expected a positive number of seconds"),
        ("--limit -1", "expected a positive number of seconds"),
        ("--limit soon", "expected a positive number of seconds"),
        ("--trace /no/such/folder/file", "cannot write it: No such file or directory"),
        ("--trace /tmp", "it is a directory"),
        ("--trace folder/", "expected the name of a file"),
        ("no-such", "no-such"),
        ("scale --max 3", "3 is not in 4..=10000000"),
        ("scale --runs 0", "0 is not in 1..=65535"),
        ("scale --section no-such", "threading, asyncio, multiprocessing"),
        ("scale --implementation python --no-python", "nothing to run"),
        ("cores --runs 0", "0 is not in 1..=65535"),
        ("cores --section asyncio", "--section"),
        ("cores --python no-such-python", "cannot start no-such-python: not found"),
    ] {
        let (status, stdout, stderr) = run(&mut harness(arguments))?;
        assert!(stderr.contains(said), "{arguments}: {stderr}");
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{arguments}: {stderr}");
    }
    Ok(())
}

/// What is said of a build, which an archive does not need.
fn said_of_build() -> String {
    let said = "Building the examples\n";
    if is_from_an_archive(HARNESS.as_ref()) { String::new() } else { said.to_owned() }
}

fn stdout_is_one_json_object() -> TestResult {
    let arguments = "check --json --no-python --listing older-syntax";
    let (status, stdout, stderr) = run(&mut harness(arguments))?;
    assert_eq!((status, stderr), (Some(0), said_of_build() + "Running 5 programs\n"));
    let CheckJson { wall_s, jobs, python, date, machine, programs } =
        serde_json::from_str(&stdout)?;
    assert_eq!((jobs, python, programs.len()), (4, None, 5));
    assert!(date.is_some_and(|date| date.len() == "2026-11-28".len()) && machine.is_some());
    assert_eq!(programs[0].reason.as_deref(), Some("--no-python was given"));
    for program in &programs[1..] {
        assert_eq!((program.verdict, program.reason.as_deref()), (Verdict::Pass, None));
        let elapsed = program.elapsed_s.ok_or("no elapsed time")?;
        let [user, system, wall] =
            [program.user_s, program.system_s, program.wall_s].map(Option::unwrap_or_default);
        assert!((elapsed - 2.0 - program.overhead_s.unwrap_or(0.0)).abs() < 1e-9, "{program:?}");
        // A Rust program has at least the pages of its code and stack, and not a gigabyte.
        let memory = program.max_rss_bytes.unwrap_or(0);
        assert!((100_000..1_000_000_000).contains(&memory), "{program:?}");
        assert!(user + system > 0.0 && elapsed <= wall && wall <= wall_s, "{program:?}");
        let at: Vec<_> = program.lines.iter().map(|line| line.at_s).collect();
        assert!(0.0 < at[0] && at[0] <= at[1] && at[1] >= 2.0, "{program:?}");
        assert!(at[2] >= elapsed, "{program:?}");
    }
    Ok(())
}

fn a_trace_has_a_lane_for_each_greeter() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("trace.json");
    let status = harness("--listing joining-threads --implementation std-only")
        .arg("--trace")
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    assert_eq!(status.code(), Some(0));
    let trace: Value = serde_json::from_slice(&fs::read(file)?)?;
    let events = trace["traceEvents"].as_array().ok_or("no array")?;
    let of_kind =
        |kind: &str| events.iter().filter(|event| event["ph"] == kind).collect::<Vec<_>>();
    let sleeps: Vec<_> = of_kind("X").iter().map(|one| json!([one["tid"], one["name"]])).collect();
    assert_eq!(json!(sleeps), json!([1, 2, 3, 4].map(|tid| (tid, "sleep"))));
    for slice in of_kind("X") {
        let number = |key: &str| slice[key].as_f64().unwrap_or(f64::NAN);
        // In microseconds. The harness may have read the first line up to two seconds late.
        assert!(number("ts") > 0.0 && number("dur") > 0.0 && number("ts") + number("dur") >= 2e6);
    }
    assert_eq!(of_kind("i").len(), 9);
    let process = json!({ "name": "threading::joining-threads::std-only" });
    assert_eq!(of_kind("M")[0]["args"], process);
    Ok(())
}

fn faults_are_in_the_json_and_below_the_matrix() -> TestResult {
    let python = PretendPython::new("PRETEND=fail")?;
    let arguments = "--listing creating-a-thread --implementation python";
    for (name, arguments) in
        [("faults", arguments), ("faults-json", &format!("{arguments} --json"))]
    {
        let (status, mut stdout, stderr) = run(&mut python.harness(arguments))?;
        assert_eq!((status, stderr.as_str()), (Some(1), "Running 1 program\n"));
        if let Ok(check) = serde_json::from_str::<CheckJson>(&stdout) {
            assert_eq!(check.date.map(|date| date.len()), Some("2026-11-28".len()));
            let machine = serde_json::to_string(&check.machine.ok_or("no machine")?)?;
            stdout = stdout.replace(&machine, "{}");
        }
        assert_shown(name, &stdout, &python);
    }
    Ok(())
}

fn a_build_that_fails_is_an_error() -> TestResult {
    let cargo = PretendPython::new("PRETEND=cargo")?;
    for cargo in [Path::new("false"), &cargo.path()] {
        let (status, _, stderr) = run(harness("--no-python").env("CARGO", cargo))?;
        let error = "Building the examples\nerror: cargo could not build the examples\n";
        assert_eq!((status, stderr.as_str()), (Some(1), error));
    }
    // The daemon is neither killed nor waited for. The build is where this harness was built.
    let log = cargo.log();
    let (daemon, arguments) = log.split_once(' ').ok_or("cargo was not started")?;
    kill(Pid::from_raw(daemon.parse()?), SIGKILL)?;
    let target = Path::new(&*HARNESS).ancestors().nth(2).ok_or("no folder")?.display();
    assert!(arguments.contains(&format!("--target-dir {target} ")), "{arguments}");
    Ok(())
}

fn without_python_its_programs_are_skipped() -> TestResult {
    let without_python = tempfile::tempdir()?;
    let mut harness = harness("check --listing creating-a-thread");
    if let Ok(cargo) = which::which("cargo") {
        std::os::unix::fs::symlink(&cargo, without_python.path().join("cargo"))?;
        harness.env("CARGO", &cargo);
    }
    let (status, stdout, stderr) = run(harness.env("PATH", without_python.path()))?;
    let said = "The Python programs are skipped; name a Python with --python: cannot start python3: \
                not found, or not executable\n";
    assert_eq!((status, stderr), (Some(0), said_of_build() + said + "Running 5 programs\n"));
    assert!(stdout.contains("4 passed, 0 failed, 1 skipped"), "{stdout}");
    Ok(())
}

fn a_python_that_is_too_old_is_refused() -> TestResult {
    let python = PretendPython::new("VERSION='3 7 16 CPython 3.7.16'")?;
    let (status, _, stderr) = run(&mut python.harness(""))?;
    assert!(stderr.contains("is Python 3.7.16, but 3.8 or later is needed"), "{stderr}");
    assert_eq!(status, Some(2));
    Ok(())
}

fn each_python_has_a_column() -> TestResult {
    let [one, other] = ["VERSION='3 9 16 PyPy 7.3.11'", ""].map(PretendPython::new);
    let (one, other) = (one?, other?);
    let harness = |arguments| {
        let pythons = [&one, &other, &one].map(|python| ["--python".into(), python.path()]);
        run(other.harness(arguments).args(pythons.iter().flatten()))
    };
    let (_, matrix, _) = harness("--listing one-process")?;
    let header = matrix.lines().next().unwrap_or_default();
    let expected = "python 3.11.7  python PyPy 7.3.11 (Python 3.9.16)  std-only";
    assert!(header.trim_start().starts_with(expected), "{header}");
    assert!(matrix.contains("4 passed, 2 failed, 0 skipped"), "{matrix}");

    let (_, json, _) = harness("--json --implementation python --listing one-process")?;
    let check: CheckJson = serde_json::from_str(&json)?;
    assert_eq!(check.python.as_deref(), Some("3.11.7, PyPy 7.3.11 (Python 3.9.16)"));
    let versions: Vec<_> = check.programs.iter().map(|one| one.python.as_deref()).collect();
    assert_eq!(versions, [Some("3.11.7"), Some("PyPy 7.3.11 (Python 3.9.16)")]);
    Ok(())
}

/// Programs get only some of the harness's variables, also when they are asked for their version. The
/// shell adds some of its own. Each has a folder for temporary files, which is gone in the end.
fn programs_get_a_clean_environment() -> TestResult {
    let python = PretendPython::new("PRETEND=environment; touch \"$TMPDIR/file\"")?;
    let folder = tempfile::tempdir()?;
    let others = [("PYTHONUNBUFFERED", "1"), ("PYTHONHOME", "/no/such")];
    python.harness(SHORT).envs(others).env("TMPDIR", folder.path()).output()?;
    let log = python.log();
    let variables: Vec<_> = log.lines().filter_map(|line| line.split_once('=')).collect();
    let names: Vec<_> = variables.iter().map(|(name, _)| *name).collect();
    assert!(names.contains(&"PATH"), "{names:?}");
    let known = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYENV_VERSION"];
    let of_shell = ["PWD", "OLDPWD", "SHLVL", "_"];
    assert!(names.iter().all(|name| known.contains(name) || of_shell.contains(name)), "{names:?}");
    let of_program = variables.iter().find(|(name, _)| *name == "TMPDIR").ok_or("no TMPDIR")?.1;
    assert_eq!(Path::new(of_program).parent(), Some(folder.path()));
    assert_eq!(fs::read_dir(folder.path())?.count(), 0, "temporary files are left");
    Ok(())
}

fn doubts_are_faults_after_three_runs() -> TestResult {
    let start = |(what, fault)| {
        let python = PretendPython::new(&format!("PRETEND={what}"))?;
        let mut harness = python.harness("--implementation python --listing one-process");
        let harness = harness.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        Ok::<_, Failed>((python, harness, fault))
    };
    let unslept =
        "wrong-stage: \"says hello!\" came 0.00 s after \"Codecademy\", expected 2 s or more";
    let slow = "wrong-elapsed: 3.9 s, expected less than 2.5 s";
    for started in [("late", unslept), ("slow", slow)].map(start) {
        let (python, harness, fault) = started?;
        let shown = text(&harness.wait_with_output()?.stdout);
        assert!(shown.contains(&format!("{fault}, in each of 3 runs\n")), "{shown}");
        assert_eq!(python.log(), "run\n".repeat(3));
    }
    Ok(())
}

fn one_job_runs_one_program_at_a_time() -> TestResult {
    let python = PretendPython::new("PRETEND=log")?;
    let arguments = "--jobs 1 --implementation python --listing timeout";
    python.harness(arguments).output()?;
    assert_eq!(python.log(), "begin\nend\n".repeat(3));
    Ok(())
}

fn a_section_narrows_a_listing_that_several_have() -> TestResult {
    let of_three = "timeout is a listing of 3 sections: threading, asyncio, multiprocessing.";
    for (command, said, runs) in
        [("", of_three, 3), ("--section asyncio", "", 1), ("check --section asyncio", "", 1)]
    {
        let python = PretendPython::new("PRETEND=log")?;
        let arguments = format!("{command} --jobs 1 --implementation python --listing timeout");
        let (_, _, stderr) = run(&mut python.harness(&arguments))?;
        assert!(
            stderr.starts_with(said) && stderr.contains(of_three) != said.is_empty(),
            "{stderr}"
        );
        assert_eq!(python.log(), "begin\nend\n".repeat(runs), "{command}");
    }
    Ok(())
}

/// The program hangs for 12 s, and so does the build.
fn without_a_terminal_lines_say_what_goes_on() -> TestResult {
    let [python, cargo] =
        [PretendPython::new("PRETEND=hang")?, PretendPython::new("PRETEND=build")?];
    let arguments = "--limit 4 --implementation python --listing older-syntax";
    let mut builds = harness("--no-python");
    builds.env("CARGO", cargo.path());
    let running = "0 of 1 program ended, 1 running: asyncio::older-syntax::python";
    let commands = [
        (python.harness(arguments), "Running 1 program", running),
        (builds, "Building the examples", "still building the examples"),
    ];
    let start = |(mut command, first, then): (Command, _, _)| {
        Ok((command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?, first, then))
    };
    let from_an_archive = is_from_an_archive(HARNESS.as_ref());
    let commands = commands.into_iter().take(if from_an_archive { 1 } else { 2 });
    for started in commands.map(start).collect::<std::io::Result<Vec<_>>>()? {
        let (harness, first, then) = started;
        let stderr = text(&harness.wait_with_output()?.stderr);
        let mut lines = stderr.lines();
        assert_eq!(lines.next(), Some(first));
        let (seconds, line) =
            lines.next().and_then(|line| line.split_once(" s: ")).ok_or("no line")?;
        assert_eq!(line, then);
        assert!(seconds.parse::<u64>()? >= 10, "{stderr}");
    }
    Ok(())
}

/// Returns what a check of one hanging Python program prints to a terminal and into a pipe.
/// `on_terminal` says which of stdout and stderr are the terminal.
fn shown(on_terminal: [bool; 2]) -> Result<[String; 2], Failed> {
    let python = PretendPython::new("PRETEND=hang")?;
    let terminal = open_terminal()?;
    let mut command = python.harness("--listing older-syntax --implementation python");
    command.args(["--limit", "0.2"]);
    // These variables control colour. If `CI` is set, even a dumb terminal gets colour.
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "CI"] {
        command.env_remove(variable);
    }
    command.env("TERM", "xterm");
    let [stdout, stderr] = on_terminal;
    let terminal_or_pipe = |on_terminal| match on_terminal {
        true => terminal.slave.try_clone().map(Stdio::from),
        false => Ok(Stdio::piped()),
    };
    command.stdout(terminal_or_pipe(stdout)?).stderr(terminal_or_pipe(stderr)?);
    let harness = command.spawn()?;
    drop((command, terminal.slave));
    let mut on_terminal = Vec::new();
    // Fails when the harness, at the other end, has exited.
    let _ = File::from(terminal.master).read_to_end(&mut on_terminal);
    let output = harness.wait_with_output()?;
    Ok([text(&on_terminal), text(&[output.stdout, output.stderr].concat())])
}

const RED: &str = "\u{1b}[31m";

fn only_a_terminal_gets_colour_and_progress() -> TestResult {
    const PROGRESS: &str = "1 running: asyncio::older-syntax::python";
    let [both, _] = shown([true, true])?;
    assert!(both.contains(RED) && both.contains(PROGRESS), "{both:?}");
    // Colour depends on stdout alone, and progress on stderr alone.
    let [stdout, stderr] = shown([true, false])?;
    assert!(stdout.contains(RED) && !stdout.contains(PROGRESS), "{stdout:?}");
    assert!(stderr.starts_with("Running 1 program\n"), "{stderr:?}");
    let [stderr, stdout] = shown([false, true])?;
    assert!(stderr.contains(PROGRESS), "{stderr:?}");
    assert!(!stdout.contains('\u{1b}') && stdout.contains("timed-out ✗"), "{stdout:?}");
    let [_, neither] = shown([false, false])?;
    assert!(neither.contains("timed-out ✗"), "{neither:?}");
    assert!(!neither.contains('\u{1b}') && !neither.contains(PROGRESS), "{neither:?}");
    Ok(())
}

/// The arguments of a short check.
const SHORT: &str = "--implementation python --listing creating-a-thread";

fn a_closed_pipe_is_no_error() -> TestResult {
    let python = PretendPython::new("PRETEND=greet")?;
    for (mut harness, said) in [
        (python.harness(SHORT), "Running 1 program\n"),
        (harness("--help"), ""),
        (harness("cores --help"), ""),
    ] {
        let (status, _, stderr) = run(harness.stdout(closed_pipe()?))?;
        assert_eq!((status, stderr.as_str()), (Some(0), said), "{harness:?}");
    }
    Ok(())
}

fn a_full_device_is_an_error() -> TestResult {
    let python = PretendPython::new("PRETEND=greet")?;
    let others = ["--help", "--version"].map(harness);
    for mut harness in [python.harness(SHORT)].into_iter().chain(others) {
        let full = File::options().write(true).open("/dev/full")?;
        let (status, _, stderr) = run(harness.stdout(full))?;
        let expected = "error: cannot write to stdout: No space left";
        assert!(stderr.contains(expected), "{harness:?}: {stderr}");
        assert_eq!(status, Some(1), "{harness:?}");
    }
    Ok(())
}

/// However few the system grants: no panic, and an error that names what was refused.
#[cfg(target_os = "linux")]
fn few_threads_and_processes_are_an_error() -> TestResult {
    use crate::programs::refused::{confined, copy};

    let folder = tempfile::tempdir()?;
    let python = PretendPython::new("PRETEND=greet")?;
    let harness = copy((*HARNESS).as_ref(), folder.path())?;
    let path = copy(&python.path(), folder.path())?;
    copy(&python.path().with_file_name("variables"), folder.path())?;
    let mut refused = 0;
    for limit in [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40] {
        let confined = confined(100, limit);
        let mut command = Command::new(&confined[0]);
        command.args(&confined[1..]).arg(&harness).stdin(Stdio::null());
        command.args(["--implementation", "python", "--python"]).arg(&path);
        let (status, stdout, stderr) = run(&mut command)?;
        let shown = stdout + &stderr;
        assert!(!shown.contains("panicked"), "{limit}: {shown}");
        assert!(matches!(status, Some(1 | 2)), "{limit}: {status:?} {shown}");
        refused += u32::from(shown.contains("Resource temporarily unavailable"));
    }
    assert!(refused > 5, "only {refused} were refused");
    Ok(())
}

/// Soft and hard limits on open files, and the warning.
#[cfg(target_os = "linux")]
fn few_open_files_are_enough() -> TestResult {
    let python = PretendPython::new("PRETEND=greet")?;
    let warning =
        "warning: the limit of 80 open files allows only --jobs 2; raise it with ulimit -n";
    // The first line says how many programs run.
    for (limits, expected) in [("64:", &[][..]), ("64:80", &[warning])] {
        let mut command = Command::new("prlimit");
        command.arg(format!("--nofile={limits}")).arg(&*HARNESS).stdin(Stdio::null());
        command.args(["--implementation", "python", "--python"]).arg(python.path());
        let (_, stdout, stderr) = run(&mut command)?;
        assert!(!stdout.contains("Too many open files"), "{stdout}");
        assert_eq!(stderr.lines().skip(1).collect::<Vec<_>>(), expected);
    }
    Ok(())
}
