//! A copy of the examples, in which the environment variable `FAULT` asks greeters to panic, and in
//! which some times differ.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use harness::catalog::Implementation;
use harness::program::{Program, is_from_an_archive, workspace};
use libtest_mimic::Trial;

use crate::setting::{HARNESS, TestResult, ignored_because, turn};

const GREETERS: [&str; 5] = [
    "fn some_function(",
    "fn greeting_with_sleep(",
    "fn greeting_with_sleep_async(",
    "fn silent_greeting(",
    "fn fetch(",
];

/// The values of `FAULT`. The names are those of greeters that panic. (Those of `crowd` have none.)
pub const FIRST: &str = "Codecademy some_arg arg1 no name";
pub const LAST: &str = "Ashley arg3";
pub const EARLY: &str = "early return";

/// What has another time in a copy: a text of the source, and what is replaced in it by what. A
/// server sleeps long, so that a test can do much meanwhile, but less for a client that has gone:
/// then its answer fails before the program ends.
const OTHER_TIMES: [(&str, &str, &str); 4] = [
    ("TcpListener", "from_secs(2)", r#"from_secs(if string == "Gone" { 1 } else { 5 })"#),
    ("_server(", "sleep(2)", r#"sleep(1 if "Gone" in str(line) else 5)"#),
    ("of 8 pages", "from_secs(10)", "from_millis(500)"),
    ("of 8 pages", "=10)", "=0.5)"),
];

fn folder() -> PathBuf {
    Path::new(&*HARNESS).with_file_name("copies")
}

/// Why there is no copy, if there is none.
pub fn why_none() -> Option<String> {
    let is_archive = is_from_an_archive(Path::new(&*HARNESS));
    is_archive.then(|| "an archive comes without cargo".to_owned())
}

/// A test of a program's copy.
pub fn trial(name: String, program: Program, test: fn(Program) -> TestResult) -> Trial {
    let reason = program.command.clone().err().or_else(why_none);
    ignored_because(reason, Trial::test(name, move || test(program)))
}

/// The command of a program's copy.
pub fn command_of(program: &Program) -> Vec<OsString> {
    let mut command = program.command.clone().expect("it was found");
    if program.implementation == Implementation::Python {
        let file = program.section.folder(program.listing).join("python.py");
        command[1] = folder().join(file).into();
    } else {
        command[0].push("-with-faults");
    }
    command
}

/// Builds the copy, if it is not there. The names of its executables end in `-with-faults`. It takes
/// the libraries from the target folder of these tests.
pub fn build() -> TestResult {
    // One at a time, because it writes files.
    let _turn = turn(1);
    let copy = &folder();
    for package in ["examples-threading", "examples-asyncio", "examples-multiprocessing"] {
        let (from, to) = (workspace().join(package), copy.join(package));
        copy_sources(&from.join("src"), &to.join("src"))?;
        let manifest = fs::read_to_string(from.join("Cargo.toml"))?;
        let (manifest, _) = manifest.split_once("\n[dev-dependencies]").unwrap_or((&manifest, ""));
        let manifest = manifest.replace("[package]", "[package]\nautobins = false");
        let bin = format!("[[bin]]\nname = \"{package}-with-faults\"\npath = \"src/main.rs\"");
        write(&to.join("Cargo.toml"), &format!("{manifest}\n{bin}\n"))?;
    }
    let manifest = fs::read_to_string(workspace().join("Cargo.toml"))?;
    let (before, rest) = manifest.split_once("members = [").ok_or("no members")?;
    let (_, after) = rest.split_once(']').ok_or("no end of the members")?;
    let manifest = format!("{before}members = [\"examples-*\"]{after}");
    let command_line = workspace().join("harness/command-line").canonicalize()?;
    let manifest = manifest.replace("harness/command-line", &command_line.to_string_lossy());
    write(&copy.join("Cargo.toml"), &manifest)?;
    fs::copy(workspace().join("Cargo.lock"), copy.join("Cargo.lock"))?;

    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--bins", "--offline"]).current_dir(copy);
    cargo.arg("--target-dir").arg(copy.ancestors().nth(2).ok_or("no target folder")?);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let output = cargo.output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let (from, to) = (entry?.path(), to.to_owned());
        let to = to.join(from.file_name().unwrap_or_default());
        if from.is_dir() {
            copy_sources(&from, &to)?;
        } else if from.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
            let mut source = fs::read_to_string(from)?;
            for (part, from, to) in OTHER_TIMES {
                if source.contains(part) {
                    source = source.replace(from, to);
                }
            }
            write(&to, &with_faults(&source))?;
        }
    }
    Ok(())
}

/// Greeters may panic. Processes may return early, before they start the third greeter. Then the
/// first two sleep for so long that they are left behind if nobody kills them.
pub fn with_faults(source: &str) -> String {
    let mut text = String::new();
    for line in source.lines() {
        text += line;
        text += "\n";
        if GREETERS.iter().any(|greeter| line.contains(greeter)) {
            let parameter = line.split(['(', ',', ')']).nth(1).unwrap_or_default();
            let name = parameter.split_once(':').filter(|(_, of_type)| of_type.ends_with("str"));
            let name = name.map_or("\"no name\"", |(name, _)| name);
            text += &format!(
                r#"match std::env::var("FAULT").as_deref() {{
                    Ok("{EARLY}") => std::thread::sleep(std::time::Duration::from_secs(60)),
                    Ok(names) if names.contains({name}) => panic!("this greeter panics"),
                    _ => {{}}
                }}"#
            );
        }
        if line.starts_with("    for greeting in") && source.contains("fn main_multiprocessing()") {
            text += &format!(
                r#"if greeting == "Hisham" && std::env::var("FAULT").as_deref() == Ok("{EARLY}") {{
                    return Err(io::Error::other("an early return"));
                }}"#
            );
        }
    }
    text
}

/// Writes a file, unless it has this text. Cargo builds again what was written.
fn write(file: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(file).ok().as_deref() == Some(text) {
        return Ok(());
    }
    fs::create_dir_all(file.parent().expect("it is in a folder"))?;
    fs::write(file, text)
}
