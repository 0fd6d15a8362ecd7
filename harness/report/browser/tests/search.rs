//! The search in a real browser.

use std::fs;

use fantoccini::Locator;
use fantoccini::key::Key;
use report_in_a_browser::{Browser, made, site, with_browser};
use serde_json::{Value, json};
use url::Url;

/// What readers search: names of Python's three modules, and the usual answers of Rust.
const NAMES: &str = "Thread, start, join, daemon, Lock, RLock, Condition, Event, Semaphore, \
    BoundedSemaphore, Barrier, Timer, local, GIL, current_thread, ThreadPoolExecutor, submit, map, \
    as_completed, Future, queue, asyncio.run, gather, create_task, TaskGroup, wait, wait_for, \
    timeout, shield, to_thread, run_in_executor, run_coroutine_threadsafe, asyncio.Lock, sleep, \
    CancelledError, get_event_loop, add_signal_handler, start_server, open_connection, \
    create_subprocess_exec, async for, async with, contextvars, Process, Pool, \
    ProcessPoolExecutor, imap, apply_async, Pipe, Queue, Manager, Value, Array, shared_memory, \
    start method, fork, forkserver, subprocess, Popen, exitcode, terminate, spawn, scope, Arc, \
    Mutex, RwLock, mpsc, channel, JoinHandle, JoinSet, select!, spawn_blocking, LocalSet, Pin, \
    Send, 'static, Waker, rayon, tokio::process, block_on";

/// The heading and the results, each as its kind, its address and its text.
type Found = (String, Vec<[String; 3]>);

/// What the page shows for a search, once it shows it.
async fn found(browser: &Browser, query: &str) -> Found {
    let shown = "const results = document.querySelector('#results');
        const isThere = () => !results.hidden && results.innerText.includes(`“${argument}”`);
        while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 10));
        return [results.querySelector('h1').innerText, all('li', results).map((item) =>
            [item.querySelector('small').innerText.split(',')[0],
                item.querySelector('a').getAttribute('href'), item.innerText])];";
    browser.run(shown, query).await
}

/// Waits until the browser shows another page. Before, a script could run in the page that is left,
/// and be aborted. The address is asked without a script.
async fn arrive(browser: &Browser, page: &str) {
    let site = Url::from_directory_path(site()).unwrap();
    browser.client.wait().for_url(&site.join(page).unwrap()).await.unwrap();
}

/// Types into what has the focus.
async fn type_keys(browser: &Browser, keys: &str) {
    browser.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
}

async fn search(browser: &Browser, query: &str) -> Found {
    let set = "const field = document.querySelector('[type=search]');
        field.value = argument;
        field.dispatchEvent(new Event('input'));";
    browser.run::<Value>(set, query).await;
    found(browser, query).await
}

#[test]
fn every_name_is_in_the_first_thing_that_is_found() {
    with_browser(async |browser| {
        browser.open("index.html").await;
        for name in NAMES.split(", ") {
            let (_, results) = search(browser, name).await;
            let [kind, _, text] = results.first().unwrap_or_else(|| panic!("{name}: nothing"));
            assert!(text.to_lowercase().contains(&name.to_lowercase()), "{name}: {kind}, {text}");
        }
    });
}

#[test]
fn a_search_finds_all_words_in_any_order_and_rows_before_code() {
    with_browser(async |browser| {
        browser.open("costs.html").await;
        for (query, kind, address) in [
            ("QUEUE threading", "phrasebook", "threading.html#queue-Queue"),
            ("lock thread", "phrasebook", "threading.html#threading-Lock"),
            ("spawn block", "phrasebook", "threading.html#threading-Thread-target-args"),
            ("limit concurrency", "listing", "threading-workers.html"),
            ("only two", "goal", "index.html#let-only-two-work-at-a-time"),
            ("choose which", "chapter", "index.html#which-one-to-choose"),
            ("gather in tokio", "phrasebook", "asyncio.html#for-greeting-in-await-asyncio-gather"),
            ("rust semaphore", "phrasebook", "threading.html#threading-Semaphore-3"),
            ("queue rust", "phrasebook", "threading.html#queue-Queue"),
            ("handle failure threads", "goal", "index.html#handle-a-failure"),
            ("what a million tasks cost", "goal", "costs.html"),
            ("recover poisoned mutex", "", ""),
            ("timerheap", "", ""),
        ] {
            let (heading, results) = search(browser, query).await;
            let first = results.first().map(|[kind, address, _]| (&**kind, &**address));
            assert_eq!(first, (!kind.is_empty()).then_some((kind, address)), "{heading}");
            assert_eq!(heading.starts_with("No results"), kind.is_empty(), "{heading}");
        }
        let (_, results) = search(browser, "handle failure threads").await;
        assert_eq!(results[1][1], "threading-failure.html");
        let (_, results) = search(browser, "gather rust").await;
        let row = "asyncio.html#await-asyncio-gather";
        assert!(results.iter().take(3).any(|result| result[1] == row), "{results:?}");
        // A readable place, and no files below a difference.
        let (_, results) = search(browser, "handle dropped keeps").await;
        let shown = "A child keeps running when its handle is dropped.\ndifference, multiprocessing: \
            Processes in Python and Rust";
        assert_eq!(
            results[0][2].replace("dropped.difference", "dropped.\ndifference").trim(),
            shown
        );
        let (_, results) = search(browser, "wait_for").await;
        let rank = |kind: &str| results.iter().position(|result| result[0] == kind);
        assert!(rank("phrasebook") < rank("difference") && rank("difference") < rank("code"));
    });
}

