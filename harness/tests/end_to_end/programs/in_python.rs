//! What the READMEs of the examples say about Python, shown by running the functions of
//! `in_python.py`.

use std::fs;
use std::process::{Command, Stdio};

use harness::run::clean_environment;
use libtest_mimic::Trial;

use crate::setting::{Setting, TestResult, text, this_folder};

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let python = setting.executables.interpreters.first().map(|found| found.executable.clone());
    let file = this_folder().join("programs/in_python.py");
    let source = fs::read_to_string(&file).expect("it is in the workspace");
    let functions = source.split("\ndef ").skip(1).map(|function| {
        let (name, body) = function.split_once("():\n").expect("it has no parameters");
        let comment = body.lines().map_while(|line| line.strip_prefix("    # ")).map(str::to_owned);
        let mut command = Command::new(python.clone().unwrap_or_default());
        command.env_clear().envs(clean_environment()).arg(&file).arg(name).stdin(Stdio::null());
        let comment: Vec<_> = comment.collect();
        let test = move || prints(command, &comment);
        Trial::test(format!("in_python::{name}"), test).with_ignored_flag(python.is_none())
    });
    functions.collect()
}

/// The command prints the lines of the comment, of which the last may be a part of stderr.
fn prints(mut command: Command, comment: &[String]) -> TestResult {
    let output = command.output()?;
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let (expected, on_stderr) = match comment {
        [lines @ .., last] if last.starts_with("stderr: ") => (lines, &last["stderr: ".len()..]),
        lines => (lines, ""),
    };
    assert_eq!(stdout, expected.join("\n") + "\n", "{stderr}");
    assert!(stderr.contains(on_stderr) && stderr.is_empty() == on_stderr.is_empty(), "{stderr}");
    Ok(())
}
