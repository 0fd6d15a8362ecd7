//! The site in a real browser.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fantoccini::Locator;
use fantoccini::actions::{Actions, InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use report_in_a_browser::{
    Browser, listings, made, make_site, measured, pages, site, with_browser, workspace,
};
use serde_json::{Value, json};

#[test]
fn every_page_is_right_at_every_width_and_in_both_themes() {
    with_browser(async |browser| {
        for page in pages() {
            has_no_faults(browser, site(), &page).await;
        }
    });
}

/// Opens a page, and checks it with axe-core and with `faults` of page.js.
async fn has_no_faults(browser: &Browser, site: &Path, page: &str) {
    let axe = fs::read_to_string(made().join("node_modules/axe-core/axe.min.js"))
        .expect("no axe-core; run: npm install --prefix target/browser axe-core@4");
    browser.open_in(site, page).await;
    assert_eq!(browser.log().await, [json!(null); 0], "{page}");
    browser.client.execute(&axe, Vec::new()).await.unwrap();
    for (width, theme) in [
        (360, "dark"),
        (360, "active"),
        (600, "light"),
        (899, "dark"),
        (900, "light"),
        (1280, "dark"),
        (2560, "light"),
    ] {
        let colours = if theme == "active" { "forced-colors" } else { "prefers-color-scheme" };
        browser.resize(width).await;
        browser.emulate("screen", colours, theme).await;
        let faults: Vec<String> = browser.run("return faults();", ()).await;
        assert!(faults.is_empty(), "{page} at {width} px, {theme}: {}", faults.join("\n"));
    }
    // So many choices make Chromium warn that the address changes too often.
    browser.log().await;
}

#[test]
fn every_link_leads_to_a_page_and_every_anchor_to_what_is_visible() {
    let links = "return Array.from(document.links, (link) => link.href)
        .filter((href) => href.startsWith('file:') && !href.endsWith('.trace.json.gz'))
        .map((href) => [...href.split('/').pop().split('#'), ''].slice(0, 2));";
    with_browser(async |browser| {
        let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for page in pages() {
            browser.open(&page).await;
            for (page, place) in browser.run::<Vec<(String, String)>>(links, ()).await {
                places.entry(page).or_default().insert(place);
            }
        }
        assert!(places.keys().eq(&pages()), "{:?}", places.keys());
        for page in ["asyncio-timeout.html", "examples-asyncio-tests-differences.rs.html"] {
            assert!(places[page].iter().filter(|place| place.contains(':')).count() > 5, "{page}");
        }
        for (page, mut places) in places {
            places.remove("");
            browser.open(&page).await;
            places.extend(browser.run::<Vec<String>>("return placesOfCode();", ()).await);
            let lost: Vec<String> = browser.run("return lost(argument);", places).await;
            assert_eq!(lost, [""; 0], "{page}");
        }
    });
}

#[test]
fn another_choice_changes_a_pane_and_the_address_and_the_address_opens_it() {
    let page = "asyncio-timeout.html";
    with_browser(async |browser| {
        browser.open(page).await;
        assert_eq!(shown(browser).await, ["python", "tokio"]);
        choose(browser, "right", "smol").await;
        assert_eq!(shown(browser).await, ["python", "smol"]);
        choose(browser, "left", "async-std").await;
        assert_eq!(shown(browser).await, ["async-std", "smol"]);
        let url = browser.client.current_url().await.unwrap();
        assert_eq!(url.fragment(), Some("async-std/smol"));

        browser.open(&format!("{page}#async-std/smol.main")).await;
        assert_eq!(shown(browser).await, ["async-std", "smol"]);
        assert!(browser.run::<f64>("return scrollY;", ()).await > 0.0);
        let checked = "return all('input:checked').map((one) => one.value);";
        assert_eq!(browser.run::<[String; 2]>(checked, ()).await, ["async-std", "smol"]);

        // In another order, functions of the same name do not begin at the same height.
        let aligned = "return document.querySelector('.aligned').checkVisibility();";
        assert!(browser.run::<bool>(aligned, ()).await);
        let move_main = "document.getElementById('smol.main').style.gridRow = 1; return null;";
        browser.run::<()>(move_main, ()).await;
        choose(browser, "left", "python").await;
        assert!(!browser.run::<bool>(aligned, ()).await);
        choose(browser, "left", "async-std").await;

        // The same program on both sides: they change places.
        choose(browser, "left", "smol").await;
        assert_eq!(shown(browser).await, ["smol", "async-std"]);
        press(browser, Key::Left, 1).await;
        assert_eq!(shown(browser).await, ["async-std", "smol"]);

        // The pair stays for another listing that has both, unless its address names one.
        for (page, expected) in [
            ("threading-results.html", ["async-std", "smol"]),
            ("threading-results.html#%", ["async-std", "smol"]),
            ("multiprocessing-parallel-map.html", ["python", "std-only"]),
            ("asyncio-failure.html#tokio", ["async-std", "tokio"]),
            ("asyncio-failure.html#python/smol.main", ["python", "smol"]),
        ] {
            browser.open(page).await;
            assert_eq!(shown(browser).await, expected, "{page}");
        }
        assert_eq!(browser.log().await, [json!(null); 0]);
    });
}

#[test]
fn nothing_moves_while_a_listing_is_loaded() {
    let moved = "const moved = [];
        new PerformanceObserver((list) => moved.push(...list.getEntries()
            .flatMap(({ sources }) => sources.map(({ node }) => node?.outerHTML?.slice(0, 80)))))
            .observe({ type: 'layout-shift', buffered: true });
        await new Promise((resolve) => setTimeout(resolve, 300));
        return moved;";
    with_browser(async |browser| {
        for width in [1280, 360] {
            browser.resize(width).await;
            for page in ["multiprocessing-server.html", "asyncio-timeout.html"].repeat(3) {
                browser.open(page).await;
                let moved: Vec<Option<String>> = browser.run(moved, ()).await;
                assert_eq!(moved, [None; 0], "{page} at {width} px");
            }
        }
    });
}

#[test]
fn what_a_new_reader_looks_for_is_three_clicks_away() {
    let row = |goal: &str| format!("//tr[td[.='{goal}']]/td[3]/a");
    let (limit, time) = (row("let only two work at a time"), row("set a time limit"));
    let tasks = "//nav//a[.='Tasks']";
    let gather = "//tr[td[1][starts-with(., 'await asyncio.gather(…)')]]/td[3]//a";
    let function = "//*[@id='tokio.main_async']/a";
    // The width, where the reader clicks from the front page on, and what is shown then.
    let tasks: [(u32, &[&str], &str); 9] = [
        (
            1280,
            &[tasks, gather],
            "at('.target', 'spawn_local') && location.hash.startsWith('#tokio:')",
        ),
        (1280, &[&time, "//label[input[@name='left'][@value='smol']]"], "pair('smol', 'tokio')"),
        (1280, &[&time, "//p[@class='command']/button"], "at('button', 'Copied')"),
        (1280, &[&time, function], "location.hash === '#python/tokio.main_async'"),
        (1280, &[], "at('main a', 'A million tasks cost') && at('main a', 'with tokio')"),
        (1280, &[&limit], "at('h1', 'workers') && pair('python', 'tokio')"),
        (360, &[&time, "//label[input[@name='right'][@value='python']]"], "pair('python')"),
        (1280, &[], "at('main li', 'Dropping the handle of a task')"),
        (1280, &[], "at('main h2', 'Which one to choose') && at('main li', 'tokio, because')"),
    ];
    let script = "const at = (selector, text) =>
            all(selector).some((one) => one.checkVisibility() && one.textContent.includes(text));
        const pair = (...names) => String(all('.program').filter((one) => one.checkVisibility())
            .map((one) => one.id)) === String(names);
        for (let tries = 0; tries < 100 && !eval(argument); tries += 1) {
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        return eval(argument);";
    let focused = "return document.activeElement.getAttribute('href');";
    with_browser(async |browser| {
        for (width, clicks, shown) in tasks {
            browser.resize(width).await;
            browser.open("index.html").await;
            browser.run::<()>("sessionStorage.clear(); return null;", ()).await;
            for place in clicks {
                let place = browser.client.find(Locator::XPath(place)).await.expect(place);
                place.click().await.unwrap();
            }
            assert!(browser.run::<bool>(script, shown).await, "{shown}");
        }

        // With the keyboard, past the navigation.
        browser.open("index.html").await;
        press(browser, Key::Tab, 1).await;
        press(browser, Key::Enter, 1).await;
        let mut keys = 3;
        let listing = "threading-creating-a-thread.html";
        while browser.run::<Option<String>>(focused, ()).await.as_deref() != Some(listing) {
            press(browser, Key::Tab, 1).await;
            keys += 1;
            assert!(keys <= 15, "{listing} is more than 15 keys away");
        }
        press(browser, Key::Enter, 1).await;
        browser.client.wait().for_element(Locator::Css("#python")).await.unwrap();
    });
}

#[test]
fn on_a_narrow_screen_another_program_is_shown_at_the_same_function() {
    // From the lower end of the bar with the names of the programs.
    let place = "const { bottom } = document.querySelector('.top').getBoundingClientRect();
        return document.getElementById(argument).getBoundingClientRect().top - bottom;";
    with_browser(async |browser| {
        for width in [360, 768] {
            browser.resize(width).await;
            browser.open("asyncio-timeout.html#python/tokio.main_async").await;
            assert_eq!(shown(browser).await, ["tokio"]);
            for program in ["python", "smol", "python"] {
                choose(browser, "right", program).await;
                assert_eq!(shown(browser).await, [program]);
                let said = format!("//*[@role='status'][.='{program} is shown']");
                browser.client.wait().for_element(Locator::XPath(&said)).await.unwrap();
                let place: f64 = browser.run(place, format!("{program}.main_async")).await;
                assert!((-1.0..30.0).contains(&place), "{program} at {width} px: {place}");
            }
        }
    });
}

#[test]
fn escape_leads_back_to_where_the_reader_was_each_time() {
    with_browser(async |browser| {
        browser.open("asyncio-timeout.html").await;
        let body = browser.client.find(Locator::Css("body")).await.unwrap();
        let field = browser.client.find(Locator::Css(".search input")).await.unwrap();
        browser.run::<()>("scrollTo(0, 900); return null;", ()).await;
        body.send_keys("/").await.unwrap();
        assert_eq!(browser.run::<f64>("return scrollY;", ()).await, 0.0);
        press(browser, Key::Escape, 1).await;
        assert_eq!(browser.run::<f64>("return scrollY;", ()).await, 900.0);
        browser.run::<()>("scrollTo(0, 0); return null;", ()).await;
        field.click().await.unwrap();
        field.send_keys("lock").await.unwrap();
        press(browser, Key::Escape, 1).await;
        assert_eq!(browser.run::<f64>("return scrollY;", ()).await, 0.0);
    });
}

/// The programs that are visible, from left to right.
async fn shown(browser: &Browser) -> Vec<String> {
    let script = "const left = (program) => program.getBoundingClientRect().left;
        return all('.program').filter((program) => program.checkVisibility())
            .sort((one, other) => left(one) - left(other)).map((program) => program.id);";
    browser.run(script, ()).await
}

/// Clicks on a program's name.
async fn choose(browser: &Browser, side: &str, program: &str) {
    let input = format!("input[name={side}][value={program}]");
    browser.client.find(Locator::Css(&input)).await.unwrap().click().await.unwrap();
}

async fn press(browser: &Browser, key: Key, times: usize) {
    let value = key.into();
    let keys = KeyActions::new("keyboard".to_owned());
    let keys = (0..times)
        .fold(keys, |keys, _| keys.then(KeyAction::Down { value }).then(KeyAction::Up { value }));
    browser.client.perform_actions(Actions::from(keys)).await.unwrap();
}

/// The file of a program, from the workspace's folder.
fn file(page: &str, program: &str) -> String {
    let html = fs::read_to_string(site().join(page)).unwrap();
    let article = html.split_once(&format!(" id=\"{program}\"")).unwrap().1;
    let path = article.split_once("<p class=\"file\"><code>").unwrap().1;
    path.split_once("</code>").unwrap().0.replace("<wbr>", "")
}

/// How many programs a listing's page has to have: as many as there are files in the listing's folder.
fn programs_of(page: &str) -> usize {
    let python = workspace().join(file(page, "python"));
    let files = fs::read_dir(python.parent().unwrap()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".py") || name.ends_with(".rs")).count()
}

#[test]
fn copying_copies_the_program_and_the_command_and_says_so() {
    with_browser(async |browser| {
        for (program, is_http) in [("python", false), ("tokio", true)] {
            browser.open("asyncio-failure.html").await;
            if is_http {
                // A page that comes by plain http has none.
                let none = "Object.defineProperty(navigator, 'clipboard',
                    { value: undefined, configurable: true }); return null;";
                browser.run::<()>(none, ()).await;
            }
            let path = file("asyncio-failure.html", program);
            let text = fs::read_to_string(workspace().join(path)).unwrap();
            assert_eq!(copied(browser, program, "program").await, text);
            let command = copied(browser, program, "command").await;
            assert!(text.contains(&command) && command.contains("failure"), "{command}");
        }
    });
}

