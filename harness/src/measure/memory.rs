//! Memory: how much is available, and the PSS of all processes of a program.

use std::time::{Duration, Instant};
use std::{fs, io};

use nix::unistd::{Pid, getpid};
use sysinfo::System;

use crate::run::meanwhile;
use crate::run::supervisor::descendants;

/// Returns the memory that a program can get without swapping, in bytes. If the root control group
/// has a limit, as in a container, this is at most the unused part of that limit.
pub fn available() -> u64 {
    let mut system = System::new();
    system.refresh_memory();
    let in_group = system.cgroup_limits().map(|group| group.total_memory.saturating_sub(group.rss));
    system.available_memory().min(in_group.unwrap_or(u64::MAX))
}

/// Calls `work`, which runs one program. Returns also the peak of the PSS of all its processes
/// together, in bytes. PSS counts shared pages once (`Pss` in proc_pid_smaps(5)). On other systems
/// than Linux it is 0.
///
/// # Errors
///
/// If no thread can be started.
pub fn peak_pss<T>(work: impl FnOnce() -> T) -> io::Result<(T, u64)> {
    const PAUSE: Duration = Duration::from_millis(300);
    let mut peak = 0;
    let look = || {
        let begun = Instant::now();
        peak = peak.max(pss_of_program());
        // Reading the memory of many processes takes long and disturbs them.
        PAUSE.max(10 * begun.elapsed())
    };
    let result = meanwhile(look, work)?;
    Ok((result, peak))
}

/// One program runs at a time. The first descendant is its supervisor.
fn pss_of_program() -> u64 {
    descendants(getpid()).into_iter().skip(1).filter_map(pss).sum()
}

fn pss(process: Pid) -> Option<u64> {
    let sums = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let kib =
        sums.lines().find_map(|line| line.strip_prefix("Pss:"))?.trim().strip_suffix(" kB")?;
    Some(kib.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_memory_is_available_than_the_machine_has() {
        let mut system = System::new();
        system.refresh_memory();
        let available = available();
        assert!(available > 0 && available <= system.total_memory(), "{available}");
    }
}
