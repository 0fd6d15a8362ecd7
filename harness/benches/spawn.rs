//! The cost of a thread, a task or a process that does nothing: the time to spawn N of them in a
//! loop, and then to wait for each. Runtimes and their pools are created before the measurement.
//!
//! `cargo bench -p harness` measures all and writes criterion/spawn.json into the target directory.
//! `cargo bench -p harness -- tasks/smol` measures a few, and writes nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Barrier};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

use anyhow::{Context, Result};
use async_std::task;
use criterion::{BenchmarkId, Criterion, Throughput};
use examples_asyncio::event_loop::{EventLoop, create_task, gather};
use harness::measure::Environment;
use harness::measure::spawn::{Estimate, Spawn, SpawnBenchmark, table};
use harness::terminal::plain_table;
use serde_json::Value;
use smol::LocalExecutor;
use tokio::runtime::{self, Runtime};

/// Few, because some runs take a second.
const SAMPLES: usize = 10;
const MEASUREMENT: Duration = Duration::from_secs(1);
const WARM_UP: Duration = Duration::from_millis(300);

const COUNTS: [usize; 5] = [1, 10, 100, 1_000, 10_000];

/// Spawns this many units, and waits until all have ended.
type SpawnAndWait = Box<dyn Fn(usize)>;

struct Subject {
    kind: &'static str,
    implementation: &'static str,
    /// Creates everything that is not measured.
    make: fn() -> SpawnAndWait,
}

const fn subject(
    kind: &'static str,
    implementation: &'static str,
    make: fn() -> SpawnAndWait,
) -> Subject {
    Subject { kind, implementation, make }
}

/// The largest number of units that a kind is measured with. A common limit on open files, 1,024,
/// allows no more processes at the same time.
fn most(kind: &str) -> usize {
    if kind == "processes" { 1_000 } else { 10_000 }
}

const SUBJECTS: [Subject; 16] = [
    subject("threads", "std-only", threads),
    subject("threads-alive", "std-only", threads_alive),
    // async-std's pool is smol's: both are the crate `blocking`.
    subject("pool", "tokio", tokio_pool),
    subject("pool", "smol", smol_pool),
    subject("tasks", "std-only", event_loop_tasks),
    subject("tasks", "std-only-gather", event_loop_gather),
    subject("tasks", "tokio", || tokio_tasks(one_thread())),
    subject("tasks", "tokio-multi-thread", || tokio_tasks(many_threads())),
    subject("tasks", "async-std", async_std_tasks),
    subject("tasks", "smol", smol_tasks),
    subject("tasks-alive", "tokio", || tokio_tasks_alive(one_thread())),
    subject("tasks-alive", "tokio-multi-thread", || tokio_tasks_alive(many_threads())),
    subject("processes", "std-only", processes),
    subject("processes", "tokio", tokio_processes),
    subject("processes", "async-std", async_std_processes),
    subject("processes", "smol", smol_processes),
];

/// A thread may end before the next one is spawned, but keeps its stack until it is joined. glibc
/// caches 40 MiB of stacks, which are 20 of std's. Beyond that number, each thread costs twice as
/// much.
fn threads() -> SpawnAndWait {
    Box::new(|count| {
        let threads: Vec<_> = (0..count).map(|_| thread::spawn(|| ())).collect();
        for thread in threads {
            thread.join().expect("it does nothing");
        }
    })
}

/// No thread ends before all have been spawned, so all of them exist at the same time.
fn threads_alive() -> SpawnAndWait {
    Box::new(|count| {
        let barrier = Arc::new(Barrier::new(count + 1));
        let start = |_| {
            let barrier = barrier.clone();
            thread::spawn(move || {
                barrier.wait();
            })
        };
        let threads: Vec<_> = (0..count).map(start).collect();
        barrier.wait();
        for thread in threads {
            thread.join().expect("it does nothing but wait");
        }
    })
}

fn one_thread() -> Runtime {
    runtime::Builder::new_current_thread().enable_all().build().expect("tokio starts")
}

/// A thread per core, as `#[tokio::main]` has by default.
fn many_threads() -> Runtime {
    runtime::Builder::new_multi_thread().enable_all().build().expect("tokio starts")
}

/// Spawns all in a loop, and then waits for each.
async fn spawn_all<T>(count: usize, spawn: impl Fn() -> T, wait: impl AsyncFn(T)) {
    let all: Vec<_> = (0..count).map(|_| spawn()).collect();
    for one in all {
        wait(one).await;
    }
}

fn tokio_pool() -> SpawnAndWait {
    let runtime = one_thread();
    let spawn = || tokio::task::spawn_blocking(|| ());
    Box::new(move |count| runtime.block_on(spawn_all(count, spawn, async |it| it.await.unwrap())))
}

fn smol_pool() -> SpawnAndWait {
    let spawn = || smol::unblock(|| ());
    Box::new(move |count| smol::block_on(spawn_all(count, spawn, async |it| it.await)))
}

fn event_loop_tasks() -> SpawnAndWait {
    let event_loop = EventLoop::default();
    let spawn = || create_task(async {});
    Box::new(move |count| {
        event_loop.run_until_complete(spawn_all(count, spawn, async |it| it.await));
    })
}

/// As the port of `multiple-tasks` does it.
fn event_loop_gather() -> SpawnAndWait {
    let event_loop = EventLoop::default();
    Box::new(move |count| {
        event_loop.run_until_complete(gather((0..count).map(|_| async {})));
    })
}

fn tokio_tasks(runtime: Runtime) -> SpawnAndWait {
    let spawn = || tokio::spawn(async {});
    Box::new(move |count| runtime.block_on(spawn_all(count, spawn, async |it| it.await.unwrap())))
}