/// Presses a button, and returns what it has copied.
async fn copied(browser: &Browser, program: &str, what: &str) -> String {
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.devtools("Browser.grantPermissions", permissions).await;
    let button = format!("//article[@id='{program}']//button[@data-what='the {what}']");
    let found = browser.client.find(Locator::XPath(&button)).await.unwrap();
    found.send_keys(&Key::Enter.to_string()).await.unwrap();
    let said = format!("//*[@role='status'][.='Copied the {what}']");
    for shown in [format!("{button}[.='Copied' and @aria-label='Copied']"), said] {
        browser.client.wait().for_element(Locator::XPath(&shown)).await.unwrap();
    }
    // With the clipboard of the prototype, if the page has none.
    let copied = "const own = Object.getOwnPropertyDescriptor(navigator, 'clipboard');
        delete navigator.clipboard;
        const text = await navigator.clipboard.readText();
        if (own) Object.defineProperty(navigator, 'clipboard', own);
        return text;";
    browser.run(copied, ()).await
}

#[test]
fn the_keyboard_reaches_everything_in_the_order_of_the_page() {
    with_browser(async |browser| {
        for page in ["index.html", "costs.html", "asyncio-timeout.html#tokio/smol"] {
            browser.open(page).await;
            let count: usize = browser.run("return watchFocus();", ()).await;
            assert!(count > 15, "{page}: {count}");
            press(browser, Key::Tab, count).await;
            let unreached: Vec<String> = browser.run("return unreached();", ()).await;
            assert_eq!(unreached, [""; 0], "{page}");
        }
    });
}

