//! The site in a real browser.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use fantoccini::Locator;
use fantoccini::actions::{Actions, InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use report_in_a_browser::{
    Browser, address, address_in, listings, made, make_site, measured, pages, site, with_browser,
    workspace,
};
use serde_json::{Value, json};

/// A script that returns how many pixels a page is too wide for the window.
const OVERFLOW: &str = "return document.documentElement.scrollWidth - innerWidth;";

/// How many programs a listing's page has to have: as many as there are files in the listing's folder.
fn programs_of(page: &str) -> usize {
    let python = workspace().join(file(page, "python"));
    let files = fs::read_dir(python.parent().unwrap()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".py") || name.ends_with(".rs")).count()
}

#[test]
fn pages_have_no_errors_and_request_only_files_of_the_site() {
    with_browser(async |browser| {
        let mut requested = 0;
        let own = address("");
        for page in pages() {
            browser.open(&page).await;
            let log = browser.log("browser").await;
            assert!(log.is_empty(), "{page}: {log:?}");
            for entry in browser.log("performance").await {
                let event: Value =
                    serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
                let event = &event["message"];
                if event["method"] == "Network.requestWillBeSent" {
                    let url = event["params"]["request"]["url"].as_str().unwrap();
                    assert!(url.starts_with(&own) || url == "about:blank", "{page}: {url}");
                    requested += 1;
                }
            }
        }
        // Each page, the style sheet and the script.
        assert!(requested >= 3 * pages().len(), "{requested} requests");
    });
}

#[test]
fn every_link_leads_to_a_page_and_every_anchor_to_what_is_visible() {
    with_browser(async |browser| {
        let mut links = BTreeSet::new();
        for page in pages() {
            browser.open(&page).await;
            let script = "return Array.from(document.links, (link) => link.href);";
            links.extend(browser.run::<Vec<String>>(script).await);
        }
        links.retain(|link| link.starts_with("file:"));
        assert!(links.len() > 300, "{} links", links.len());
        let mut opened = String::new();
        for link in links {
            let (page, fragment) = link.split_once('#').unwrap_or((&link, ""));
            let name = page.rsplit('/').next().unwrap();
            if opened != name {
                assert!(pages().contains(&name.to_owned()), "{link}");
                browser.open(name).await;
                opened = name.to_owned();
            }
            let target: String = browser
                .run_with(
                    "if (!argument) return 'visible';
                    const moved = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
                    location.hash = argument;
                    await moved;
                    await new Promise(requestAnimationFrame);
                    const target = document.getElementById(argument);
                    if (!target) return 'no target';
                    const { top, height } = target.getBoundingClientRect();
                    return height > 0 && top > -1 && top < innerHeight ? 'visible' : `at ${top}`;",
                    json!(fragment),
                )
                .await;
            assert_eq!(target, "visible", "{link}");
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

        browser.open(&format!("{page}#async-std/smol")).await;
        assert_eq!(shown(browser).await, ["async-std", "smol"]);
        let checked =
            "return [...document.querySelectorAll('input:checked')].map((one) => one.value);";
        assert_eq!(browser.run::<[String; 2]>(checked).await, ["async-std", "smol"]);

        // The same program on both sides: they change places.
        choose(browser, "left", "smol").await;
        assert_eq!(shown(browser).await, ["smol", "async-std"]);

        // An address that names no program changes nothing.
        browser.open(&format!("{page}#%")).await;
        assert_eq!(shown(browser).await, ["python", "tokio"]);
        assert_eq!(browser.log("browser").await, Vec::<Value>::new());
    });
}

/// The programs that are visible, from left to right.
async fn shown(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('.program')]
        .filter((program) => program.checkVisibility())
        .sort((one, other) => one.getBoundingClientRect().left - other.getBoundingClientRect().left)
        .map((program) => program.id);";
    browser.run(script).await
}

/// Clicks on a program's name.
async fn choose(browser: &Browser, side: &str, program: &str) {
    let input = format!("input[name={side}][value={program}]");
    browser.client.find(Locator::Css(&input)).await.unwrap().click().await.unwrap();
}

