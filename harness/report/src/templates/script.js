// The one script of the site. Without it, all programs of a listing are shown one under the other.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  setUpCopying();
  setUpSearching();
  if (document.querySelector(".panes")) setUpPanes();
});

// The text is removed first, so that the same text is announced again. Of texts that follow each
// other quickly, the last is announced.
let announcing = 0;
function announce(text, afterMs = 50) {
  const announcement = document.querySelector("#announcement");
  announcement.textContent = "";
  clearTimeout(announcing);
  announcing = setTimeout(() => { announcement.textContent = text; }, afterMs);
}

// Searching. The address has the text, as in ?q=lock. The documents are loaded when they are needed.

function setUpSearching() {
  const form = document.querySelector(".search");
  const field = form.elements.q;
  const results = document.querySelector("#results");
  let loading = null;
  // Where the reader was before the search: the element with the focus, and the height.
  let before = { element: document.body, top: 0 };

  const load = () => new Promise((resolve) => {
    const script = document.createElement("script");
    script.addEventListener("load", resolve);
    script.src = "search.js";
    document.head.append(script);
  });
  const show = async () => {
    const query = field.value.trim();
    const address = query ? `?q=${encodeURIComponent(query)}` : location.pathname;
    history.replaceState(null, "", address + location.hash);
    if (query) await (loading ??= load());
    // Another letter may have come meanwhile.
    if (query !== field.value.trim()) return;
    results.hidden = !query;
    announce(query && showFound(results, query), 500);
  };

  field.addEventListener("focus", ({ relatedTarget }) => {
    if (!field.value) before = { element: relatedTarget ?? document.body, top: scrollY };
  });
  field.addEventListener("input", show);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await show();
    results.querySelector("a")?.click();
  });
  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, altKey, metaKey } = event;
    const stops = [field, ...results.querySelectorAll("a")];
    const at = stops.indexOf(target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (key === "/" && target !== field && !ctrlKey && !altKey && !metaKey) {
      field.focus({ preventScroll: true });
      field.select();
      scrollTo(0, 0);
    } else if (key === "Escape" && at >= 0) {
      field.value = "";
      show();
      field.blur();
      before.element.focus({ preventScroll: true });
      scrollTo(0, before.top);
    } else if (step && at >= 0) {
      stops[at + step]?.focus();
    } else {
      return;
    }
    event.preventDefault();
  });
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  if (field.value) show();
}

// Copying: a program, or the command that runs it.

function setUpCopying() {
  for (const button of document.querySelectorAll("[data-copies]")) {
    const name = button.ariaLabel;
    button.addEventListener("click", () => {
      const { what, copies } = button.dataset;
      const isCopied = copy(Array.from(document.querySelectorAll(copies), (one) => one.textContent).join(""));
      button.textContent = button.ariaLabel = isCopied ? "Copied" : "Select it, and copy by hand";
      announce(isCopied ? `Copied ${what}` : "Copying is not possible here");
      setTimeout(() => Object.assign(button, { textContent: "Copy", ariaLabel: name }), 2000);
    });
  }
}

// The old way, because a page that comes by plain http has no other.
function copy(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  focused.focus();
  return isCopied;
}

// Two panes. The address names them and, after a full stop, a function: #python/tokio.main_async.
// An address with one program, like #smol, #smol.main_async or the line #smol:12, leaves the other
// pane as it is. Where there is no room for two, the style sheet hides the left one.

