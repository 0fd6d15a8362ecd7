//! What was measured on: the machine, what it allows a program to use, and the versions of all involved.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::thread::available_parallelism;

use nix::sys::utsname::{UtsName, uname};
use serde::{Deserialize, Serialize};

use crate::program::{Interpreter, rust_version};

/// A machine, as far as it matters to measurements.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Machine {
    /// The processor's name, if the system tells.
    pub cpu: Option<String>,
    /// How many threads can compute at the same time, as far as this process may use them.
    pub cores: usize,
    /// Physical memory, if the system tells.
    pub memory_bytes: Option<u64>,
    /// Like `Linux`.
    pub system: String,
    /// Like `6.12.0`.
    pub kernel: String,
}

impl Machine {
    /// This machine.
    pub fn this() -> Machine {
        let names = uname().ok();
        let name = |of: fn(&UtsName) -> &OsStr| {
            let name = names.as_ref().map(|names| of(names).to_string_lossy().into_owned());
            name.unwrap_or_default()
        };
        Machine {
            cpu: system::cpu(),
            cores: available_parallelism().map_or(1, usize::from),
            memory_bytes: system::memory(),
            system: name(|names| names.sysname()),
            kernel: name(|names| names.release()),
        }
    }
}

/// The versions of what runs, by name.
pub type Versions = BTreeMap<String, String>;

/// The versions of Rust, of CPython if there is one, and of the runtimes, which are those of the Cargo.lock
/// that all of the workspace is built with.
pub fn versions(interpreters: &[Interpreter]) -> Versions {
    let runtimes = ["tokio", "async-std", "smol"].into_iter();
    let mut versions: Versions =
        runtimes.filter_map(|name| Some((name.to_owned(), locked(name)?.to_owned()))).collect();
    versions.extend(rust_version().map(|version| ("rust".to_owned(), version)));
    let pythons: Vec<_> = interpreters.iter().map(|python| python.version.as_str()).collect();
    if !pythons.is_empty() {
        versions.insert("python".to_owned(), pythons.join(", "));
    }
    versions
}

fn locked(name: &str) -> Option<&str> {
    const LOCK: &str = include_str!("../../Cargo.lock");
    let (_, rest) = LOCK.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    Some(rest.split_once('"')?.0)
}

#[cfg(target_os = "linux")]
mod system {
    use procfs::{CpuInfo, Current, Meminfo};

    pub fn cpu() -> Option<String> {
        Some(CpuInfo::current().ok()?.model_name(0)?.to_owned())
    }

    pub fn memory() -> Option<u64> {
        Some(Meminfo::current().ok()?.mem_total)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub fn cpu() -> Option<String> {
        None
    }

    pub fn memory() -> Option<u64> {
        None
    }
}
