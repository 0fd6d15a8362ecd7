//! The harness's own command line: what it prints where, and its exit status.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Output;

use libtest_mimic::{Failed, Trial};
use nix::pty::openpty;
use serde_json::{Value, json};

use crate::{Done, PRETEND_PYTHON, harness, text};

pub fn trials() -> Vec<Trial> {
    let trial = |name, test: fn() -> Done| Trial::test(format!("command_line::{name}"), test);
    vec![
        trial("help_names_every_option", help_names_every_option),
        trial("a_wrong_command_line_names_what_is_right", a_wrong_command_line_names_what_is_right),
        trial("json_is_one_object_and_all_of_stdout", json_is_one_object_and_all_of_stdout),
        trial("json_tells_of_faults", json_tells_of_faults),
        trial("a_fault_stands_under_the_matrix", a_fault_stands_under_the_matrix),
        trial("without_python_its_programs_are_skipped", without_python_its_programs_are_skipped),
        trial("a_python_that_is_too_old_is_refused", a_python_that_is_too_old_is_refused),
        trial("each_python_has_a_column", each_python_has_a_column),
        trial("one_job_runs_one_program_at_a_time", one_job_runs_one_program_at_a_time),
        trial("only_a_terminal_gets_colour_and_progress", only_a_terminal_gets_colour_and_progress),
    ]
}

fn help_names_every_option() -> Done {
    for arguments in [&["--help"][..], &["check", "--help"]] {
        let output = harness(arguments).output()?;
        let help = text(&output.stdout);
        for option in
            ["--json", "--listing", "--runtime", "--python", "--no-python", "--jobs", "--limit"]
        {
            assert!(help.contains(option), "{option} is not in {help}");
        }
        assert!(!help.contains("supervise"), "{help}");
        assert_eq!(output.status.code(), Some(0));
    }
    Ok(())
}