function setUpPanes() {
  const panes = document.querySelector(".panes");
  const form = document.querySelector(".choice");
  const top = document.querySelector(".top");
  const { left, right } = form.elements;
  const names = Array.from(left, ({ value }) => value);
  let pair = [left.value, right.value];

  const show = (shown) => {
    pair = shown;
    [left.value, right.value] = pair;
    for (const program of panes.children) {
      program.classList.toggle("left", program.id === pair[0]);
      program.classList.toggle("right", program.id === pair[1]);
    }
    // The order for a keyboard and a screen reader.
    panes.prepend(...pair.map((name) => document.getElementById(name)));
    markDifferences(...pair);
  };

  const follow = (address) => {
    const [, choice, mark, place] = address.match(/^#?([^.:]*)(.?)(.*)/);
    const [one, other] = choice.split("/");
    const next = other ? [one, other] : pair.includes(one) ? pair : [pair[0], one];
    if (next[0] === next[1] || !next.every((name) => names.includes(name))) return;
    show(next);
    // Of two programs, only the left one may have the function.
    const find = (name) => mark === ":" ? linesOf(name)[place - 1] : document.getElementById(name + mark + place);
    goTo(other ? mark && (find(other) ?? find(one)) : find(one));
  };

  // The browser itself finds no target in an address with two programs.
  const goTo = (target) => {
    document.querySelector(".target")?.classList.remove("target");
    if (!target) return;
    target.classList.add("target");
    // In the pane that the style sheet hides, nothing can be scrolled to.
    if (!target.checkVisibility()) show([pair[1], pair[0]]);
    target.scrollIntoView();
  };

  // Keeps the function at the top of the screen there, or the one of its name in another program.
  const keepPlace = (change) => {
    const visible = () => Array.from(panes.querySelectorAll(".part[id]")).filter((one) => one.checkVisibility());
    const edge = top.getBoundingClientRect().bottom;
    const part = visible().find((one) => one.getBoundingClientRect().bottom > edge + 20);
    const before = part?.getBoundingClientRect().top;
    change();
    if (!part) return;
    const name = part.id.slice(part.id.indexOf("."));
    const same = part.checkVisibility() ? part : visible().find((one) => one.id.endsWith(name));
    if (same) scrollBy(0, same.getBoundingClientRect().top - (same === part ? before : Math.max(before, edge)));
  };

  form.addEventListener("change", ({ target: { name, value } }) => {
    const next = name === "left" ? [value, pair[1]] : [pair[0], value];
    // A program that is chosen for both sides changes places with the other one.
    keepPlace(() => show(next[0] === next[1] ? [pair[1], pair[0]] : next));
    storage.pair = pair.join("/");
    history.replaceState(null, "", `#${storage.pair}`);
    const isAlone = !document.getElementById(pair[0]).checkVisibility();
    announce(isAlone ? `${pair[1]} is shown` : `${pair[0]} is compared with ${pair[1]}`);
  });
  for (const part of panes.querySelectorAll(".part[id]")) {
    const [program, name] = part.id.split(".");
    const anchor = document.createElement("a");
    Object.assign(anchor, { className: "anchor", href: `#${part.id}`, textContent: "§", ariaLabel: `Link to ${name}, ${program}` });
    anchor.addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", `#${pair.join("/")}.${name}`);
      goTo(part);
    });
    part.prepend(anchor);
  }
  const measureTop = () => document.documentElement.style.setProperty("--top", `${top.offsetHeight}px`);
  new ResizeObserver(measureTop).observe(top);
  measureTop();
  addEventListener("hashchange", () => follow(location.hash));
  show(pair);
  follow(storage.pair ?? "");
  follow(location.hash);
}

// Keeps the pair that was chosen last for the next page, unless the browser refuses.
let storage = {};
try {
  storage = sessionStorage;
} catch { }

function linesOf(program) {
  return Array.from(document.getElementById(program).querySelectorAll(".code pre > span"));
}

function markDifferences(left, right) {
  for (const line of document.querySelectorAll(".differs")) line.classList.remove("differs");
  const counts = [[left, right], [right, left]].map(([name, other]) => {
    const differing = document.getElementById(name).getAttribute(`data-differs-from-${other}`);
    const ranges = differing?.match(/\d+-\d+/g) ?? [];
    const lines = ranges.map((range) => range.split("-")).flatMap(([from, to]) => linesOf(name).slice(from - 1, to));
    for (const line of lines) line.classList.add("differs");
    return lines.length;
  });
  const [aligned, counted] = document.querySelector("#comparison").children;
  // In some programs, functions come in another order.
  aligned.hidden = Array.from(document.querySelectorAll(`#${left} .part[id]`)).some((part) => {
    const same = document.getElementById(part.id.replace(left, right));
    return same && same.style.gridRow !== part.style.gridRow;
  });
  counted.textContent = Math.max(...counts) === 0 ? ""
    : `Lines that differ are marked with ≠: ${counts[0]} in ${left}, ${counts[1]} in ${right}.`;
}