/// A script that shows each pair of programs and collects what a function of the pair returns.
fn each_pair(function: &str) -> String {
    format!(
        "const found = [];
        const set = (side, value) => {{
            const input = document.querySelector(`input[name=${{side}}][value=${{value}}]`);
            input.checked = true;
            input.dispatchEvent(new Event('change', {{ bubbles: true }}));
        }};
        const programs = [...document.querySelectorAll('.program')].map((program) => program.id).sort();
        for (const left of programs) for (const right of programs) {{
            if (left === right) continue;
            set('left', left);
            set('right', right);
            found.push(...({function})(left, right));
        }}
        return found;"
    )
}

#[test]
fn the_address_of_every_anchor_opens_it() {
    let click = "document.querySelectorAll('.program.left .anchor, .program.right .anchor')[argument].click();
        return location.hash;";
    let target = "const target = document.querySelector('.part.target');
        return target && [target.id, Math.abs(target.getBoundingClientRect().top) < innerHeight, scrollY > 0];";
    with_browser(async |browser| {
        let page = "asyncio-timeout.html#std-only/smol";
        browser.resize(1280, 400).await;
        browser.open(page).await;
        let ids = "return [...document.querySelectorAll('.program.left .part[id], .program.right .part[id]')].map((part) => part.id);";
        let ids: Vec<String> = browser.run(ids).await;
        assert!(ids.iter().any(|id| id == "std-only.wait_for"), "{ids:?}");
        let function = |id: &str| id.split_once('.').unwrap().1.to_owned();
        for (index, id) in ids.iter().enumerate() {
            browser.open(page).await;
            let hash: String = browser.run_with(click, json!(index)).await;
            let clicked: (String, bool, bool) = browser.run(target).await;
            assert_eq!(clicked.0, *id);
            browser.open(&format!("asyncio-timeout.html{hash}")).await;
            let opened: (String, bool, bool) = browser.run(target).await;
            assert_eq!((function(&opened.0), opened.1, opened.2), (function(id), true, true));
        }
    });
}

#[test]
fn functions_stand_side_by_side_to_the_pixel() {
    let misaligned = each_pair(
        "(left, right) => {
            const parts = document.querySelectorAll(`[id^='${left}.']`);
            return [...parts].flatMap((part) => {
                const other = document.getElementById(part.id.replace(left, right));
                if (!other) return [];
                const name = (element) => element.querySelector('pre > span').getBoundingClientRect().top;
                // What stands above a function ends where it begins.
                const gaps = [part, other].map((element) => {
                    const above = element.previousElementSibling;
                    return above?.matches('pre') ? name(element) - above.getBoundingClientRect().bottom : 0;
                });
                return [{ part: part.id, right, distances: [name(part) - name(other), ...gaps] }];
            });
        }",
    );
    with_browser(async |browser| {
        for width in [900, 1280, 2560] {
            browser.resize(width, 900).await;
            for page in listings() {
                browser.open(&page).await;
                let pairs: Vec<Value> = browser.run(&misaligned).await;
                // At least the main function of each pair.
                let programs = programs_of(&page);
                assert!(pairs.len() >= programs * (programs - 1), "{page}: {pairs:?}");
                let mut apart = pairs.iter().filter(|pair| pair["distances"] != json!([0, 0, 0]));
                assert_eq!(apart.next(), None, "{page} at {width} px");
            }
        }
    });
}

#[test]
fn marked_lines_are_those_of_diff() {
    // The numbers of marked lines on each side, and the lines that are not marked.
    let marked = each_pair(
        "(left, right) => {
            const lines = [left, right].map((id) => [...document.querySelectorAll(`#${id} .code pre > span`)]);
            const isMarked = (line) => line.matches('.differs');
            return [[left, right, lines.map((lines) => lines.filter(isMarked).length),
                lines.map((lines) => lines.filter((line) => !isMarked(line)).map((line) => line.textContent).join(''))]];
        }",
    );
    with_browser(async |browser| {
        for page in listings() {
            browser.open(&page).await;
            let pairs: Vec<(String, String, [usize; 2], [String; 2])> = browser.run(&marked).await;
            for (left, right, marked, unmarked) in pairs {
                let pages = format!("{page}: {left} and {right}");
                if left == "python" || right == "python" {
                    assert_eq!(marked, [0, 0], "{pages}");
                    continue;
                }
                // Where several smallest sets of lines differ, diff may choose another than we do.
                let expected = [diff(&page, &left, &right), diff(&page, &right, &left)];
                assert_eq!(marked, expected, "{pages}");
                assert!(unmarked[0] == unmarked[1] && !unmarked[0].is_empty(), "{pages}");
            }
        }
    });
}

