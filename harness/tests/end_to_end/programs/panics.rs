//! What a port does when a greeter panics, and when its main returns early. The ports do neither, so
//! the environment variable `FAULT` asks their copies for it.

use std::{fs, thread};

use harness::catalog::{CPU_BOUND, CROWD, Implementation, PARALLEL_MAP, SEVERAL_MACHINES};
use harness::program::{Program, workspace};
use harness::run::End;
use libtest_mimic::Trial;

use super::copies::{self, EARLY, FIRST, LAST};
use crate::setting::{LONG, Setting, TestResult, ignored_because, runner};

pub fn trials(setting: &'static Setting) -> Vec<Trial> {
    let test = move || a_greeter_that_panics_is_never_left_out(setting);
    let trial = Trial::test("panics::a_greeter_that_panics_is_never_left_out", test);
    vec![ignored_because(copies::why_none(), trial)]
}

fn a_greeter_that_panics_is_never_left_out(setting: &Setting) -> TestResult {
    copies::build()?;
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
    let is_named = |line: &str| line.contains("Ashley") || line.contains("arg3");
    // The handlers of a server have no names.
    if listing.name != "server" && listing.lines().any(|line| is_named(line.text)) {
        faults.push(LAST);
    }
    // Children whose stdin is a pipe end because it is closed.
    let file = port.section.folder(listing).join(port.implementation.file_name());
    let source = fs::read_to_string(workspace().join(file)).expect("it is in the workspace");
    if copies::with_faults(&source).contains(r#"Error::other("an early return")"#)
        && !source.contains("stdin(Stdio::piped())")
    {
        faults.push(EARLY);
    }
    let wrong = |fault| {
        let mut command = copies::command_of(port);
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