#[test]
fn the_keyboard_searches_and_the_address_keeps_the_search() {
    let state = "const results = document.querySelector('#results');
        const field = document.querySelector('[type=search]');
        return [location.search + location.hash, field.value, results.hidden,
            document.querySelector('.panes').checkVisibility(), document.activeElement === field];";
    let page = "asyncio-timeout.html#tokio/smol";
    with_browser(async |browser| {
        browser.open(page).await;
        // A slash begins the search, and is a letter of it afterwards.
        type_keys(browser, "/").await;
        type_keys(browser, "a/wait_for").await;
        found(browser, "a/wait_for").await;
        let expected = json!(["?q=a%2Fwait_for#tokio/smol", "a/wait_for", false, false, true]);
        assert_eq!(browser.run::<Value>(state, ()).await, expected);
        type_keys(browser, &Key::Escape.to_string()).await;
        let expected = json!(["#tokio/smol", "", true, true, false]);
        assert_eq!(browser.run::<Value>(state, ()).await, expected);

        type_keys(browser, "/").await;
        type_keys(browser, "sleep").await;
        let (heading, results) = found(browser, "sleep").await;
        let said = format!("//*[@role='status'][starts-with(., '{heading}. The first: ')]");
        browser.client.wait().for_element(Locator::XPath(&said)).await.unwrap();
        for key in [Key::Down, Key::Tab, Key::Up, Key::Enter] {
            type_keys(browser, &key.to_string()).await;
        }
        arrive(browser, &results[0][1]).await;
        let is_there = "return [location.pathname.split('/').pop() + location.hash,
            document.querySelector(':target').getBoundingClientRect().top < innerHeight];";
        let there: Value = browser.run(is_there, ()).await;
        assert_eq!(there, json!([results[0][1], true]));
        // Back, and after that with a reload.
        browser.client.back().await.unwrap();
        arrive(browser, &page.replace('#', "?q=sleep#")).await;
        for _ in 0..2 {
            assert_eq!(found(browser, "sleep").await, (heading.clone(), results.clone()));
            browser.client.refresh().await.unwrap();
        }
        // Enter in the field follows the first link.
        browser.open(page).await;
        type_keys(browser, "/").await;
        type_keys(browser, &format!("gather{}", Key::Enter)).await;
        arrive(browser, "asyncio.html#await-asyncio-gather").await;
        let row = "//tr[@id='await-asyncio-gather']";
        browser.client.find(Locator::XPath(row)).await.unwrap();
        assert_eq!(browser.log().await, [json!(null); 0]);
    });
}

#[test]
fn what_is_found_is_accessible() {
    let axe = fs::read_to_string(made().join("node_modules/axe-core/axe.min.js")).unwrap();
    with_browser(async |browser| {
        for (width, theme) in [(360, "dark"), (900, "light")] {
            browser.resize(width).await;
            browser.emulate("screen", "prefers-color-scheme", theme).await;
            browser.open("threading.html?q=spawn").await;
            assert_eq!(found(browser, "spawn").await.1.len(), 50);
            browser.client.execute(&axe, Vec::new()).await.unwrap();
            let faults: Vec<String> = browser.run("return faults();", ()).await;
            assert_eq!(faults, [""; 0], "{width} px");
        }
    });
}