/// How many lines of one port `diff` finds to differ from another.
fn diff(page: &str, one: &str, other: &str) -> usize {
    let output = Command::new("diff")
        .args(["--minimal", "--unchanged-line-format=", "--new-line-format="])
        .args(["--old-line-format=%dn\n"])
        .args([file(page, one), file(page, other)])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.code() <= Some(1), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().count()
}

/// The file of a program, from the workspace's folder.
fn file(page: &str, program: &str) -> String {
    let html = fs::read_to_string(site().join(page)).unwrap();
    let article = html.split_once(&format!(" id=\"{program}\"")).unwrap().1;
    let path = article.split_once("<p class=\"file\"><code>").unwrap().1;
    path.split_once('<').unwrap().0.replace("&#x2f;", "/")
}

#[test]
fn search_shows_only_the_rows_that_have_the_text() {
    let rows = "const rows = [...document.querySelectorAll('tbody tr')];
        const shown = rows.filter((row) => row.checkVisibility());
        const expected = rows.filter((row) => row.textContent.toLowerCase().includes('gather'));
        return [rows.length, shown.length,
            shown.length === expected.length && shown.every((row, index) => row === expected[index]),
            document.querySelector('#found').textContent];";
    with_browser(async |browser| {
        browser.open("phrasebook.html").await;
        let field = browser.client.find(Locator::Id("search")).await.unwrap();
        field.send_keys("Gather").await.unwrap();
        let found: (usize, usize, bool, String) = browser.run(rows).await;
        let (all, shown, are_right, text) = found;
        assert!(shown > 1 && shown < all / 4, "{shown} of {all}");
        assert!(are_right);
        assert_eq!(text, format!("{shown} of {all} rows"));
        let shown = async || browser.run::<(usize, usize, bool, String)>(rows).await.1;
        field.clear().await.unwrap();
        field.send_keys("x").await.unwrap();
        field.send_keys(&Key::Backspace.to_string()).await.unwrap();
        assert_eq!(shown().await, all);
        field.send_keys("no such phrase").await.unwrap();
        assert_eq!(shown().await, 0);
    });
}

#[test]
fn copying_copies_the_program_and_the_command_and_says_so() {
    with_browser(async |browser| {
        for program in ["python", "tokio"] {
            browser.open("asyncio-failure.html").await;
            let path = file("asyncio-failure.html", program);
            let text = fs::read_to_string(workspace().join(path)).unwrap();
            assert_eq!(copied(browser, &format!("#{program} .file .copy")).await, text);
            let command = copied(browser, &format!("#{program} .command .copy")).await;
            assert!(text.contains(&command) && command.contains("failure"), "{command}");
            let said =
                "document.querySelector('[role=status]').textContent === 'Copied the command'";
            browser.wait_for(said).await;
        }
    });
}

/// Clicks on a button, and returns what it has copied.
async fn copied(browser: &Browser, button: &str) -> String {
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.devtools("Browser.grantPermissions", permissions).await;
    browser.client.find(Locator::Css(button)).await.unwrap().click().await.unwrap();
    browser.wait_for(&format!("document.querySelector('{button}').textContent === 'Copied'")).await;
    browser.run("return navigator.clipboard.readText();").await
}

/// A script that plays, and returns for each line when it should come, when it came, and how many
/// lines had come before; and how many playheads there were.
const PLAY: &str = "
    const lines = [...document.querySelectorAll('.left .output li, .right .output li')];
    const came = new Map();
    const began = performance.now();
    const observer = new MutationObserver(() => {
        for (const line of lines) {
            const isShown = !line.matches('.awaited');
            if (isShown && !came.has(line)) came.set(line, (performance.now() - began) / 1000);
        }
    });
    document.querySelector('.play').click();
    const playheads = document.querySelectorAll('.playhead').length;
    const awaited = lines.filter((line) => getComputedStyle(line).visibility === 'hidden').length;
    for (const line of lines) observer.observe(line, { attributes: true });
    await new Promise((resolve) => {
        new MutationObserver(resolve).observe(document.querySelector('#announcement'), { childList: true });
    });
    return { lines: lines.map((line) => [Number(line.dataset.at), came.get(line)]), playheads, awaited,
        left: document.querySelectorAll('.playhead, .awaited').length };";