#[test]
fn cells_of_the_matrix_lead_to_their_programs() {
    let cells = "return all('.matrix tbody').flatMap((body) => {
            const columns = all('thead th', body.closest('table')).map((cell) => cell.innerText);
            const section = body.querySelector('.section').innerText.split('\\n').pop();
            return [...body.rows].slice(1).flatMap((row) => [...row.cells].slice(1).map((cell, index) =>
                [`${section}-${row.cells[0].innerText}.html#${columns[index]}`,
                    cell.querySelector('a').getAttribute('href'),
                    cell.querySelector('a').ariaLabel]));
        });";
    with_browser(async |browser| {
        browser.open("programs.html").await;
        let cells: Vec<[String; 3]> = browser.run(cells, ()).await;
        assert_eq!(cells.len(), listings().iter().map(|page| programs_of(page)).sum::<usize>());
        let check = measured("check.json");
        let programs = check["programs"].as_array().unwrap().iter();
        let mut programs: BTreeMap<_, _> = programs.map(|one| (address_of(one), one)).collect();
        for [place, href, label] in cells {
            assert_eq!(place, href);
            let name = href.replacen('-', " ", 1).replace(".html#", " ") + ": ";
            let text = label.strip_prefix(&name).expect(&label);
            let Some(program) = programs.remove(&href) else {
                assert!(["code", "not run"].contains(&text), "{label}");
                continue;
            };
            let shown = text.strip_prefix("pass").unwrap().trim();
            let shown: Option<f64> =
                shown.strip_suffix(" ms").map(|number| number.parse().unwrap());
            // Three digits are shown.
            let is_right = match (shown, program["overhead_s"].as_f64()) {
                (Some(shown), Some(s)) => (shown - s * 1e3).abs() <= shown / 100.0 + 0.006,
                (shown, overhead) => shown == overhead,
            };
            assert!(is_right, "{label}: {program}");
        }
        assert!(programs.is_empty(), "not in the matrix: {:?}", programs.keys());
    });
}

