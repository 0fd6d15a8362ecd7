// What the tests run in a page. Each script that they run begins with this text.

function all(selector, within = document) {
  return Array.from(within.querySelectorAll(selector));
}

// What axe-core finds wrong with the page.
async function violations() {
  // axe-core cannot tell what is read on a shadow.
  all(".scroll, .code").forEach((one) => { one.style.backgroundImage = "none"; });
  const { violations } = await axe.run();
  all(".scroll, .code").forEach((one) => { one.style.backgroundImage = ""; });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.failureSummary} ${node.html}`));
}

// What is wrong with the page at this width and in this theme, as sentences.
async function faults() {
  // At one width in each theme, because it takes long.
  const found = [360, 900].includes(innerWidth) ? await violations() : [];
  const requests = performance.getEntriesByType("resource").filter(({ name }) => !name.startsWith("file:"));
  found.push(...requests.map(({ name }) => `it requests ${name}`));

  const overflow = document.documentElement.scrollWidth - innerWidth;
  if (overflow > 0) found.push(`it is ${overflow} px too wide`);

  const { backgroundColor, color } = getComputedStyle(document.body);
  const [background, text] = [backgroundColor, color].map((rgb) => Number(rgb.match(/\d+/)));
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const isForced = matchMedia("(forced-colors: active)").matches;
  if (background < text !== isDark && !isForced) found.push(`${text} on ${background} is the other theme`);
  if (isForced) found.push(...invisible());
  found.push(...cramped());

  for (const figure of all("figure:has(.chart, .bar)")) {
    getSelection().selectAllChildren(figure.querySelector("text, .label"));
    if (!String(getSelection())) found.push("a chart has no text that can be selected");
    if (all("details tbody td", figure).length <= 10) found.push("a chart has no table");
  }
  if (document.querySelector("#costs") && all("figure").length !== 7) found.push("a chart is missing");
  if (document.querySelector(".panes")) {
    found.push(...eachPair((left, right) => [...misplaced(left, right), ...mismarked(left, right)]));
  }
  return found;
}

// What is lost where the reader's colours replace those of the page.
function invisible() {
  const colour = (one) => getComputedStyle(one).backgroundColor;
  const bars = all(".track i").filter((one) => colour(one) === getComputedStyle(document.body).backgroundColor
    && getComputedStyle(one).borderStyle === "none");
  const tabs = all(".choice input:not(:checked) + span").map(colour);
  const chosen = all(".choice :checked + span").filter((one) => tabs.includes(colour(one)));
  return [...bars, ...chosen].map((one) => `nothing tells ${one.outerHTML} from what is around it`);
}

// What is too small, or cut without a sign.
function cramped() {
  const small = all("svg text").filter((text) => {
    const svg = text.closest("svg");
    return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width < 12;
  });
  const narrow = all(".anchor").filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    return width > 0 && Math.min(width, height) < 24;
  });
  const cut = all(".scroll, .code").filter((one) => one.scrollWidth > one.clientWidth
    && getComputedStyle(one).backgroundImage === "none" && getComputedStyle(one).borderRightStyle === "none");
  const broken = all(".label, .file code, .command code, h1, h2").filter((one) => {
    const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const { index, 0: word } of texts.currentNode.data.matchAll(/[^\s-]+/g)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, index);
        range.setEnd(texts.currentNode, index + word.length);
        if (new Set(Array.from(range.getClientRects(), (rect) => rect.top)).size > 1) return true;
      }
    }
    return false;
  });
  return [["has text below 12 px", small], ["is hard to touch", narrow], ["is cut without a sign", cut], ["is a broken word", broken]]
    .flatMap(([fault, all]) => all.map((one) => `${fault}: ${one.outerHTML.slice(0, 200)}`));
}

// Shows each pair of programs, and collects what a function of the pair returns.
function eachPair(collect) {
  const programs = all(".program").map((program) => program.id);
  return programs.flatMap((left) => programs.filter((right) => right !== left).flatMap((right) => {
    all(`[name=left][value=${left}], [name=right][value=${right}]`).forEach((input) => input.click());
    return collect(left, right);
  }));
}

// From 900 px on, two programs are side by side, and functions of one name at the same height, to
// the pixel. Below that, one program is shown.
function misplaced(left, right) {
  const [one, other] = [left, right].map((id) => document.querySelector(`#${id} .code`).getBoundingClientRect());
  const isSaid = document.querySelector(".aligned").checkVisibility();
  if (isSaid !== innerWidth >= 900) return ["what is said of the height of functions is wrong"];
  if (innerWidth < 900) return one.height === 0 && other.height > 0 ? [] : [`${right} is not alone`];
  if (one.right >= other.left) return [`${left} is not left of ${right}`];
  const name = (part) => part.querySelector("pre > span").getBoundingClientRect().top;
  // What stands above a function ends where it begins.
  const gap = (part) => {
    const above = part.previousElementSibling;
    return above?.matches("pre") ? name(part) - above.lastElementChild.getBoundingClientRect().bottom : 0;
  };
  return all(`[id^="${left}."]`).flatMap((part) => {
    const same = document.getElementById(part.id.replace(left, right));
    // Every program has a main function.
    if (!same) return part.id.endsWith(".main") ? [`${right} has no main`] : [];
    const distances = [name(part) - name(same), gap(part), gap(same)];
    return distances.every((distance) => distance === 0) ? [] : [`${part.id} and ${right}: ${distances} px`];
  });
}

