//! How much of the machine a program may use, so that none brings it down: what Linux allows, what is
//! left of that, and what a program had at its peak. (On other systems nothing is known of that.)

use indicatif::{DecimalBytes, HumanCount};
use serde::{Deserialize, Serialize};

/// What greeters use up, at their peak. What the system does not tell is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Use {
    /// Physical memory of all processes, in bytes.
    pub memory_bytes: Option<u64>,
    /// Threads, those of all processes. Linux limits them, and not processes.
    pub tasks: Option<u64>,
    /// Pieces of the first process's address space.
    pub mappings: Option<u64>,
    /// File descriptors of the first process.
    pub open_files: Option<u64>,
}

impl Use {
    /// The larger of both, in each respect.
    pub fn max(self, other: Use) -> Use {
        Use {
            memory_bytes: self.memory_bytes.max(other.memory_bytes),
            tasks: self.tasks.max(other.tasks),
            mappings: self.mappings.max(other.mappings),
            open_files: self.open_files.max(other.open_files),
        }
    }

    fn of(&self, resource: Resource) -> Option<u64> {
        match resource {
            Resource::Memory => {
                let kept = self.tasks.unwrap_or_default().saturating_mul(KEPT_FOR_A_TASK);
                self.memory_bytes.map(|bytes| bytes.saturating_add(kept))
            }
            Resource::Tasks => self.tasks,
            Resource::Mappings => self.mappings,
            Resource::OpenFiles => self.open_files,
        }
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Bytes of physical memory.
    Memory,
    /// Threads and processes.
    Tasks,
    /// Pieces of an address space.
    Mappings,
    /// File descriptors.
    OpenFiles,
}

/// A limit, and what is left until there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is limited.
    pub resource: Resource,
    /// How it is called.
    pub name: String,
    /// How much of it nobody uses.
    pub left: u64,
    /// How it can be raised.
    pub raise: String,
}

/// What the operating system keeps for each thread, in bytes: another stack, its tables, and those of its
/// process. On Linux some 20,000 were seen for a thread, and 50,000 for a process.
const KEPT_FOR_A_TASK: u64 = 64 * 1024;

/// The limits that a program would come too near to: it shall leave a tenth.
pub fn exceeded<'a>(need: &Use, limits: &'a [Limit]) -> Vec<&'a Limit> {
    let is_near = |limit: &&Limit| {
        need.of(limit.resource).is_some_and(|need| need > limit.left - limit.left / 10)
    };
    limits.iter().filter(is_near).collect()
}

/// In words, how much a program needs of what is limited: `1.25 GB of memory`.
pub fn needed(need: &Use, limit: &Limit) -> String {
    let amount = amount(limit.resource, need.of(limit.resource).unwrap_or_default());
    let of_what = match limit.resource {
        Resource::Memory => "of memory",
        Resource::Tasks => "threads and processes",
        Resource::Mappings => "memory mappings",
        Resource::OpenFiles => "open files",
    };
    format!("{amount} {of_what}")
}

/// In words, what is left until a limit: `0.93 GB`, `32,700`.
pub fn left(limit: &Limit) -> String {
    amount(limit.resource, limit.left)
}