fn a_wrong_command_line_names_what_is_right() -> Done {
    for (arguments, said) in [
        (&["--listing", "no-such"][..], "creating-a-thread, multiple-threads, joining-threads"),
        (&["--runtime", "no-such"], "python, std-only, tokio, async-std, smol"),
        (
            &["--python", "no-such-python"],
            "for '--python <PATH>': cannot start no-such-python: not found",
        ),
        (&["--python", "/bin/cat"], "did not answer as Python does"),
        (&["--python", "python3", "--no-python"], "cannot be used with"),
        (&["--python", "/tmp"], "cannot start /tmp: not found, or no program"),
        (&["--runtime", "python", "--no-python"], "nothing to run"),
        (&["--jobs", "0"], "0 is not in 1..=65535"),
        (&["--limit", "0"], "not a number of seconds above 0"),
        (&["--limit", "soon"], "not a number of seconds above 0"),
        (&["no-such"], "no-such"),
    ] {
        let Output { status, stdout, stderr } = harness(arguments).output()?;
        let stderr = text(&stderr);
        assert_eq!(status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert_eq!(text(&stdout), "", "{arguments:?}");
    }
    Ok(())
}

fn json_is_one_object_and_all_of_stdout() -> Done {
    let arguments = ["check", "--json", "--no-python", "--listing", "older-syntax"];
    let Output { status, stdout, stderr } = harness(&arguments).output()?;
    assert_eq!((status.code(), text(&stderr).as_str()), (Some(0), ""));
    let check: Value = serde_json::from_slice(&stdout)?;
    assert_eq!(keys(&check), ["programs", "python", "wall_s"]);
    assert_eq!(check["python"], Value::Null);
    let programs = check["programs"].as_array().ok_or("no array")?;
    let verdicts: Vec<_> = programs
        .iter()
        .map(|program| json!([program["implementation"], program["verdict"]]))
        .collect();
    assert_eq!(
        json!(verdicts),
        json!([
            ["python", "skipped"],
            ["std-only", "pass"],
            ["tokio", "pass"],
            ["async-std", "pass"],
            ["smol", "pass"]
        ])
    );
    for program in &programs[1..] {
        assert_eq!(
            keys(program),
            [
                "elapsed_s",
                "faults",
                "implementation",
                "lines",
                "listing",
                "max_rss_bytes",
                "overhead_s",
                "python",
                "section",
                "system_s",
                "user_s",
                "verdict",
                "wall_s"
            ]
        );
        let number = |key: &str| program[key].as_f64().unwrap_or(f64::NAN);
        assert!((number("elapsed_s") - 2.0 - number("overhead_s")).abs() < 1e-9, "{program}");
        // A Rust program has at least the pages of its code and stack, and not a gigabyte.
        assert!((1e5..1e9).contains(&number("max_rss_bytes")), "{program}");
        assert!(number("user_s") + number("system_s") > 0.0, "{program}");
        let lines = program["lines"].as_array().ok_or("no array")?;
        assert_eq!(lines[0]["text"], "Codecademy");
        let at = |line: usize| lines[line]["at_s"].as_f64().unwrap_or(f64::NAN);
        assert!(0.0 < at(0) && at(0) <= at(1) && at(1) >= 2.0, "{program}");
        assert!(
            at(2) >= number("elapsed_s") && number("wall_s") >= number("elapsed_s"),
            "{program}"
        );
    }
    Ok(())
}

fn keys(value: &Value) -> Vec<&str> {
    let keys = value.as_object().into_iter().flat_map(|object| object.keys());
    keys.map(String::as_str).collect()
}

fn json_tells_of_faults() -> Done {
    let arguments = ["--json", "--python", PRETEND_PYTHON, "--listing", "creating-a-thread"];
    let Output { status, stdout, stderr } = harness(&arguments).env("PRETEND", "fail").output()?;
    assert_eq!((status.code(), text(&stderr).as_str()), (Some(1), ""));
    let check: Value = serde_json::from_slice(&stdout)?;
    assert_eq!(check["python"], "3.11.7");
    let program = &check["programs"][0];
    assert_eq!(program["verdict"], "fail");
    assert_eq!(
        program["faults"],
        json!([
            {"kind": "wrong-exit-status", "detail": "exited with 3, not with 0"},
            {
                "kind": "missing-line",
                "detail": r#""some_function was called with some_arg" was not printed"#
            },
            {"kind": "unexpected-line", "detail": r#""hello" is not in the listing"#},
            {"kind": "unexpected-stderr", "detail": r#""oops" on stderr"#},
        ])
    );
    assert_eq!(check["programs"][1]["verdict"], "pass");
    Ok(())
}

fn a_fault_stands_under_the_matrix() -> Done {
    let arguments = ["--python", PRETEND_PYTHON, "--listing", "creating-a-thread"];
    let Output { status, stdout, stderr } = harness(&arguments).env("PRETEND", "fail").output()?;
    assert_eq!((status.code(), text(&stderr).as_str()), (Some(1), ""));
    let stdout = text(&stdout);
    let (matrix, faults) = stdout.split_once("\n\n").ok_or("nothing under the matrix")?;
    let cells: Vec<_> = matrix.lines().last().unwrap_or_default().split_whitespace().collect();
    assert_eq!(cells, ["creating-a-thread", "FAIL", "pass", "pass", "pass", "pass"]);
    assert!(faults.starts_with("threading::creating-a-thread::python 3.11.7 (/"), "{faults}");
    assert!(faults.contains("  wrong-exit-status: exited with 3, not with 0\n"), "{faults}");
    assert!(faults.contains("  hello\n") && faults.contains("on stderr: oops\n"), "{faults}");
    assert!(faults.contains("  unexpected-stderr: \"oops\" on stderr\n"), "{faults}");
    assert!(faults.contains("4 passed, 1 failed, 0 skipped"), "{faults}");
    Ok(())
}

fn without_python_its_programs_are_skipped() -> Done {
    let cargo = which::which("cargo")?;
    let without_python = tempfile::tempdir()?;
    std::os::unix::fs::symlink(&cargo, without_python.path().join("cargo"))?;
    let arguments = ["check", "--listing", "creating-a-thread"];
    let output =
        harness(&arguments).env("PATH", without_python.path()).env("CARGO", &cargo).output()?;
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(
        stderr,
        "The Python programs are skipped: cannot start python3: not found, or no program; name one with --python\n"
    );
    assert!(stdout.contains("4 passed, 0 failed, 1 skipped"), "{stdout}");
    assert_eq!(output.status.code(), Some(0));
    Ok(())
}

fn a_python_that_is_too_old_is_refused() -> Done {
    let output = harness(&["--python", PRETEND_PYTHON]).env("VERSION", "3 7 16").output()?;
    let stderr = text(&output.stderr);
    assert!(stderr.contains("is Python 3.7.16, and 3.8 or later is needed"), "{stderr}");
    assert_eq!(output.status.code(), Some(2));
    Ok(())
}

fn each_python_has_a_column() -> Done {
    let python = PRETEND_PYTHON;
    let arguments = ["--python", python, "--python", python, "--listing", "one-process"];
    let matrix = text(&harness(&arguments).output()?.stdout);
    let header: Vec<_> = matrix.lines().next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(header[..5], ["python", "3.11.7", "python", "3.11.7", "std-only"]);
    assert!(matrix.contains("4 passed, 2 failed, 0 skipped"), "{matrix}");

    let arguments = ["--json", "--python", python, "--python", python, "--runtime", "python"];
    let output = harness(&arguments).args(["--listing", "one-process"]).output()?;
    let check: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(check["python"], "3.11.7, 3.11.7");
    let pythons: Vec<_> = check["programs"].as_array().ok_or("no array")?.iter().collect();
    assert_eq!(pythons.len(), 2);
    assert!(pythons.iter().all(|program| program["implementation"] == "python"));
    assert!(pythons.iter().all(|program| program["python"] == "3.11.7"));
    Ok(())
}

fn one_job_runs_one_program_at_a_time() -> Done {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log");
    let arguments = ["--jobs", "1", "--python", PRETEND_PYTHON, "--runtime", "python"];
    harness(&arguments).env("PRETEND", "log").env("LOG", &log).output()?;
    assert_eq!(read(&log), "begin\nend\n".repeat(8));
    Ok(())
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

fn only_a_terminal_gets_colour_and_progress() -> Done {
    const RED: &str = "\u{1b}[31m";
    let arguments = [
        "--python",
        PRETEND_PYTHON,
        "--listing",
        "older-syntax",
        "--runtime",
        "python",
        "--limit",
        "1",
    ];
    let shown_on_terminal = |no_color: Option<&str>| -> Result<String, Failed> {
        let terminal = openpty(None, None)?;
        let mut command = harness(&arguments);
        command.env("PRETEND", "hang").env("LOG", "/dev/null").env("TERM", "xterm");
        match no_color {
            Some(value) => command.env("NO_COLOR", value),
            None => command.env_remove("NO_COLOR"),
        };
        command.stdout(terminal.slave.try_clone()?).stderr(terminal.slave);
        let mut harness = command.spawn()?;
        drop(command);
        let mut shown = Vec::new();
        // Ends in an error when the harness, at the other end, is gone.
        let _ = File::from(terminal.master).read_to_end(&mut shown);
        harness.wait()?;
        Ok(text(&shown))
    };
    let in_colour = shown_on_terminal(None)?;
    assert!(in_colour.contains(RED), "{in_colour:?}");
    assert!(in_colour.contains("1 running: asyncio::older-syntax::python "), "{in_colour:?}");
    let without = shown_on_terminal(Some("1"))?;
    assert!(!without.contains(RED) && without.contains("FAIL"), "{without:?}");

    let output = harness(&arguments).env("PRETEND", "hang").env("LOG", "/dev/null").output()?;
    let stdout = text(&output.stdout);
    assert!(!stdout.contains('\u{1b}') && stdout.contains("FAIL"), "{stdout:?}");
    assert_eq!(text(&output.stderr), "");
    Ok(())
}