/// No task ends before all have been spawned. With several threads, the first could.
fn tokio_tasks_alive(runtime: Runtime) -> SpawnAndWait {
    Box::new(move |count| {
        runtime.block_on(async {
            let barrier = Arc::new(tokio::sync::Barrier::new(count + 1));
            let start = |_| {
                let barrier = barrier.clone();
                tokio::spawn(async move {
                    barrier.wait().await;
                })
            };
            let tasks: Vec<_> = (0..count).map(start).collect();
            barrier.wait().await;
            for task in tasks {
                task.await.expect("it does nothing but wait");
            }
        });
    })
}

fn async_std_tasks() -> SpawnAndWait {
    let spawn = || task::spawn_local(async {});
    Box::new(move |count| task::block_on(spawn_all(count, spawn, async |it| it.await)))
}

fn smol_tasks() -> SpawnAndWait {
    let executor = LocalExecutor::new();
    Box::new(move |count| {
        let spawn = || executor.spawn(async {});
        smol::block_on(executor.run(spawn_all(count, spawn, async |it| it.await)));
    })
}

/// A program that does nothing.
fn nothing() -> PathBuf {
    which::which("true").expect("every Unix has the program `true`")
}

fn processes() -> SpawnAndWait {
    let program = nothing();
    Box::new(move |count| {
        let start = |_| Command::new(&program).spawn().expect("it starts");
        let processes: Vec<_> = (0..count).map(start).collect();
        for mut process in processes {
            process.wait().expect("it ends");
        }
    })
}

fn tokio_processes() -> SpawnAndWait {
    let (program, runtime) = (nothing(), one_thread());
    Box::new(move |count| {
        let spawn = || tokio::process::Command::new(&program).spawn().expect("it starts");
        let wait = async |mut it: tokio::process::Child| assert!(it.wait().await.is_ok());
        runtime.block_on(spawn_all(count, spawn, wait));
    })
}

fn async_std_processes() -> SpawnAndWait {
    let program = nothing();
    Box::new(move |count| {
        let spawn = || async_std::process::Command::new(&program).spawn().expect("it starts");
        let wait = async |mut it: async_std::process::Child| assert!(it.status().await.is_ok());
        task::block_on(spawn_all(count, spawn, wait));
    })
}

fn smol_processes() -> SpawnAndWait {
    let program = nothing();
    Box::new(move |count| {
        let spawn = || smol::process::Command::new(&program).spawn().expect("it starts");
        let wait = async |mut it: smol::process::Child| assert!(it.status().await.is_ok());
        smol::block_on(spawn_all(count, spawn, wait));
    })
}

fn main() -> Result<()> {
    let beginning = SystemTime::now();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("criterion");
    let mut criterion = Criterion::default()
        .output_directory(&home)
        .configure_from_args()
        .sample_size(SAMPLES)
        .warm_up_time(WARM_UP)
        .measurement_time(MEASUREMENT);
    let (mut benchmarks, mut is_complete) = (Vec::new(), true);
    for subjects in SUBJECTS.chunk_by(|one, next| one.kind == next.kind) {
        let kind = subjects[0].kind;
        let mut group = criterion.benchmark_group(kind);
        for &Subject { implementation, make, .. } in subjects {
            let spawn_and_wait = make();
            for count in COUNTS.into_iter().filter(|&count| count <= most(kind)) {
                group.throughput(Throughput::Elements(count as u64));
                let id = BenchmarkId::new(implementation, count);
                group.bench_function(id, |bencher| bencher.iter(|| spawn_and_wait(count)));

                let folder = home.join(kind).join(implementation).join(count.to_string());
                match read_estimate(&folder, count, beginning)? {
                    Some(per_unit_s) => benchmarks.push(SpawnBenchmark {
                        kind: kind.to_owned(),
                        implementation: implementation.to_owned(),
                        count,
                        per_unit_s,
                    }),
                    None => is_complete = false,
                }
            }
        }
        group.finish();
    }
    criterion.final_summary();
    if benchmarks.is_empty() {
        return Ok(()); // `cargo test` and `--list` measure nothing
    }

    println!("{}", plain_table(table(&benchmarks)));
    if is_complete {
        let environment = Environment::current(&[]);
        let spawn = Spawn { environment, samples: SAMPLES, benchmarks };
        let file = home.join("spawn.json");
        fs::write(&file, serde_json::to_string_pretty(&spawn)? + "\n")
            .with_context(|| format!("cannot write {}", file.display()))?;
        println!("JSON written to {}", file.display());
    }
    Ok(())
}

/// Criterion's estimate of the seconds that one of `count` units takes. An estimate from before
/// `beginning` belongs to a benchmark that was not measured this time.
fn read_estimate(folder: &Path, count: usize, beginning: SystemTime) -> Result<Option<Estimate>> {
    let file = folder.join("new").join("estimates.json");
    let written = fs::metadata(&file).and_then(|metadata| metadata.modified());
    if !written.is_ok_and(|written| written >= beginning) {
        return Ok(None);
    }
    let cannot_read = || format!("cannot read {}", file.display());
    let text = fs::read(&file).with_context(cannot_read)?;
    let estimates: Value = serde_json::from_slice(&text).with_context(cannot_read)?;
    let seconds = |path| -> Result<f64> {
        let nanoseconds = estimates.pointer(path).and_then(Value::as_f64);
        Ok(nanoseconds.with_context(cannot_read)? / 1e9 / count as f64)
    };
    Ok(Some(Estimate {
        median: seconds("/median/point_estimate")?,
        low: seconds("/median/confidence_interval/lower_bound")?,
        high: seconds("/median/confidence_interval/upper_bound")?,
    }))
}
