// Elements, text and glyphs. All that comes from outside gets into the page here, as text and never as markup.

// element("a.link", {href: "#"}, "text", another): classes after dots; `on...` are listeners; null children are left out.
function element(kind, attributes, ...children) {
  const [tag, ...classes] = kind.split(".");
  const made = document.createElement(tag || "div");
  if (classes.length) made.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, what] of Object.entries(value)) made.style.setProperty(key, what);
    else made.setAttribute(name, value === true ? "" : value);
  }
  append(made, children);
  return made;
}

function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

function replaceChildren(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

const byId = id => document.getElementById(id);

// A verdict is told by a glyph and a word, never by colour alone.
const verdicts = {
  "pass": {glyph: "✓", key: "pass", meaning: "did what the scenario expects"},
  "fail": {glyph: "✗", key: "fail", meaning: "did something else"},
  "unexpected pass": {glyph: "‼", key: "surprise", meaning: "passed where a known failure was foretold"},
  "warning": {glyph: "!", key: "warning", meaning: "does not keep a SHOULD or MAY; told, and not held against the system"},
  "expected failure": {glyph: "≈", key: "foretold", meaning: "failed as a deviation file foretells, with its reason"},
  "inconclusive": {glyph: "?", key: "unclear", meaning: "trouble of the runner; nothing is known"},
  "unsupported": {glyph: "–", key: "unsupported", meaning: "cannot be asked of this system"},
};
const noVerdict = {glyph: "·", key: "none", meaning: "was not asked"};
const levels = {
  MUST: "the specification demands it",
  SHOULD: "the specification recommends it",
  MAY: "the specification allows it",
  EXTENSION: "an extension of RabbitMQ",
  ROBUST: "no clause, but to crash or hang is never right",
};

const looksOf = verdict => verdicts[verdict] || noVerdict;

function badge(verdict) {
  const looks = looksOf(verdict);
  return element(`span.badge.v-${looks.key}`, {title: looks.meaning}, element("span.glyph", {"aria-hidden": "true"}, looks.glyph), verdict);
}

const levelBadge = level => element(`span.level.l-${level.toLowerCase()}`, {title: levels[level]}, level);

// Only what is a page of the web becomes a link; a report must not run what a file of deviations says.
function link(address) {
  return /^https?:\/\//.test(address)
    ? element("a", {href: address, rel: "noreferrer noopener", target: "_blank"}, address)
    : element("span", {}, address);
}

function seconds(value) {
  if (value >= 86400) return trimmed(value / 86400) + " d";
  if (value >= 3600) return trimmed(value / 3600) + " h";
  if (value >= 120) return trimmed(value / 60) + " min";
  if (value >= 1 || value === 0) return trimmed(value) + " s";
  return value >= 0.001 ? trimmed(value * 1000) + " ms" : Math.round(value * 1e6) + " µs";
}

const trimmed = value => String(Math.round(value * 100) / 100);
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// A button that copies text. Where the clipboard is closed to files, the text gets selected.
function copyButton(text, source) {
  const button = element("button.quiet.copy", {type: "button", onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "selected";
    }
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  }}, "copy");
  return button;
}
