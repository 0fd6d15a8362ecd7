//! What a port does when a greeter panics, and when its main returns early. The ports do neither, so
//! this builds a copy of the examples in which the environment variable `FAULT` asks for it.

use std::path::Path;
use std::process::Command;
use std::{env, fs, io, thread};

use harness::catalog::{CPU_BOUND, CROWD, Implementation, PARALLEL_MAP, SEVERAL_MACHINES};
use harness::program::{Program, is_from_an_archive, workspace};
use harness::run::End;
use libtest_mimic::Trial;

use crate::setting::{HARNESS, LONG, Setting, TestResult, cores, runner, turn};

const GREETERS: [&str; 4] = [
    "fn some_function(",
    "fn greeting_with_sleep(",
    "fn greeting_with_sleep_async(",
    "fn silent_greeting(",
];

/// The values of `FAULT`. The names are those of greeters that panic. (Those of `crowd` have none.)
const FIRST: &str = "Codecademy some_arg arg1 no name";
const LAST: &str = "Ashley arg3";
const EARLY: &str = "early return";

pub fn trials(setting: &'static Setting) -> Vec<Trial> {
    let test = move || a_greeter_that_panics_is_never_left_out(setting);
    let trial = Trial::test("panics::a_greeter_that_panics_is_never_left_out", test);
    // An archive comes without cargo.
    vec![trial.with_ignored_flag(is_from_an_archive(Path::new(&*HARNESS)))]
}

fn a_greeter_that_panics_is_never_left_out(setting: &Setting) -> TestResult {
    build(&Path::new(&*HARNESS).with_file_name("panics"))?;
    let without = [CPU_BOUND, PARALLEL_MAP, SEVERAL_MACHINES];
    let ports = setting.executables.programs(|_, listing| !without.contains(&listing.name));
    let ports = ports.iter().filter(|port| port.implementation != Implementation::Python);
    let wrong: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = ports.map(|port| scope.spawn(|| check(port))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("it does not panic")).collect()
    });
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// After a panic, the port exits with 101. Of processes, `failure` goes on, and prints that status,
/// and `crowd` goes on, and counts no greeter. After an early return, it exits with 1. In both cases
/// it leaves no child behind. Returns what is wrong.
fn check(port: &Program) -> Vec<String> {
    let (is_about_processes, listing) = (port.section.name == "multiprocessing", port.listing);
    let goes_on = is_about_processes && ["failure", CROWD].contains(&listing.name);
    let mut faults = vec![FIRST];
    if listing.lines().any(|line| line.text.contains("Ashley") || line.text.contains("arg3")) {
        faults.push(LAST);
    }
    // Children whose stdin is a pipe end because it is closed.
    let file = port.section.folder(listing).join(port.implementation.file_name());
    let source = fs::read_to_string(workspace().join(file)).expect("it is in the workspace");
    if with_faults(&source).contains(r#"Error::other("an early return")"#)
        && !source.contains("stdin(Stdio::piped())")
    {
        faults.push(EARLY);
    }
    let wrong = |fault| {
        let mut command = port.command.clone().expect("it was built");
        command[0].push("-with-faults");
        if listing.name == CROWD {
            command.extend(["--count", "4"].map(Into::into));
        }
        command.splice(0..0, ["env".into(), format!("FAULT={fault}").into()]);
        let outcome = runner(LONG).run(&command);
        let (status, message) = match fault {
            EARLY => (1, "an early return"),
            _ if goes_on => (0, "this greeter panics"),
            _ => (101, "this greeter panics"),
        };
        let tells = |line: &str| line.ends_with("with 101") || line == "Greeters: 0";
        let prints_status = outcome.lines.iter().any(|line| tells(&line.text));
        let is_right = outcome.end == End::Exited(status)
            && outcome.stderr.iter().any(|line| line.text.ends_with(message))
            && prints_status == (goes_on && fault != EARLY);
        (!is_right).then(|| format!("{port} with {fault}: {:?} {:?}", outcome.end, outcome.stderr))
    };
    faults.into_iter().filter_map(wrong).collect()
}

/// Builds the copy. The names of its executables end in `-with-faults`. It takes the libraries from
/// the target folder of these tests.
fn build(copy: &Path) -> TestResult {
    let _turn = turn(cores());
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
        } else if from.extension().is_some_and(|extension| extension == "rs") {
            write(&to, &with_faults(&fs::read_to_string(from)?))?;
        }
    }
    Ok(())
}

/// Greeters may panic. Processes may return early, before they start the third greeter. Then the
/// first two sleep for so long that they are left behind if nobody kills them.
fn with_faults(source: &str) -> String {
    let mut text = String::new();
    for line in source.lines() {
        text += line;
        text += "\n";
        if GREETERS.iter().any(|greeter| line.contains(greeter)) {
            let name = line.split(['(', ':']).nth(1).filter(|_| line.contains(": &"));
            let name = name.unwrap_or("\"no name\"");
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
