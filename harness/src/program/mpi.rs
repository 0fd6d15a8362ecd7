//! Finds mpirun, and how it starts the ranks of a program.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use super::python::VERSION_TIMEOUT;
use crate::catalog::NAMES;
use crate::run::Runner;

/// How many ranks a program has: one for each greeter.
const RANKS: usize = NAMES.len();

/// Finds Open MPI's mpirun. Another one has other options.
///
/// # Errors
///
/// Why it cannot be used.
pub fn find_mpirun(runner: &Runner) -> Result<PathBuf, String> {
    let mpirun = which::which("mpirun").map_err(|_| "mpirun was not found")?;
    let runner = Runner { limit: VERSION_TIMEOUT, ..runner.clone() };
    let outcome = runner.run(&[mpirun.clone().into(), "--version".into()]);
    if outcome.lines.iter().any(|line| line.text.contains("Open MPI")) {
        Ok(mpirun)
    } else {
        Err(format!("{} is not that of Open MPI", mpirun.display()))
    }
}

/// The beginning of a command that starts the ranks, on the machines of a host file or on this one.
pub fn start_ranks(mpirun: &Path, hostfile: Option<&Path>) -> Vec<OsString> {
    let mut command = vec![mpirun.into()];
    if geteuid().is_root() {
        command.push("--allow-run-as-root".into()); // CI often is root.
    }
    match hostfile {
        Some(file) => {
            command.extend(["--hostfile".into(), file.into()]);
            // Otherwise it cuts the names in the file at their first dot.
            command.extend(["--mca", "orte_keep_fqdn_hostnames", "1"].map(Into::into));
            // Notices after 5 s that a machine does not answer. The default is 8 minutes.
            for (name, value) in [("time", "2"), ("intvl", "1"), ("probes", "3")] {
                let name = format!("oob_tcp_keepalive_{name}");
                command.extend(["--mca".into(), name.into(), value.into()]);
            }
        }
        // Without this, it starts no more ranks than there are cores.
        None => command.extend(["--host".into(), format!("localhost:{RANKS}").into()]),
    }
    // A rank that waits in a collective polls. With this, it lets other programs run.
    command.extend(["--mca", "mpi_yield_when_idle", "1"].map(Into::into));
    command.extend(["-n".into(), RANKS.to_string().into()]);
    command
}