#[test]
fn play_shows_every_line_at_its_time() {
    with_browser(async |browser| {
        browser.open("threading-joining-threads.html").await;
        let played: Value = browser.run(PLAY).await;
        let mut lines: Vec<(f64, f64)> = serde_json::from_value(played["lines"].clone()).unwrap();
        assert_eq!((lines.len(), &played["awaited"]), (18, &json!(18)));
        // A machine that stalls for a second may show a line late, but not early, and not before an
        // earlier one. When playing ends, after more than two seconds, all lines are shown.
        for (at, came) in &lines {
            assert!(came + 0.002 >= *at && *came < at + 1.9, "{lines:?}");
        }
        lines.sort_by(|one, other| one.0.total_cmp(&other.0));
        assert!(lines.is_sorted_by(|one, next| one.1 <= next.1 + 0.002), "{lines:?}");
        assert_eq!(played["left"], json!(0));
        assert!(played["playheads"].as_u64() > Some(20), "{played}");
    });
}

#[test]
fn play_moves_nothing_if_the_reader_prefers_less_motion() {
    with_browser(async |browser| {
        browser.open("threading-joining-threads.html").await;
        browser.prefer("prefers-reduced-motion", "reduce").await;
        let played: Value = browser.run(PLAY).await;
        assert_eq!(played["playheads"], json!(0));
        assert_eq!(played["awaited"], json!(18));
    });
}

#[test]
fn pages_have_a_light_and_a_dark_theme() {
    let colours = "const style = getComputedStyle(document.body);
        return [style.backgroundColor, style.color]
            .map((colour) => colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0));";
    with_browser(async |browser| {
        for (theme, is_dark) in [("light", false), ("dark", true)] {
            browser.prefer("prefers-color-scheme", theme).await;
            browser.open("index.html").await;
            let [background, text]: [u32; 2] = browser.run(colours).await;
            assert_eq!(background < text, is_dark, "{theme}: {background} {text}");
        }
    });
}

#[test]
fn no_page_scrolls_sideways() {
    with_browser(async |browser| {
        for width in [360, 600, 900, 2560] {
            browser.resize(width, 800).await;
            for page in pages() {
                browser.open(&page).await;
                let overflow: i64 = browser.run(OVERFLOW).await;
                assert!(overflow <= 0, "{page} at {width} px: {overflow} px too wide");
            }
        }
    });
}

#[test]
fn two_programs_are_side_by_side_from_900_px_and_below_each_other_under_that() {
    let places = "const [left, right] = ['.left', '.right'].map((side) =>
            document.querySelector(`.program${side} .code`).getBoundingClientRect());
        return [left.right < right.left, left.bottom < right.top];";
    with_browser(async |browser| {
        for (width, expected) in [(899, [false, true]), (900, [true, false])] {
            browser.resize(width, 900).await;
            browser.open("asyncio-results.html").await;
            assert_eq!(browser.run::<[bool; 2]>(places).await, expected, "{width} px");
        }
    });
}

#[test]
fn the_keyboard_reaches_everything() {
    // Of a group of radio buttons, Tab reaches the checked one, and the arrow keys the others.
    let expected = "const all = document.querySelectorAll('a[href], button, input, summary, .code, .scroll, .phrases');
        const reachable = [...all].filter((one) => one.checkVisibility() && (one.type !== 'radio' || one.checked));
        window.reached = [];
        window.unmarked = [];
        addEventListener('focusin', ({ target }) => {
            if (target === document.body) return;
            reached.push(target);
            const marked = target.type === 'radio' ? target.nextElementSibling : target;
            if (getComputedStyle(marked).outlineStyle === 'none') unmarked.push(target.outerHTML);
        });
        window.reachable = reachable;
        return reachable.length;";
    let found = "const missed = reachable.filter((one) => !reached.includes(one));
        return [missed.map((one) => one.outerHTML), unmarked];";
    with_browser(async |browser| {
        for page in ["index.html", "phrasebook.html", "asyncio-timeout.html#tokio/smol"] {
            browser.open(page).await;
            // After an address with a fragment, Tab would begin there.
            let focus = "document.body.tabIndex = -1; document.body.focus(); scrollTo(0, 0);";
            browser.run::<()>(focus).await;
            let count: usize = browser.run(expected).await;
            assert!(count > 15, "{page}: {count}");
            press(browser, Key::Tab, count + 1).await;
            let [missed, unmarked]: [Vec<String>; 2] = browser.run(found).await;
            assert_eq!(missed, [""; 0], "{page}");
            assert_eq!(unmarked, [""; 0], "{page}: focus is not shown");
            let is_in_order = "return reachable.every((one, index) => one === reached[index]);";
            assert!(browser.run::<bool>(is_in_order).await, "{page}: not in the order of the page");
        }
    });
}

