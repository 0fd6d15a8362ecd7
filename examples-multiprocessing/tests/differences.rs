//! Shows how processes in Rust differ from Python's: the differences in README.md, each by a test.

use std::env;
use std::io::{BufRead, Write, stdin};
#[cfg(unix)]
use std::io::{BufReader, ErrorKind::ConnectionRefused, Read};
#[cfg(unix)]
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::os::{fd::AsFd, fd::OwnedFd, unix::net::UnixStream, unix::process::ExitStatusExt};
use std::process::{Command, ExitCode, Stdio, Termination};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use child::{is_program, program};
use serde::{Deserialize, Serialize};

#[path = "../../examples-threading/tests/child/mod.rs"]
mod child;

static VARIABLE: AtomicU32 = AtomicU32::new(1);

#[test]
fn a_child_does_not_share_its_parents_memory() {
    if is_program() {
        println!("the variable is {}", VARIABLE.load(Ordering::SeqCst));
        return;
    }
    VARIABLE.store(2, Ordering::SeqCst);
    let output = program().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("the variable is 1\n"), "{text}");
}

#[test]
fn a_child_inherits_environment_working_directory_and_standard_streams() {
    const TEST: &str = "a_child_inherits_environment_working_directory_and_standard_streams";
    match env::var("GENERATION").as_deref() {
        Err(_) => {
            let folder = env::temp_dir().canonicalize().unwrap();
            let mut child = program();
            child.env("GENERATION", "child").env("GREETING", "hello").current_dir(&folder);
            let mut child = child.spawn().unwrap();
            writeln!(child.stdin.take().unwrap(), "a line for the grandchild").unwrap();
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let expected = format!("hello from {}: a line for the grandchild\n", folder.display());
            assert!(text.contains(&expected), "{text}");
        }
        Ok("child") => {
            // No option but the one that tells the grandchild what to do.
            let mut grandchild = Command::new(env::current_exe().unwrap());
            grandchild.args(["--exact", TEST, "--nocapture", "--quiet"]);
            assert!(grandchild.env("GENERATION", "grandchild").status().unwrap().success());
        }
        Ok(_) => {
            let mut line = String::new();
            stdin().read_line(&mut line).unwrap();
            let folder = env::current_dir().unwrap();
            println!("{} from {}: {line}", env::var("GREETING").unwrap(), folder.display());
        }
    }
}

#[test]
fn wait_returns_ok_even_if_the_child_failed() {
    if is_program() {
        panic!("this test needs a child that fails");
    }
    let status = program().spawn().unwrap().wait().unwrap();
    assert!(!status.success());
}

#[test]
fn a_panic_of_main_exits_with_101_and_an_error_of_main_with_1() {
    // With this variable, the main function of a test program panics.
    let mut panics = Command::new(env::current_exe().unwrap());
    let output =
        panics.args(["--exact", "no test"]).env("RUST_TEST_THREADS", "0").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("thread 'main'") && stderr.contains("panicked at"), "{stderr}");
    assert_eq!(output.status.code(), Some(101));
    // What std does with the result of main.
    assert_eq!(ExitCode::FAILURE, ExitCode::from(1));
    assert_eq!(Err::<(), _>("an error").report(), ExitCode::FAILURE);
    assert_eq!(Ok::<_, &str>(()).report(), ExitCode::SUCCESS);
}

#[test]
#[cfg(unix)]
fn a_child_that_a_signal_ended_has_no_exit_code() {
    let mut cat = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    cat.kill().unwrap();
    let status = cat.wait().unwrap();
    assert_eq!((status.code(), status.signal()), (None, Some(9)));
}

/// A stream to talk to a `cat`, which repeats what it reads, and the two ends for its stdin and
/// stdout.
#[cfg(unix)]
fn streams() -> (UnixStream, OwnedFd, OwnedFd) {
    let (here, there) = UnixStream::pair().unwrap();
    (here, there.try_clone().unwrap().into(), there.into())
}