/// The page of a program in the JSON of a check, and its place there.
fn address_of(program: &Value) -> String {
    let [section, listing, implementation] =
        ["section", "listing", "implementation"].map(|key| program[key].as_str().unwrap());
    format!("{section}-{listing}.html#{implementation}")
}

#[test]
fn bars_and_marks_are_where_their_numbers_say() {
    // In cores: the end of the bar, and both ends of the spread.
    let speed_ups = "return all('.speed-up .bar').flatMap((bar) => {
            const cores = parseFloat(getComputedStyle(bar.querySelector('.track'), '::after').left);
            const { left } = bar.querySelector('.track').getBoundingClientRect();
            const [median, spread] = all('i', bar).map((one) => one.getBoundingClientRect());
            const numbers = [bar.querySelector('b'), bar.querySelector('small')]
                .flatMap((one) => one.innerText.match(/[\\d.]+/g));
            return [median.right, spread.left, spread.right].map((x, index) =>
                [Number(numbers[index]), (x - left) / cores * 2]);
        });";
    // In per cent of the scale: the labels, the marks and the ends of the sleeps, and past two seconds
    // the last mark. Each with its number.
    let places = "const end = Number(document.querySelector('.timeline').dataset.end);
        const placeIn = (track) => {
            const { left, width } = track.getBoundingClientRect();
            return (x) => (x - left) / width * 100;
        };
        const past = parseFloat(document.querySelector('.past .end').innerText);
        return [...all('.bands .ticks span').map((label) => [parseFloat(label.style.left), parseFloat(label.innerText) / end * 100]),
            ...all('.bands .lane').flatMap((lane, row) => {
                const marks = all('i:not(.sleep)', lane).map((mark) => mark.getBoundingClientRect().left);
                const sleeps = all('.sleep', lane).map((bar) => bar.getBoundingClientRect());
                const xs = [...marks, ...sleeps.flatMap(({ left, right }) => [left, right])];
                const track = lane.querySelector('.track');
                const [, , ...cells] = all('.timeline tbody tr')[row].cells;
                const numbers = cells.flatMap((cell) => cell.textContent.match(/[\\d.]+/g) ?? []);
                const places = xs.map(placeIn(track));
                return numbers.map((number, index) => [places[index], Number(number) / end * 100]);
            }),
            ...all('.past .lane').map((lane) => {
                const { left } = all('i', lane).pop().getBoundingClientRect();
                const overhead = parseFloat(lane.querySelector('small').innerText);
                return [placeIn(lane.querySelector('.track'))(left), overhead / past * 100];
            })];";
    // What a line of a chart shows when it has the focus.
    let focus = "const line = document.querySelector('.series[data-implementation=tokio]');
        line.focus();
        const shown = all('.value').filter((one) => getComputedStyle(one).visibility === 'visible');
        return shown.map((one) => one.textContent);";
    with_browser(async |browser| {
        browser.open("costs.html").await;
        let bars: Vec<(f64, f64)> = browser.run(speed_ups, ()).await;
        let cores = measured("cores.json");
        let all = cores["speed_ups"].as_array().unwrap().iter();
        assert_eq!(bars.len(), 3 * all.filter(|one| !one["speed_up"].is_null()).count());
        for (number, length) in bars {
            assert!((length - number).abs() < 0.03, "{number}: {length}");
        }
        let shown: Vec<String> = browser.run(focus, ()).await;
        let scale = measured("scale.json");
        let mut series = scale["series"].as_array().unwrap().iter();
        let points = &series.find(|one| one["implementation"] == "tokio").unwrap()["points"];
        assert_eq!(shown.len(), points.as_array().unwrap().len());
        assert!(shown.iter().all(|text| text.ends_with(" ms")), "{shown:?}");

        let page = "asyncio-workers.html";
        browser.open(page).await;
        let places: Vec<(f64, f64)> = browser.run(places, ()).await;
        // Three labels. For each program: four greeters with a line and a sleep each, the line of
        // the program itself, and the mark past two seconds.
        assert_eq!(places.len(), 3 + (4 * 3 + 1 + 1) * programs_of(page));
        for (place, expected) in places {
            // The numbers are rounded, and a mark is 3 px wide.
            assert!((place - expected).abs() < 1.0, "{place} % and {expected} %");
        }
    });
}