async fn press(browser: &Browser, key: Key, times: usize) {
    let value = key.into();
    let keys = KeyActions::new("keyboard".to_owned());
    let keys = (0..times)
        .fold(keys, |keys, _| keys.then(KeyAction::Down { value }).then(KeyAction::Up { value }));
    browser.client.perform_actions(Actions::from(keys)).await.unwrap();
}

#[test]
fn keys_press_buttons_and_choose_programs() {
    with_browser(async |browser| {
        browser.open("asyncio-timeout.html").await;
        let press = async |selector: &str, key: Key| {
            let focus = format!("document.querySelector('{selector}').focus();");
            browser.run::<()>(&focus).await;
            press(browser, key, 1).await;
        };
        press(".copy", Key::Enter).await;
        browser.wait_for("document.querySelector('[role=status]').textContent").await;
        press("input[name=right]:checked", Key::Right).await;
        browser.wait_for("document.querySelector('.program.right').id === 'async-std'").await;
        press(".play", Key::Enter).await;
        browser.wait_for("document.querySelector('.awaited')").await;
    });
}

#[test]
fn axe_finds_no_violation() {
    let file = made().join("node_modules/axe-core/axe.min.js");
    let axe = fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{}: {error}; run: npm install --prefix target/browser axe-core@4", file.display())
    });
    let scan = "const { violations } = await axe.run();
        return violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map((node) => node.failureSummary + node.html)]);";
    let chosen =
        ["index.html", "phrasebook.html", "asyncio-timeout.html#tokio/smol"].map(str::to_owned);
    with_browser(async |browser| {
        for (theme, width, pages) in [
            ("light", 1280, pages()),
            ("dark", 1280, chosen.to_vec()),
            ("dark", 360, chosen.to_vec()),
        ] {
            browser.prefer("prefers-color-scheme", theme).await;
            browser.resize(width, 900).await;
            for page in pages {
                browser.open(&page).await;
                browser.client.execute(&axe, Vec::new()).await.unwrap();
                let violations: Vec<Value> = browser.run(scan).await;
                assert_eq!(violations, [0; 0], "{page}, {theme}, {width} px");
            }
        }
    });
}