/// Whether a `cat` keeps running after `start` has started it and dropped its handle.
#[cfg(unix)]
fn keeps_running(start: impl FnOnce(OwnedFd, OwnedFd)) -> bool {
    let (mut stream, stdin, stdout) = streams();
    start(stdin, stdout);
    let _ = stream.write_all(b"hello");
    matches!(stream.read(&mut [0; 5]), Ok(5))
}

/// Whether a child of tokio, of async-std and of smol keeps running when its handle is dropped.
#[cfg(unix)]
fn keep_running(kill_on_drop: bool) -> [bool; 3] {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let of_tokio = keeps_running(|stdin, stdout| {
        let mut cat = tokio::process::Command::new("cat");
        drop(cat.stdin(stdin).stdout(stdout).kill_on_drop(kill_on_drop).spawn().unwrap());
    });
    let of_async_std = keeps_running(|stdin, stdout| {
        let mut cat = async_std::process::Command::new("cat");
        drop(cat.stdin(stdin).stdout(stdout).kill_on_drop(kill_on_drop).spawn().unwrap());
    });
    let of_smol = keeps_running(|stdin, stdout| {
        let mut cat = smol::process::Command::new("cat");
        drop(cat.stdin(stdin).stdout(stdout).kill_on_drop(kill_on_drop).spawn().unwrap());
    });
    [of_tokio, of_async_std, of_smol]
}

#[test]
#[cfg(unix)]
fn a_child_keeps_running_when_its_handle_is_dropped() {
    assert!(keeps_running(|stdin, stdout| {
        drop(Command::new("cat").stdin(stdin).stdout(stdout).spawn().unwrap());
    }));
    assert_eq!(keep_running(false), [true; 3]);
}

#[test]
#[cfg(unix)]
fn kill_on_drop_kills_the_child_in_tokio_async_std_and_smol() {
    assert_eq!(keep_running(true), [false; 3]);
}

#[test]
#[cfg(unix)]
fn a_child_keeps_running_when_its_parent_ends() {
    if is_program() {
        // It inherits stdin and stdout, and nobody waits for it.
        drop(Command::new("cat").spawn().unwrap());
        return;
    }
    let (mut stream, stdin, stdout) = streams();
    let mut parent = program();
    assert!(parent.stdin(stdin).stdout(stdout).status().unwrap().success());
    drop(parent);
    // The parent's test harness has printed something before.
    stream.write_all(b"hello\n").unwrap();
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.into_iter().any(|line| line == "hello"));
}

#[test]
fn waiting_for_a_child_that_fills_its_pipe_never_ends() {
    if is_program() {
        println!("{}", "x".repeat(1_000_000));
        return;
    }
    let mut child = program().spawn().unwrap();
    thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().unwrap().is_none());
    assert!(child.wait_with_output().unwrap().stdout.len() > 1_000_000);
}

#[test]
#[cfg(unix)]
fn a_child_that_reads_stdin_to_its_end_waits_until_the_handle_is_dropped() {
    let mut cat = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(100));
    assert!(cat.try_wait().unwrap().is_none());
    // `wait` drops it before it waits.
    assert!(cat.wait().unwrap().success());
}

#[test]
#[cfg(unix)]
fn a_later_child_does_not_keep_the_pipe_of_an_earlier_one_open() {
    let cat = || Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let (mut earlier, mut later) = (cat(), cat());
    drop(earlier.stdin.take());
    // It would wait forever.
    assert!(earlier.wait().unwrap().success());
    assert!(later.try_wait().unwrap().is_none());
    assert!(later.wait().unwrap().success());
}

/// What the two processes send each other. Both have to know its type.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Greeting {
    names: Vec<String>,
    seconds: Option<f64>,
}