fn amount(resource: Resource, number: u64) -> String {
    match resource {
        Resource::Memory => DecimalBytes(number).to_string(),
        _ => HumanCount(number).to_string(),
    }
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::*;
#[cfg(target_os = "linux")]
pub use linux::*;

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::path::Path;

    use nix::unistd::geteuid;
    use procfs::process::{LimitValue, MountInfo, Process, all_processes};
    use procfs::sys::{kernel, vm};
    use procfs::{Current, LoadAverage, Meminfo, ProcResult};

    use super::{Limit, Resource, Use};

    /// All limits that this process and its children are under.
    pub fn limits() -> Vec<Limit> {
        let mut limits = Vec::new();
        let mut add = |resource, name: &str, left: Option<u64>, raise: &str| {
            let (name, raise) = (name.to_owned(), raise.to_owned());
            limits.extend(left.map(|left| Limit { resource, name, left, raise }));
        };
        add(Resource::Memory, "available memory", available(), "end other programs");
        let tasks = tasks();
        let under = |limit: u64| Some(limit.saturating_sub(tasks?));
        let pid_max = kernel::pid_max().ok().and_then(|max| under(max.unsigned_abs().into()));
        add(Resource::Tasks, "kernel.pid_max", pid_max, "sysctl kernel.pid_max");
        let threads_max = kernel::threads_max().ok().and_then(|max| under(max.into()));
        add(Resource::Tasks, "kernel.threads-max", threads_max, "sysctl kernel.threads-max");
        let mappings = vm::max_map_count().ok();
        add(Resource::Mappings, "vm.max_map_count", mappings, "sysctl vm.max_map_count");
        if let Ok(own) = Process::myself().and_then(|process| process.limits()) {
            // The superuser is not held to it, unless of a user namespace; see setrlimit(2).
            if let (false, LimitValue::Value(max)) =
                (geteuid().is_root(), own.max_processes.soft_limit)
            {
                let left = tasks_of_user().map(|own| max.saturating_sub(own));
                add(Resource::Tasks, "RLIMIT_NPROC", left, "ulimit -u");
            }
            if let LimitValue::Value(max) = own.max_open_files.soft_limit {
                add(Resource::OpenFiles, "RLIMIT_NOFILE", Some(max), "ulimit -n");
            }
        }
        limits.extend(limits_of_cgroups().unwrap_or_default());
        limits
    }

    /// Physical memory that can be had without swapping, in bytes; see proc_meminfo(5).
    fn available() -> Option<u64> {
        Meminfo::current().ok()?.mem_available
    }

    /// All threads and processes of the machine; see proc_loadavg(5).
    fn tasks() -> Option<u64> {
        Some(LoadAverage::current().ok()?.max.into())
    }

    fn tasks_of_user() -> Option<u64> {
        let user = geteuid().as_raw();
        let is_own = |process: &Process| process.uid().is_ok_and(|uid| uid == user);
        let own = all_processes().ok()?.flatten().filter(is_own);
        Some(
            own.filter_map(|process| process.stat().ok()).map(|stat| stat.num_threads as u64).sum(),
        )
    }

    /// Those of the control groups that this process is in, and of all groups around them; see
    /// cgroups(7). A group has its limit and its use in files.
    fn limits_of_cgroups() -> ProcResult<Vec<Limit>> {
        let this = Process::myself()?;
        let mounts = this.mountinfo()?;
        let mut limits = Vec::new();
        for group in this.cgroups()? {
            let is_mount = |mount: &&MountInfo| match group.hierarchy {
                0 => mount.fs_type == "cgroup2",
                _ => {
                    mount.fs_type == "cgroup"
                        && group
                            .controllers
                            .iter()
                            .any(|name| mount.super_options.contains_key(name))
                }
            };
            let Some(mount) = mounts.iter().find(is_mount) else { continue };
            let path = Path::new(&group.pathname);
            let folder =
                mount.mount_point.join(path.strip_prefix(&mount.root).unwrap_or(Path::new("")));
            let folders =
                folder.ancestors().take_while(|folder| folder.starts_with(&mount.mount_point));
            limits.extend(folders.flat_map(limits_of_cgroup));
        }
        Ok(limits)
    }

    /// The limits of one group: of the second version of control groups, or of the first.
    pub(super) fn limits_of_cgroup(folder: &Path) -> Vec<Limit> {
        let number = |file: &str| -> Option<u64> {
            fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok()
        };
        let limit = |resource, file: &str, used: Option<u64>| {
            let left = number(file)?.saturating_sub(used?);
            let name = folder.join(file).display().to_string();
            Some(Limit { resource, raise: name.clone(), name, left })
        };
        // What was read of files is let go of when memory is needed.
        let used = |file: &str, cached: &str| {
            let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
            let cached =
                stat.lines().find_map(|line| line.strip_prefix(cached)?.trim().parse().ok());
            Some(number(file)?.saturating_sub(cached.unwrap_or(0)))
        };
        let limits = [
            limit(Resource::Memory, "memory.max", used("memory.current", "inactive_file ")),
            limit(
                Resource::Memory,
                "memory.limit_in_bytes",
                used("memory.usage_in_bytes", "total_inactive_file "),
            ),
            limit(Resource::Tasks, "pids.max", number("pids.current")),
        ];
        limits.into_iter().flatten().collect()
    }

    /// What the program that runs under this harness uses now. What several of its processes share of
    /// memory counts once: it is the sum of `Pss` in proc_pid_smaps(5). Takes the longer the more it is.
    pub fn sample() -> Use {
        let Some(program) = program() else { return Use::default() };
        // Only counted: there may be tens of thousands.
        let maps = fs::read(format!("/proc/{}/maps", program.pid()));
        let lines = |text: Vec<u8>| text.iter().filter(|byte| **byte == b'\n').count() as u64;
        let mut processes = vec![program];
        let mut next = 0;
        while let Some(process) = processes.get(next) {
            let children = children(process);
            processes.extend(children);
            next += 1;
        }
        // One that has ended, and was not waited for, still counts.
        let threads = |process: &Process| {
            process.stat().map_or(1, |stat| stat.num_threads.unsigned_abs().max(1))
        };
        Use {
            memory_bytes: Some(processes.iter().filter_map(pss).sum()),
            tasks: Some(processes.iter().map(threads).sum()),
            mappings: maps.ok().map(lines),
            open_files: processes[0].fd_count().ok().map(|count| count as u64),
        }
    }

    fn pss(process: &Process) -> Option<u64> {
        let sum = process.smaps_rollup().ok()?.memory_map_rollup;
        sum.0.first()?.extension.map.get("Pss").copied()
    }

    /// The only grandchild of this process. Between the two is the supervisor.
    fn program() -> Option<Process> {
        children(&Process::myself().ok()?).iter().flat_map(children).next()
    }

    fn children(process: &Process) -> Vec<Process> {
        let tasks = process.tasks().into_iter().flatten().flatten();
        let pids = tasks.filter_map(|task| task.children().ok()).flatten();
        pids.filter_map(|pid| Process::new(pid.try_into().ok()?).ok()).collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Limit, Use};

    /// None that is known.
    pub fn limits() -> Vec<Limit> {
        Vec::new()
    }

    /// Not known.
    pub fn sample() -> Use {
        Use::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(resource: Resource, left: u64) -> Limit {
        Limit { resource, name: String::new(), left, raise: String::new() }
    }

    #[test]
    fn a_tenth_of_what_is_left_stays_free() {
        let need = |tasks| Use { tasks: Some(tasks), ..Use::default() };
        let limits = [limit(Resource::Memory, 10), limit(Resource::Tasks, 1000)];
        assert!(exceeded(&need(900), &limits).is_empty());
        assert_eq!(exceeded(&need(901), &limits), [&limits[1]]);
        assert!(exceeded(&Use::default(), &limits).is_empty());
    }

    #[test]
    fn what_the_operating_system_keeps_counts_as_memory() {
        let need = Use { memory_bytes: Some(1_000), tasks: Some(10), ..Use::default() };
        let left = 10 * KEPT_FOR_A_TASK + 1_000;
        assert_eq!(exceeded(&need, &[limit(Resource::Memory, left)]).len(), 1);
        assert!(exceeded(&need, &[limit(Resource::Memory, left * 2)]).is_empty());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_control_group_of_either_version_has_its_limits() {
        let read = |files: &[(&str, &str)]| {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in files {
                std::fs::write(folder.path().join(name), text).unwrap();
            }
            let limits = linux::limits_of_cgroup(folder.path());
            limits.into_iter().map(|limit| (limit.resource, limit.left)).collect::<Vec<_>>()
        };
        let second = [
            ("memory.max", "1000\n"),
            ("memory.current", "700\n"),
            ("memory.stat", "anon 100\ninactive_file 600\nactive_file 5\n"),
            ("pids.max", "50\n"),
            ("pids.current", "8\n"),
        ];
        assert_eq!(read(&second), [(Resource::Memory, 900), (Resource::Tasks, 42)]);
        let unlimited = [("memory.max", "max\n"), ("memory.current", "7\n"), ("pids.max", "max\n")];
        assert_eq!(read(&unlimited), []);
        let first = [
            ("memory.limit_in_bytes", "1000\n"),
            ("memory.usage_in_bytes", "700\n"),
            ("memory.stat", "inactive_file 1\ntotal_inactive_file 100\n"),
        ];
        assert_eq!(read(&first), [(Resource::Memory, 400)]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_tells_its_limits() {
        let limits = limits();
        for name in ["available memory", "kernel.pid_max", "vm.max_map_count"] {
            let limit = limits.iter().find(|limit| limit.name == name);
            assert!(limit.is_some_and(|limit| limit.left > 0), "{name} of {limits:?}");
        }
    }
}