#[test]
fn a_printed_page_is_light_and_whole() {
    let printed = "const style = (selector) => getComputedStyle(document.querySelector(selector));
        return { shown: all('nav, button, form, .anchor').filter((one) => one.checkVisibility()).length,
            background: style('body').backgroundColor, code: style('.code pre').whiteSpace,
            isIndented: style('.code pre > span').textIndent.startsWith('-'), band: style('.band').breakInside,
            heading: style('h2').breakAfter, names: all('.program h2').map((name) => name.clientWidth > 50).filter(Boolean).length,
            isTooWide: document.documentElement.scrollWidth > innerWidth };";
    with_browser(async |browser| {
        browser.emulate("print", "prefers-color-scheme", "dark").await;
        let expected = json!({ "shown": 0, "background": "rgb(255, 255, 255)", "code": "pre-wrap", "names": 2,
            "isIndented": true, "band": "avoid", "heading": "avoid", "isTooWide": false });
        // Upright and across.
        for width in [700, 1050] {
            browser.resize(width).await;
            browser.open("asyncio-multiple-tasks.html").await;
            assert_eq!(browser.run::<Value>(printed, ()).await, expected);
        }
    });
}

#[test]
fn without_javascript_a_page_has_all_programs_whole() {
    let programs = "return all('.program').map((program) => {
            const parts = all('.code pre', program);
            return [program.id, program.checkVisibility() && parts.every((part) => part.checkVisibility()),
                parts.map((part) => part.textContent).join(''), program.getBoundingClientRect().top];
        });";
    let controls = "return all('button, input').filter((one) => one.checkVisibility()).length;";
    with_browser(async |browser| {
        browser.devtools("Network.enable", json!({})).await;
        browser.devtools("Network.setBlockedURLs", json!({ "urls": ["*script.js"] })).await;
        for page in listings() {
            browser.open(&page).await;
            let programs: Vec<(String, bool, String, f64)> = browser.run(programs, ()).await;
            assert_eq!(programs.len(), programs_of(&page));
            assert!(programs.is_sorted_by(|one, next| one.3 < next.3), "{page}");
            for (name, is_visible, shown, _) in programs {
                assert!(is_visible, "{page}: {name}");
                let text = fs::read_to_string(workspace().join(file(&page, &name))).unwrap();
                assert_eq!(shown, text, "{page}: {name}");
            }
            assert_eq!(browser.run::<usize>(controls, ()).await, 0, "{page}");
        }
    });
}

