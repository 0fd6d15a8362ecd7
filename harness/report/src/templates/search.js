// How the library searches, and how a page shows what it finds. Loaded when the search is first used.

// What a document counts, by its kind.
const KINDS = { phrasebook: 4, listing: 3, goal: 3, difference: 2, chapter: 1, code: 0.1 };
const WORD = /[\p{L}\p{N}_]+/gu;

function wordsOf(text) {
  return text.match(WORD) ?? [];
}

// The parts of names: spawn and blocking of spawn_blocking, Thread and Pool of ThreadPool.
function partsOf(text) {
  const parts = (word) => word.replace(/([a-z\d])(?=[A-Z])/g, "$1_").split("_");
  return wordsOf(text).filter((word) => parts(word).length > 1).flatMap(parts).join(" ");
}

function makeSearch(groups) {
  const documents = groups.flatMap(([[kind, page, place], rows]) => rows.map(([fragment, name, text]) =>
    ({ kind, address: page + fragment, name, text, place, parts: partsOf(`${name} ${text}`) })));
  documents.forEach((document, id) => { document.id = id; });
  const index = new MiniSearch({
    fields: ["name", "text", "place", "parts"],
    tokenize: wordsOf,
    searchOptions: {
      combineWith: "AND",
      prefix: true,
      boost: { name: 4, place: 0.3, parts: 0.3 },
      boostDocument: (id) => KINDS[documents[id].kind],
    },
  });
  index.addAll(documents);
  return (query) => {
    // The name of a column and its cell, tokio: process, are no phrase.
    const words = wordsOf(query).join("(?:\\s+|[^\\s\\w]+)");
    const [phrase, full] = ["(?<!\\w)", "(?:threading\\.|asyncio\\.|multiprocessing\\.|::)"]
      .map((start) => new RegExp(`${start}${words}(?!\\w)`, /\p{Lu}/u.test(query) ? "" : "i"));
    // A full name counts most, then whole words in the order of the query. Send is not send.
    const score = ({ id, score }) => {
      const text = `${documents[id].name} ${documents[id].text}`;
      return score * (full.test(text) ? 8 : phrase.test(text) ? 4 : 1);
    };
    const found = index.search(query);
    return found.sort((one, other) => score(other) - score(one)).map(({ id }) => documents[id]);
  };
}

// Replaces the page's content by what is found, and returns a sentence about it.
function showFound(place, query, most = 50) {
  const found = search(query);
  const heading = document.createElement("h1");
  heading.textContent = `${found.length || "No"} result${found.length === 1 ? "" : "s"} for “${query}”`;
  const list = document.createElement("ol");
  const marked = new RegExp(`((?<![\\p{L}\\p{N}])(?:${wordsOf(query).join("|")}))`, "iu");
  for (const { kind, address, name, place, text } of found.slice(0, most)) {
    const item = list.appendChild(document.createElement("li"));
    const link = item.appendChild(document.createElement("a"));
    link.href = address;
    const isCode = ["phrasebook", "code"].includes(kind);
    mark(isCode ? link.appendChild(document.createElement("code")) : link, name, marked);
    item.appendChild(document.createElement("small")).textContent = `${kind}, ${place}`;
    mark(item.appendChild(document.createElement("p")), excerpt(text, marked), marked);
  }
  place.replaceChildren(heading, list);
  return heading.textContent + (found.length ? `. The first: ${found[0].name}` : "");
}

// Adds text in which each second part, that of the query, is marked.
function mark(element, text, marked) {
  text.split(marked).forEach((part, at) => {
    const parent = at % 2 ? element.appendChild(document.createElement("mark")) : element;
    parent.append(part);
  });
}

// A line of the text, around the first place that has a word of the query.
function excerpt(text, marked) {
  const start = text.search(marked) < 80 ? 0 : text.indexOf(" ", text.search(marked) - 60);
  return (start ? "…" : "") + text.slice(start, start + 140) + (start + 140 < text.length ? "…" : "");
}