#[test]
fn cells_of_the_matrix_lead_to_their_programs() {
    let cells = "return [...document.querySelectorAll('.matrix tbody')].flatMap((body) => {
            const columns = [...body.closest('table').querySelectorAll('thead th')].map((cell) => cell.innerText);
            const section = body.querySelector('.section').innerText.split('\\n').pop();
            return [...body.rows].slice(1).flatMap((row) => [...row.cells].slice(1).map((cell, index) =>
                [`${section}-${row.cells[0].innerText}.html#${columns[index]}`,
                    cell.querySelector('a').getAttribute('href'), cell.innerText]));
        });";
    with_browser(async |browser| {
        browser.open("index.html").await;
        let cells: Vec<[String; 3]> = browser.run(cells).await;
        assert_eq!(cells.len(), listings().iter().map(|page| programs_of(page)).sum::<usize>());
        let check = measured("check.json");
        let programs = check["programs"].as_array().unwrap().iter();
        let mut programs: BTreeMap<_, _> = programs.map(|one| (address_of(one), one)).collect();
        for [place, href, text] in cells {
            assert_eq!(place, href);
            let Some(program) = programs.remove(&href) else {
                assert!(text == "read" || text == "not run", "{href}: {text}");
                continue;
            };
            let shown = text.strip_prefix("pass").unwrap().trim();
            // Three digits are shown.
            let is_right = match program["overhead_s"].as_f64().map(|seconds| seconds * 1e3) {
                Some(overhead) => {
                    let shown: f64 = shown.parse().unwrap();
                    (shown - overhead).abs() <= shown / 100.0 + 0.006
                }
                None => shown.is_empty(),
            };
            assert!(is_right, "{text}: {program}");
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
fn bars_are_as_long_as_their_numbers_say() {
    let speed_ups = "return [...document.querySelectorAll('.speed-up .bar')].map((bar) => {
            const cores = parseFloat(getComputedStyle(bar.querySelector('.track'), '::after').left);
            return [Number(bar.querySelector('b').innerText), bar.querySelector('i').getBoundingClientRect().width / cores * 2];
        });";
    let greeters = "const rows = [...document.querySelectorAll('.timeline tbody tr')];
        return [...document.querySelectorAll('.lane')].map((lane, index) => {
            const track = lane.querySelector('.track').getBoundingClientRect();
            const bar = lane.querySelector('i').getBoundingClientRect();
            const seconds = [...rows[index].cells].slice(2).map((cell) => Number(cell.textContent));
            return [seconds, [bar.left, bar.right].map((x) => (x - track.left) / track.width * 100)];
        });";
    let playhead = "return argument.map((seconds) => positionOf(seconds, document.querySelector('.timeline')));";
    with_browser(async |browser| {
        browser.open("index.html").await;
        let bars: Vec<(f64, f64)> = browser.run(speed_ups).await;
        let cores = measured("cores.json");
        let measured = cores["speed_ups"].as_array().unwrap().iter();
        assert_eq!(bars.len(), measured.filter(|one| !one["speed_up"].is_null()).count());
        for (number, length) in bars {
            assert!((length - number).abs() < 0.03, "{number}: {length}");
        }

        let page = "asyncio-multiple-tasks.html";
        browser.open(page).await;
        let bars: Vec<([f64; 2], [f64; 2])> = browser.run(greeters).await;
        // Four greeters and the program itself.
        assert_eq!(bars.len(), 5 * programs_of(page));
        let end = bars.iter().map(|(seconds, _)| seconds[1]).fold(0.0, f64::max);
        let place = |seconds: f64| match seconds {
            ..=2.0 => seconds * 30.0,
            _ => 60.0 + (seconds - 2.0) / (end - 2.0) * 40.0,
        };
        for (seconds, percent) in &bars {
            for (seconds, percent) in seconds.iter().zip(percent) {
                // The numbers of the table are rounded to 0.1 ms, and a mark is 3 px wide.
                assert!((place(*seconds) - percent).abs() < 2.0, "{seconds} s at {percent} %");
            }
        }
        let seconds = [0.0, 1.0, 2.0, end];
        let heads: Vec<f64> = browser.run_with(playhead, json!(seconds)).await;
        for (percent, seconds) in heads.iter().zip(seconds) {
            assert!((place(seconds) - percent).abs() < 2.0, "{heads:?}");
        }
    });
}

#[test]
fn a_printed_page_is_light_and_whole() {
    let printed = "const style = (selector) => getComputedStyle(document.querySelector(selector));
        const hidden = [...document.querySelectorAll('nav, button, form, .anchor')];
        return { shown: hidden.filter((one) => one.checkVisibility()).length,
            background: style('body').backgroundColor, code: style('.code pre').whiteSpace,
            isIndented: style('.code pre > span').textIndent.startsWith('-'), band: style('.band').breakInside,
            heading: style('h2').breakAfter,
            isTooWide: document.documentElement.scrollWidth > innerWidth };";
    with_browser(async |browser| {
        browser.emulate("print", "prefers-color-scheme", "dark").await;
        browser.resize(700, 1000).await;
        browser.open("asyncio-multiple-tasks.html").await;
        let printed: Value = browser.run(printed).await;
        let expected = json!({ "shown": 0, "background": "rgb(255, 255, 255)", "code": "pre-wrap",
            "isIndented": true, "band": "avoid", "heading": "avoid", "isTooWide": false });
        assert_eq!(printed, expected);
    });
}

#[test]
fn charts_have_text_that_can_be_selected_and_a_table() {
    let charts = "return [...document.querySelectorAll('figure')].map((figure) => {
            const text = figure.querySelector('text, .label');
            getSelection().selectAllChildren(text);
            return [figure.querySelector('svg')?.getAttribute('aria-label') ?? 'bars',
                String(getSelection()).length > 0, figure.querySelectorAll('details tbody td').length];
        });";
    with_browser(async |browser| {
        browser.open("index.html").await;
        let charts: Vec<(String, bool, usize)> = browser.run(charts).await;
        assert_eq!(charts.len(), 7);
        for (label, can_be_selected, cells) in &charts {
            assert!(!label.is_empty() && *can_be_selected && *cells > 10, "{charts:?}");
        }
    });
}