// Of two ports, the lines that differ are marked. The others are the same in both.
function mismarked(left, right) {
  const marked = all(":is(.left, .right) .differs").length;
  if ([left, right].includes("python")) return marked === 0 ? [] : [`${marked} lines of Python are marked`];
  const [one, other] = [left, right].map((id) =>
    all(`#${id} .code pre > span:not(.differs)`).map((line) => line.textContent).join(""));
  return one === other && one ? [] : [`lines of ${left} and ${right} differ, but are not marked`];
}

// Clicks on each link in the code of the two programs, and returns where they lead.
function placesOfCode() {
  return all(":is(.left, .right) .anchor").map((anchor) => {
    anchor.click();
    const { id } = anchor.parentElement;
    const place = location.hash.slice(1);
    const isRight = document.querySelector(".target").id === id && place.split(".")[1] === id.split(".")[1];
    return isRight ? place : `${id}: ${place}`;
  });
}

// Follows links to these places of the page, and returns those that do not become visible, or cover
// the names of what is shown.
async function lost(places) {
  const found = [];
  for (const place of places) {
    const moved = new Promise((resolve) => addEventListener("hashchange", resolve, { once: true }));
    location.hash = place;
    await moved;
    await new Promise(requestAnimationFrame);
    const [, programs, mark, name] = place.match(/^([^.:]*)(.?)(.*)/);
    const ids = programs.split("/").map((program) => program + mark + name);
    const isMarked = mark && document.querySelector(".panes");
    const target = isMarked ? document.querySelector(".target") : document.getElementById(place);
    const { top, height } = target?.getBoundingClientRect() ?? {};
    const bar = target?.closest("article") && document.querySelector(".top, h1.name");
    const names = bar?.getBoundingClientRect() ?? { top: 0, bottom: -1 };
    const isVisible = height > 0 && top > names.bottom && top < innerHeight && names.top >= 0;
    if (!isVisible || !ids.includes(target.id)) found.push(place);
  }
  return found;
}

// Begins to watch what takes the focus, and returns how often Tab has to be pressed.
function watchFocus() {
  // After an address with a fragment, Tab would begin there.
  document.body.tabIndex = -1;
  document.body.focus();
  // Of a group of radio buttons, Tab reaches the checked one, and the arrow keys the others.
  window.reachable = all("a[href], button, input, summary, .code, .scroll, .phrases, .series")
    .filter((one) => one.checkVisibility() && (one.type !== "radio" || one.checked));
  window.reached = [];
  addEventListener("focusin", ({ target }) => {
    const marked = target.type === "radio" ? target.nextElementSibling : target;
    reached.push(getComputedStyle(marked).outlineStyle === "none" ? null : target);
  });
  return reachable.length;
}

// What Tab has not reached in the order of the page, or reached without an outline.
function unreached() {
  return reachable.filter((one, index) => one !== reached[index]).map((one) => one.outerHTML);
}
