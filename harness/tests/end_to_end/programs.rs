//! Each program of the examples is a test of its own, `asyncio::multiple-tasks::tokio`. One snapshot
//! serves all programs of a listing: they have to agree to the letter.

use std::time::Duration;

use harness::matrix::Cell;
use harness::program::{Implementation, Program};
use harness::table::describe_faults;
use harness::transcript::canonical;
use insta::{Settings, assert_snapshot};
use libtest_mimic::Trial;

use crate::{Done, Setting, runner};

/// The programs. Those for Python are ignored if there is none.
pub fn trials(setting: &Setting) -> Vec<Trial> {
    let trial = |program: Program| {
        let is_ignored = program.command.is_none();
        Trial::test(program.to_string(), move || check(&program)).with_ignored_flag(is_ignored)
    };
    let programs = Program::all(&setting.examples, &setting.interpreters);
    let mut trials: Vec<_> = programs.iter().cloned().map(trial).collect();
    let is_for_processes = |program: &&Program| {
        program.section.name == "multiprocessing"
            && program.implementation == Implementation::Python
    };
    for program in programs.iter().filter(is_for_processes) {
        for method in ["fork", "spawn", "forkserver"] {
            let name = format!("{program}::{method}");
            let program = with_start_method(program.clone(), method);
            let is_ignored = program.command.is_none();
            trials.push(Trial::test(name, move || check(&program)).with_ignored_flag(is_ignored));
        }
    }
    trials
}

/// A Python program, started so that its processes start in this way, and that warnings are errors.
fn with_start_method(mut program: Program, method: &str) -> Program {
    const START: &str = "import multiprocessing, runpy, sys; \
                         multiprocessing.set_start_method(sys.argv[1]); \
                         runpy.run_path(sys.argv[2], run_name='__main__')";
    if let Some(command) = &mut program.command {
        let arguments = ["-W", "error", "-c", START, method];
        command.splice(1..1, arguments.map(Into::into));
    }
    program
}

fn check(program: &Program) -> Done {
    let cell = Cell::run(program, &runner(Duration::from_secs(10)));
    let outcome = cell.outcome.as_ref().ok_or("no Python was found")?;
    if !cell.faults.is_empty() {
        eprintln!("{}", describe_faults(&cell));
    }
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        assert_snapshot!(program.listing.name, canonical(program.listing, &outcome.lines));
    });
    if cell.faults.is_empty() { Ok(()) } else { Err("it has faults: see above".into()) }
}
