//! A headless Chromium that shows the report's site, and is gone at the end of a test.
//!
//! It needs Debian's packages chromium and chromium-driver, and axe-core from npm:
//!
//!     npm install --prefix target/browser axe-core@4
//!     cargo test --manifest-path harness/report/browser/Cargo.toml --target-dir target/browser

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use url::{ParseError, Url};

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    Path::new(WORKSPACE).canonicalize().unwrap()
}

/// A folder for what the tests make.
pub fn made() -> PathBuf {
    let folder = workspace().join("target/browser");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Makes the site of a saved check in a folder of this name, and returns the folder. `status` is
/// the exit status that the report has to have.
pub fn make_site(check: &Path, name: &str, status: i32) -> PathBuf {
    let folder = made().join(name);
    // Not the site of an earlier run.
    let _ = fs::remove_dir_all(&folder);
    let made = Command::new("cargo")
        .args(["run", "--quiet", "--release", "--package", "report", "--", "--from"])
        .arg(check)
        .arg("--out")
        .arg(&folder)
        .current_dir(workspace())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(made.code(), Some(status), "cannot make the site");
    folder
}

/// The site of the committed results, which is made once.
pub fn site() -> &'static Path {
    static SITE: OnceLock<PathBuf> = OnceLock::new();
    SITE.get_or_init(|| make_site(&workspace().join("harness/measured/check.json"), "site", 0))
}

/// Results in harness/measured.
pub fn measured(name: &str) -> Value {
    let file = workspace().join("harness/measured").join(name);
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// The names of the site's pages.
pub fn pages() -> Vec<String> {
    let entries = fs::read_dir(site()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: Vec<_> = names.filter(|name| name.ends_with(".html")).collect();
    pages.sort();
    pages
}

/// The names of the pages that show a listing.
pub fn listings() -> Vec<String> {
    let mut pages = pages();
    let sections = ["threading-", "asyncio-", "multiprocessing-"];
    pages.retain(|page| sections.iter().any(|section| page.starts_with(section)));
    pages
}

/// Runs a test with a browser of its own, and ends the browser whatever the test does.
///
/// # Panics
///
/// If the test panics, or if Chromium or its driver are not installed.
pub fn with_browser(test: impl AsyncFnOnce(&Browser)) {
    site();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Chromium leaves files where temporary ones are.
    let temporary = tempfile::tempdir().unwrap();
    let (mut driver, browser) = runtime.block_on(start(temporary.path()));
    let result = catch_unwind(AssertUnwindSafe(|| runtime.block_on(test(&browser))));
    runtime.block_on(async {
        browser.client.close().await.unwrap();
        driver.kill().await.unwrap();
    });
    result.unwrap_or_else(|panic| resume_unwind(panic));
}

async fn start(temporary: &Path) -> (Child, Browser) {
    let mut driver = tokio::process::Command::new("chromedriver")
        .arg("--port=0")
        .env("TMPDIR", temporary)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("cannot start chromedriver; install chromium and chromium-driver");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = loop {
        let line = lines.next_line().await.unwrap().expect("chromedriver has no port");
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            break port.trim_end_matches('.').to_owned();
        }
    };
    let arguments = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
                     --disable-background-networking --disable-component-update --disable-sync";
    let capabilities = json!({
        "goog:chromeOptions": { "args": arguments.split_whitespace().collect::<Vec<_>>() },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities.as_object().unwrap().clone())
        .connect(&format!("http://localhost:{port}"))
        .await;
    let browser = Browser { client: client.expect("cannot start Chromium") };
    browser.resize(1280).await;
    (driver, browser)
}

/// A browser with one window.
pub struct Browser {
    /// Its WebDriver session.
    pub client: Client,
}

impl Browser {
    /// Opens a page of the site, like `index.html` or `asyncio-results.html#smol`.
    pub async fn open(&self, page: &str) {
        self.open_in(site(), page).await;
    }

    /// Opens a page of a site in another folder.
    pub async fn open_in(&self, site: &Path, page: &str) {
        // Otherwise, another fragment of the same page would not load the page again.
        self.client.goto("about:blank").await.unwrap();
        self.client.goto(&format!("file://{}/{page}", site.display())).await.unwrap();
    }

    /// Runs the body of a function of `argument`, and returns what it returns. A promise is awaited.
    /// The body may call the functions of page.js.
    pub async fn run<T: DeserializeOwned>(&self, body: &str, argument: impl Serialize) -> T {
        let page = include_str!("page.js");
        let script = format!("{page} return (async (argument) => {{ {body} }})(...arguments);");
        let result = self.client.execute(&script, vec![json!(argument)]).await.unwrap();
        serde_json::from_value(result).unwrap()
    }

    /// Sets the width of the page in CSS pixels, which may be smaller than a window.
    pub async fn resize(&self, width: u32) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Sets the medium, like `print`, and a media feature, like `prefers-color-scheme`.
    pub async fn emulate(&self, medium: &str, feature: &str, value: &str) {
        let features =
            json!({ "media": medium, "features": [{ "name": feature, "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Sends a command of the Chrome DevTools Protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Post("goog/cdp/execute", body)).await.unwrap();
    }

    /// What the console shows since the last call.
    pub async fn log(&self) -> Vec<Value> {
        let log = self.client.issue_cmd(Post("se/log", json!({ "type": "browser" }))).await;
        serde_json::from_value(log.unwrap()).unwrap()
    }
}

/// A command that WebDriver does not have, but Chromium's driver has.
#[derive(Debug)]
struct Post(&'static str, Value);

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}