#[test]
fn a_failed_check_has_its_faults_where_they_belong() {
    let mut check = measured("check.json");
    let programs = check["programs"].as_array_mut().unwrap();
    let count = programs.len();
    let mut programs = programs.iter_mut();
    let program = programs.find(|one| address_of(one) == "asyncio-results.html#smol").unwrap();
    program["verdict"] = json!("fail");
    let word = "x".repeat(10_000);
    let detail = format!("\"<b>Bye\" {word}");
    program["faults"] = json!([{ "kind": "unexpected-line", "detail": detail }]);
    program["lines"][1]["text"] = json!("</li><script>document.body.remove()</script>");
    program["lines"][2]["text"] = json!(format!("some_function was called with {word}"));
    program["overhead_s"] = json!(-1.99);
    let file = made().join("failed-check.json");
    fs::write(&file, check.to_string()).unwrap();
    let site = make_site(&file, "failed-site", 1);
    with_browser(async |browser| {
        browser.open_in(&site, "programs.html").await;
        let text = "return document.querySelector(argument).innerText;";
        let matrix: String = browser.run(text, "main").await;
        let counts = format!("{count} programs: {} passed, 1 failed, 0 skipped", count - 1);
        assert!(matrix.contains(&counts), "{matrix}");
        let fault = "asyncio::results::smol: unexpected-line \"<b>Bye\" xxx";
        let is_there = matrix.split_whitespace().collect::<Vec<_>>().join(" ").contains(fault);
        assert!(is_there && matrix.len() < 10_000, "{matrix}");
        let cell = browser.client.find(Locator::Css("td a.fail")).await.unwrap();
        assert_eq!(cell.text().await.unwrap(), "fail");
        cell.click().await.unwrap();
        let output: String = browser.run(text, ".right .output").await;
        for shown in ["fail", "unexpected-line", "<b>Bye", "</li><script>document"] {
            assert!(output.contains(shown), "{output}");
        }
        // The fault stays in sight above what a link leads to.
        let top: String = browser.run(text, ".top").await;
        assert!(top.contains("smol failed: unexpected-line"), "{top}");
        let lost = "return lost(['python/smol.main', 'smol']);";
        assert_eq!(browser.run::<Vec<String>>(lost, ()).await, [""; 0]);
        let page: String = browser.run(text, "main").await;
        assert!(!page.contains("+-"), "{page}");
        for page in ["programs.html", "asyncio-results.html#smol"] {
            has_no_faults(browser, &site, page).await;
        }
    });
}
