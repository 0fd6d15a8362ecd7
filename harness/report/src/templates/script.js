// The one script of the site. Without it, all programs of a listing are shown one under the other.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  setUpCopying();
  setUpSearching();
  if (document.querySelector(".panes")) setUpPanes();
  if (document.querySelector(".play")) setUpPlaying();
});

// The text is removed first, so that the same text is announced again.
function announce(text) {
  const announcement = document.querySelector("#announcement");
  announcement.textContent = "";
  setTimeout(() => { announcement.textContent = text; }, 50);
}

// Searching. The address has the text, as in ?q=lock. The documents are loaded when they are needed.

function setUpSearching() {
  const form = document.querySelector(".search");
  const field = form.elements.q;
  const results = document.querySelector("#results");
  let loading = null;
  let saying = 0;
  // Where the reader was before the search: the element with the focus, and the height.
  let before = null;

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
    clearTimeout(saying);
    if (query) await (loading ??= load());
    // Another letter may have come meanwhile.
    if (query !== field.value.trim()) return;
    results.hidden = !query;
    if (!query) return;
    const found = showFound(results, query);
    saying = setTimeout(announce, 500, found);
  };
  const close = () => {
    field.value = "";
    show();
    field.blur();
    before?.element.focus({ preventScroll: true });
    scrollTo(0, before?.top ?? 0);
    before = null;
  };

  field.addEventListener("input", show);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await show();
    results.querySelector("a")?.click();
  });
  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, altKey, metaKey } = event;
    const stops = [field, ...results.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (key === "/" && target !== field && !ctrlKey && !altKey && !metaKey) {
      before = { element: document.activeElement, top: scrollY };
      field.focus();
      field.select();
    } else if (key === "Escape" && at >= 0) {
      close();
    } else if (step && at >= 0 && !results.hidden) {
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
  for (const place of document.querySelectorAll(".file, .command")) {
    const isCommand = place.matches(".command");
    const what = isCommand ? "the command" : "the program";
    const program = place.closest("article");
    const label = `Copy ${what}, ${program.id}`;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: "Copy", ariaLabel: label });
    button.dataset.what = what;
    button.addEventListener("click", async () => {
      const parts = isCommand ? place.querySelectorAll("code") : program.querySelectorAll(".code pre");
      const isCopied = await copy(Array.from(parts, (part) => part.textContent).join(""));
      button.textContent = isCopied ? "Copied" : "Select it, and copy by hand";
      button.removeAttribute("aria-label");
      announce(isCopied ? `Copied ${what}` : "Copying is not possible here");
      setTimeout(() => Object.assign(button, { textContent: "Copy", ariaLabel: label }), 2000);
    });
    place.append(button);
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that comes by plain http has no clipboard.
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
}

// Two panes. The address names them and, after a full stop, a function: #python/tokio.main_async.
// An address with one program, like #smol, #smol.main_async or the line #smol:12, leaves the other
// pane as it is. Where there is no room for two, the style sheet hides the left one.

function setUpPanes() {
  const panes = document.querySelector(".panes");
  const form = document.querySelector(".choice");
  const top = document.querySelector(".top");
  const programs = Array.from(document.querySelectorAll(".program"));
  const names = programs.map((program) => program.id);
  const shown = { left: panes.querySelector(".left").id, right: panes.querySelector(".right").id };

  const show = (left, right) => {
    Object.assign(shown, { left, right });
    for (const program of programs) {
      program.classList.toggle("left", program.id === left);
      program.classList.toggle("right", program.id === right);
    }
    // The order for a keyboard and a screen reader. Moving an element would take its focus away.
    const [first, second] = [left, right].map((name) => document.getElementById(name));
    if (panes.children[0] !== first || panes.children[1] !== second) panes.prepend(first, second);
    form.elements.left.value = left;
    form.elements.right.value = right;
    markDifferences(left, right);
  };

  const choose = (side, name) => {
    const other = side === "left" ? "right" : "left";
    const next = { ...shown, [side]: name };
    // A program that is chosen for both sides changes places with the other one.
    if (next[other] === name) next[other] = shown[side];
    show(next.left, next.right);
  };

  const follow = () => {
    const [, choice, mark, place] = location.hash.match(/^#?([^.:]*)(.?)(.*)/);
    const [left, right] = choice.split("/");
    if (names.includes(left) && names.includes(right) && left !== right) {
      show(left, right);
    } else if (names.includes(choice) && choice !== shown.left && choice !== shown.right) {
      choose("right", choice);
    } else if (!names.includes(choice)) {
      return;
    }
    // Of two programs, only the left one may have the function.
    const find = (name) => mark === ":" ? linesOf(name)[place - 1] : document.getElementById(name + mark + place);
    goTo([right, left].filter(Boolean).map(find).find(Boolean), mark || !right);
  };

  // The browser itself finds no target in an address with two programs.
  const goTo = (target, isWanted = true) => {
    document.querySelector(".target")?.classList.remove("target");
    if (!target || !isWanted) return;
    target.classList.add("target");
    // In a pane that is not shown, nothing can be scrolled to.
    if (!target.checkVisibility()) choose("right", target.closest(".program").id);
    target.scrollIntoView();
  };

  // Keeps the function at the top of the screen there, or the one of its name in another program.
  const keepPlace = (change) => {
    const edge = top.getBoundingClientRect().bottom;
    const parts = Array.from(panes.querySelectorAll(".part[id]"));
    const part = parts.find((one) => one.checkVisibility() && one.getBoundingClientRect().bottom > edge + 20);
    const before = part?.getBoundingClientRect().top;
    change();
    if (!part || before > innerHeight) return;
    const name = part.id.slice(part.id.indexOf("."));
    const same = [part, ...names.map((one) => document.getElementById(one + name))].find((one) => one?.checkVisibility());
    if (same) scrollBy(0, same.getBoundingClientRect().top - (same === part ? before : Math.max(before, edge)));
  };

  form.addEventListener("change", (event) => {
    keepPlace(() => choose(event.target.name, event.target.value));
    const pair = `${shown.left}/${shown.right}`;
    rememberedPair(pair);
    history.replaceState(null, "", `#${pair}`);
    const hasTwo = form.querySelector(".left").checkVisibility();
    announce(hasTwo ? `Left: ${shown.left}. Right: ${shown.right}.` : `Shown: ${shown.right}.`);
  });
  for (const part of panes.querySelectorAll(".part[id]")) {
    const [program, name] = part.id.split(".");
    const anchor = document.createElement("a");
    Object.assign(anchor, { className: "anchor", href: `#${part.id}`, textContent: "§", ariaLabel: `Link to ${name}, ${program}` });
    anchor.addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", `#${shown.left}/${shown.right}.${name}`);
      goTo(part);
    });
    part.prepend(anchor);
  }
  const measureTop = () => document.documentElement.style.setProperty("--top", `${top.offsetHeight}px`);
  new ResizeObserver(measureTop).observe(top);
  measureTop();
  addEventListener("hashchange", follow);
  const pair = rememberedPair().split("/");
  show(...(pair.every((name) => names.includes(name)) ? pair : [shown.left, shown.right]));
  follow();
}

