//! The machine of a measurement, and the versions of everything that ran.

use std::collections::BTreeMap;
use std::thread::available_parallelism;

use serde::{Deserialize, Serialize};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use crate::program::{Interpreter, locked_version, rust_version};

/// The machine, the build and the versions of a measurement.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Environment {
    /// The machine.
    pub machine: Machine,
    /// The profile of harness and programs: `release` or `debug`.
    pub build: String,
    /// The versions of Rust, of CPython if it was found, and of the runtimes, by name.
    pub versions: BTreeMap<String, String>,
}

/// The properties of a machine that affect measurements.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// How many threads of this process can run in parallel.
    pub cores: usize,
    /// Physical memory.
    pub memory_bytes: u64,
    /// Like `Linux 6.12.0`.
    pub system: String,
}

impl Machine {
    /// This machine.
    pub fn current() -> Machine {
        let what = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(what);
        Machine {
            cpu: system.cpus().first().map_or("unknown", |cpu| cpu.brand()).to_owned(),
            cores: available_parallelism().map_or(1, usize::from),
            memory_bytes: system.total_memory(),
            system: System::kernel_long_version(),
        }
    }
}

impl Environment {
    /// The current environment. The versions of the runtimes are those in Cargo.lock.
    pub fn current(interpreters: &[Interpreter]) -> Environment {
        let mut versions: BTreeMap<_, _> = ["tokio", "async-std", "smol", "rayon"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), locked_version(name)?.to_owned())))
            .collect();
        versions.extend(rust_version().map(|version| ("rust".to_owned(), version)));
        let pythons: Vec<_> = interpreters.iter().map(|python| python.version.as_str()).collect();
        if !pythons.is_empty() {
            versions.insert("python".to_owned(), pythons.join(", "));
        }
        Environment { machine: Machine::current(), build: super::BUILD.to_owned(), versions }
    }
}