#[test]
fn without_javascript_a_page_has_all_programs_whole() {
    // The same pages, with a script that does nothing.
    let folder = made().join("without-script");
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(site()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    fs::write(folder.join("script.js"), "").unwrap();
    let programs = "return [...document.querySelectorAll('.program')].map((program) => {
            const parts = [...program.querySelectorAll('.code pre')];
            return [program.id, program.checkVisibility() && parts.every((part) => part.checkVisibility()),
                parts.map((part) => part.textContent).join(''), program.getBoundingClientRect().top];
        });";
    with_browser(async |browser| {
        for page in listings() {
            browser.client.goto(&address_in(&folder, &page)).await.unwrap();
            let programs: Vec<(String, bool, String, f64)> = browser.run(programs).await;
            assert_eq!(programs.len(), programs_of(&page));
            assert!(programs.is_sorted_by(|one, next| one.3 < next.3), "{page}");
            for (name, is_visible, shown, _) in programs {
                assert!(is_visible, "{page}: {name}");
                let text = fs::read_to_string(workspace().join(file(&page, &name))).unwrap();
                assert_eq!(shown, text, "{page}: {name}");
            }
            let controls = "return [...document.querySelectorAll('button, input')].filter((one) => one.checkVisibility()).length;";
            assert_eq!(browser.run::<usize>(controls).await, 0, "{page}");
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
    let word = "x".repeat(1_000);
    let detail = format!("\"<b>Bye\" {word}");
    program["faults"] = json!([{ "kind": "unexpected-line", "detail": detail }]);
    program["lines"][1]["text"] = json!("<i>Hello");
    program["lines"][2]["text"] = json!(format!("some_function was called with {word}"));
    program["overhead_s"] = json!(-1.99);
    let file = made().join("failed-check.json");
    fs::write(&file, check.to_string()).unwrap();
    let folder = make_site(&file, "failed-site", 1);
    let url = |page: &str| address_in(&folder, page);
    with_browser(async |browser| {
        let text = "return document.querySelector('main').innerText;";
        browser.client.goto(&url("index.html")).await.unwrap();
        let front: String = browser.run(text).await;
        let counts = format!("{count} programs: {} passed, 1 failed, 0 skipped", count - 1);
        assert!(front.contains(&counts), "{front}");
        let fault = "asyncio::results::smol: unexpected-line \"<b>Bye\" xxx";
        assert!(front.contains(fault), "{front}");
        let cell = browser.client.find(Locator::Css("td a.fail")).await.unwrap();
        assert_eq!(cell.text().await.unwrap(), "fail");
        cell.click().await.unwrap();
        let output = "return document.querySelector('.right .output').innerText;";
        let output: String = browser.run(output).await;
        assert!(output.contains("fail") && output.contains("unexpected-line"), "{output}");
        assert!(output.contains("<b>Bye") && output.contains("<i>Hello"), "{output}");
        let page: String = browser.run(text).await;
        assert!(page.contains("smol failed: unexpected-line") && !page.contains("+-"), "{page}");
        for page in ["index.html", "asyncio-results.html#smol"] {
            for width in [360, 1280] {
                browser.resize(width, 900).await;
                browser.client.goto("about:blank").await.unwrap();
                browser.client.goto(&url(page)).await.unwrap();
                let overflow: i64 = browser.run(OVERFLOW).await;
                assert!(overflow <= 0, "{page} at {width} px: {overflow} px");
            }
        }
    });
}