#[test]
fn a_line_of_json_sends_data_with_a_shape() {
    if is_program() {
        for line in stdin().lines() {
            let mut greeting: Greeting = serde_json::from_str(&line.unwrap()).unwrap();
            greeting.names.reverse();
            println!("{}", serde_json::to_string(&greeting).unwrap());
        }
        return;
    }
    // A newline in a string is written as \n, so the end of a line is the end of a message.
    let names = ["Hisham\n", "Chelsea", "Ashley"].map(str::to_owned);
    let mut greeting = Greeting { names: names.into(), seconds: Some(0.1) };
    let mut child = program().spawn().unwrap();
    let to_child = child.stdin.as_mut().unwrap();
    writeln!(to_child, "{}", serde_json::to_string(&greeting).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    // The child's test harness also prints something.
    let line = output.stdout.lines().map(Result::unwrap).find(|line| line.starts_with('{'));
    greeting.names.reverse();
    assert_eq!(serde_json::from_str::<Greeting>(&line.unwrap()).unwrap(), greeting);
    // Another shape is an error.
    assert!(serde_json::from_str::<Greeting>(r#"{"names": "Hisham", "seconds": 1}"#).is_err());
}

#[test]
#[cfg(unix)]
fn a_childs_stdin_is_non_blocking_like_the_socket_that_it_was() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connect = || TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // Accepts a connection as std and as each runtime does.
    let clients = [(); 4].map(|()| connect());
    let of_std = listener.accept().unwrap().0;
    listener.set_nonblocking(true).unwrap();
    let listener = || listener.try_clone().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let of_tokio = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener()).unwrap();
        listener.accept().await.unwrap().0.into_std().unwrap()
    });
    let of_async_std = async_std::task::block_on(async {
        let listener = async_std::net::TcpListener::from(listener());
        TcpStream::try_from(listener.accept().await.unwrap().0).unwrap()
    });
    let of_smol = smol::block_on(async {
        let listener = smol::net::TcpListener::try_from(listener()).unwrap();
        let connection = listener.accept().await.unwrap().0;
        TcpStream::from(connection.as_fd().try_clone_to_owned().unwrap())
    });
    let cat = |connection: &TcpStream| {
        let stdin = OwnedFd::from(connection.try_clone().unwrap());
        Command::new("cat").stdin(stdin).stderr(Stdio::null()).spawn().unwrap()
    };
    for connection in [&of_tokio, &of_smol] {
        // It fails, because there is nothing to read.
        assert!(!cat(connection).wait().unwrap().success());
        connection.set_nonblocking(false).unwrap();
    }
    // These wait until the connection ends.
    let cats = [of_std, of_tokio, of_async_std, of_smol].map(|connection| cat(&connection));
    thread::sleep(Duration::from_millis(300));
    drop(clients);
    for mut cat in cats {
        assert!(cat.wait().unwrap().success());
    }
}

#[test]
#[cfg(unix)]
fn a_child_does_not_inherit_a_socket_on_which_its_parent_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut cat = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    TcpStream::connect(address).unwrap();
    drop(listener);
    // A child that another test starts just now has it until it runs its program.
    let is_refused = |_| {
        thread::sleep(Duration::from_millis(10));
        TcpStream::connect(address).is_err_and(|error| error.kind() == ConnectionRefused)
    };
    assert!((0..100).any(is_refused));
    assert!(cat.try_wait().unwrap().is_none());
    assert!(cat.wait().unwrap().success());
}

#[test]
#[cfg(unix)]
fn kill_spares_the_children_of_a_child() {
    let (mut stream, stdin, stdout) = streams();
    let script = ["-c", "cat; :"];
    let mut shell = Command::new("sh").args(script).stdin(stdin).stdout(stdout).spawn().unwrap();
    for greeting in [b"ready", b"hello"] {
        stream.write_all(greeting).unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        shell.kill().unwrap();
        shell.wait().unwrap();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_whose_handle_is_dropped_is_a_zombie_in_std_and_is_reaped_in_the_runtimes() {
    let stat = |id: u32| std::fs::read_to_string(format!("/proc/{id}/stat"));
    let id = Command::new("true").spawn().unwrap().id();
    while !stat(id).expect("nobody reaps it").contains(") Z ") {
        thread::sleep(Duration::from_millis(1));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let of_tokio = tokio::process::Command::new("true").spawn().unwrap().id().unwrap();
        let of_async_std = async_std::process::Command::new("true").spawn().unwrap().id();
        let of_smol = smol::process::Command::new("true").spawn().unwrap().id();
        for id in [of_tokio, of_async_std, of_smol] {
            while stat(id).is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
}
