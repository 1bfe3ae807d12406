// Values as people read them: steps as the YAML of a scenario, fields of a method as a table, octets as a hex dump.

const plainWord = /^[A-Za-z_$][\w.$()/-]*$/;

// YAML on one line: {queue.declare: {queue: $id, exclusive: true}}
function flow(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object") {
    return `{${Object.entries(value).map(([key, part]) => `${flow(key)}: ${flow(part)}`).join(", ")}}`;
  }
  if (typeof value !== "string") return String(value);
  if (plainWord.test(value) && !["true", "false", "null", "yes", "no"].includes(value)) return value;
  return JSON.stringify(value);
}

// The steps of a scenario as lines: {depth, text, line}
function stepLines(steps, depth = 0) {
  return (steps || []).flatMap(step => {
    const inner = stepLines(step.steps, depth + 2);
    const argument = step.argument;
    const own = [{depth, mark: "- ", text: step.verb, value: flow(argument), line: step.line}];
    const modifiers = Object.entries(step.modifiers || {}).map(([key, value]) => ({depth, mark: "  ", text: key, value: flow(value), line: step.line}));
    return [...own, ...modifiers, ...inner];
  });
}

const isObject = value => value !== null && typeof value === "object";
const isEmpty = value => value === "" || value === false || value === 0 || value === null || (isObject(value) && Object.keys(value).length === 0);

// What an arrow says of a frame: the fields that are not zero, empty or false.
function briefly(fields) {
  return Object.entries(fields || {}).filter(([, value]) => !isEmpty(value))
    .map(([name, value]) => `${name}=${isObject(value) ? flow(value) : typeof value === "string" ? `“${value}”` : value}`).join(" ");
}

function fieldTable(fields) {
  const entries = Object.entries(fields || {});
  if (!entries.length) return element("p.hint", {}, "no fields");
  return element("table.fields", {}, element("tbody", {}, entries.map(([name, value]) => element("tr", isEmpty(value) ? {class: "zero"} : {},
    element("th", {scope: "row"}, name),
    element("td", {}, isObject(value) && Object.keys(value).length ? fieldTable(value) : shownValue(value))))));
}

function shownValue(value) {
  if (value === "") return element("span.hint", {}, "empty");
  if (isObject(value)) return element("span.hint", {}, Array.isArray(value) ? "empty list" : "empty table");
  return String(value);
}

const octetsOf = hex => (hex.match(/../g) || []).map(pair => parseInt(pair, 16));
const printable = octet => octet >= 0x20 && octet < 0x7f;
const asText = hex => new TextDecoder().decode(Uint8Array.from(octetsOf(hex)));

// Sixteen octets a line, with the parts of a frame told apart: type, channel, size, payload, frame-end.
function hexDump(moment) {
  const octets = octetsOf(moment.octets);
  const lines = [];
  for (let from = 0; from < octets.length; from += 16) {
    const some = octets.slice(from, from + 16);
    const cells = some.map((octet, i) => element(`span.o-${partOfFrame(moment, from + i)}`, {}, octet.toString(16).padStart(2, "0")));
    lines.push(element("span.offset", {}, from.toString(16).padStart(4, "0")), "  ",
      cells.flatMap((cell, i) => [cell, i === 7 ? "  " : " "]), " ".repeat((16 - some.length) * 3 + (some.length < 8 ? 1 : 0)), " ",
      element("span.ascii", {}, some.map(octet => (printable(octet) ? String.fromCharCode(octet) : "·")).join("")), "\n");
  }
  const rest = moment.size - octets.length;
  return element("pre.hex", {tabindex: "0", "aria-label": `${moment.size} octets in hexadecimal`}, lines, rest > 0 && `… and ${rest} more octets\n`);
}

function partOfFrame(moment, at) {
  if (moment.kind !== "frame") return "payload";
  if (at === moment.size - 1) return "end";
  return at === 0 ? "type" : at < 3 ? "channel" : at < 7 ? "size" : "payload";
}