function linesOf(program) {
  return document.getElementById(program).querySelectorAll(".code pre > span");
}

// The pair that was chosen last, also on another page. A browser may refuse to store it.
function rememberedPair(pair) {
  try {
    if (pair) sessionStorage.pair = pair;
    return sessionStorage.pair ?? "";
  } catch {
    return "";
  }
}

function markDifferences(left, right) {
  for (const line of document.querySelectorAll(".differs")) line.classList.remove("differs");
  const counts = [[left, right], [right, left]].map(([name, other]) => {
    const program = document.getElementById(name);
    const differing = program.getAttribute(`data-differs-from-${other}`);
    if (differing === null) return null;
    const lines = linesOf(name);
    const numbers = differing.split(" ").filter(Boolean);
    for (const number of numbers) lines[number - 1].classList.add("differs");
    return numbers.length;
  });
  const note = document.querySelector("#comparison");
  const [aligned, counted] = note.children;
  // In some programs, functions come in another order.
  const rows = [left, right].map((name) => Array.from(document.querySelectorAll(`#${name} .part[id]`),
    (part) => [part.id.replace(`${name}.`, ""), part.style.gridRow]));
  const others = new Map(rows[1]);
  aligned.hidden = rows[0].some(([name, row]) => others.has(name) && others.get(name) !== row);
  counted.textContent = counts.includes(null) ? ""
    : `Lines that differ are marked with ≠: ${counts[0]} in ${left}, ${counts[1]} in ${right}.`;
}

// Playing: the lines of both panes appear when they came.

function setUpPlaying() {
  const button = document.querySelector(".play");
  const timeline = document.querySelector(".timeline");
  const end = Number(timeline.dataset.end);
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");
  let stop = null;

  const play = () => {
    const lines = Array.from(document.querySelectorAll(".left .output li, .right .output li"));
    const playheads = stillness.matches ? [] : addPlayheads(timeline);
    const began = performance.now();
    // Timers of the same millisecond fire in the order in which they were set.
    lines.sort((one, other) => one.dataset.at - other.dataset.at);
    const timers = lines.map((line) => {
      line.classList.add("awaited");
      return setTimeout(() => line.classList.remove("awaited"), Number(line.dataset.at) * 1000);
    });
    let frame = 0;
    const move = () => {
      const seconds = Math.min((performance.now() - began) / 1000, end);
      for (const playhead of playheads) playhead.style.left = `${(seconds / end) * 100}%`;
      frame = requestAnimationFrame(move);
    };
    if (playheads.length > 0) move();
    stop = () => {
      timers.forEach(clearTimeout);
      cancelAnimationFrame(frame);
      for (const playhead of playheads) playhead.remove();
      for (const line of lines) line.classList.remove("awaited");
      button.textContent = "Play";
      stop = null;
    };
    timers.push(setTimeout(() => { stop(); announce("Played"); }, end * 1000 + 300));
    button.textContent = "Stop";
  };

  button.addEventListener("click", () => (stop ? stop() : play()));
  document.querySelector(".choice").addEventListener("change", () => stop?.());
  addEventListener("hashchange", () => stop?.());
}

function addPlayheads(timeline) {
  return Array.from(timeline.querySelectorAll(".bands .track"), (track) => {
    const playhead = document.createElement("span");
    playhead.className = "playhead";
    track.append(playhead);
    return playhead;
  });
}
