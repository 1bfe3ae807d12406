// The sequence diagram: time runs down, each side has its line, a message is an arrow with its name above. A message opens
// to its fields and octets. It is made of text and boxes, so it can be searched, read aloud, selected and printed.

const phaseTitles = {
  preparation: "Preparation: the connection, and what the scenario requires",
  scenario: "The scenario",
  afterwards: "Afterwards: the system has to prove that it is still sane",
  "clean-up": "Clean-up",
};

function diagram(role, timeline) {
  const connections = new Set(timeline.map(moment => moment.connection).filter(Boolean));
  const context = {role, several: connections.size > 1, last: 0, sides: sidesOf(role)};
  return element("div.diagram", {"data-role": role}, sidesHeader(context), phasesOf(timeline).map(phase => phaseBox(phase, context)));
}

// Role broker: the runner is the client. Role client: the runner asks the shim, the client talks to the simulated broker.
function sidesOf(role) {
  return role === "broker"
    ? [["client", "scenario", "plays the client"], ["broker", "broker", "under test"]]
    : [["runner", "scenario", "asks the shim"], ["client", "client", "under test"], ["broker", "broker", "simulated"]];
}

function sidesHeader(context) {
  return element("div.sides", {"aria-hidden": "true"}, element("span.time", {}, "time"),
    element("div.lanes", {}, context.sides.map(([key, name, what]) => element(`span.side.side-${key}`, {}, element("strong", {}, name), " ", what))));
}

function phaseBox(phase, context) {
  const own = phase.name === "scenario";
  const body = element("div.rows", {}, phase.rows.map(row => rowBox(row, context)), pauseUntil(endOf(phase), context));
  if (own && !phase.rows.length) append(body, [element("p.hint", {}, "It did not come to the first step.")]);
  return element("details.phase", {open: own || troubled(phase), "data-phase": phase.name},
    element("summary", {}, phaseTitles[phase.name] || phase.name,
      element("span.number", {}, plural(phase.rows.filter(row => row.kind === "message").length, "message"))), body);
}

function rowBox(row, context) {
  const boxes = [pauseUntil(row.at, context), rowOfKind(row, context)];
  if (row.kind === "message" && row.until !== undefined) context.last = row.until;
  return boxes;
}

const endOf = phase => Math.max(0, ...phase.rows.map(row => row.until || row.at || 0));

// A second or more in which nothing was said is a gap in the lines.
function pauseUntil(at, context) {
  if (at === undefined) return null;
  const pause = at - context.last;
  context.last = at;
  return pause >= 1 ? element("div.pause", {}, element("span", {}, `${seconds(pause)} pass`)) : null;
}

function rowOfKind(row, context) {
  switch (row.kind) {
    case "step": return stepRow(row);
    case "message": return messageRow(row, context);
    case "asked": return shimRow(row, "runner", "client", `ask ${row.value.op}`, row.value.with);
    case "answered": return answerRow(row);
    case "left_out": return element("div.pause", {}, element("span", {}, `${plural(row.count, "moment")} left out here`));
    default: return eventRow(row);
  }
}

// Steps that bend what passes, or turn the broker's knobs, stand out.
const stepLooks = {fault: "fault", release: "fault", wire: "fault", operate: "operator"};
const stepGlyphs = {fault: "⚡ ", operator: "⚙ "};

function stepRow(row) {
  const bad = row.outcome !== "done";
  const mark = bad ? element("span.glyph.v-fail", {"aria-hidden": "true"}, "✗") : element("span.glyph.v-pass", {"aria-hidden": "true"}, "✓");
  return element("div", {id: `step-${row.number}`, class: `step ${stepLooks[row.verb] || ""} ${bad ? "bad" : ""} ${row.outer ? "inner" : ""}`, tabindex: "-1"},
    element("span.time", {}, seconds(row.at)),
    element("div.step-text", {}, mark,
      element("code", {}, stepGlyphs[stepLooks[row.verb]], element("b", {}, row.verb), " ", flow(row.argument), Object.entries(row.modifiers || {}).map(([key, value]) => [element("span.modifier", {}, ` ${key}: `), flow(value)])),
      element("span.where", {}, row.file === "afterwards" || row.file === "cleanup" ? "" : `${row.file.split("/").pop()}:${row.line}`),
      bad && element("p.trouble", {}, row.message)));
}

const timeCell = at => element("span.time", {}, at === undefined ? "" : seconds(at));

function messageRow(row, context) {
  const label = [
    element("b", {}, row.name), row.frames.length > 1 && isHeartbeat(row.frames[0]) && ` × ${row.frames.length}`, " ",
    element("span.brief", {}, briefly(row.fields), row.body_size ? ` · ${bodyInBrief(row)}` : ""),
  ];
  const where = [context.several && row.connection, row.channel > 0 && `ch ${row.channel}`].filter(Boolean).join(" · ");
  const box = arrowBox(row.at, row.from, row.from === "client" ? "broker" : "client", label, where, () => messageDetails(row));
  if (row.trouble) box.classList.add("bad");
  if (row.taken_by) box.dataset.takenBy = row.taken_by;
  return box;
}

function bodyInBrief(row) {
  const octets = octetsOf(row.body.slice(0, 80));
  return `${plural(row.body_size, "octet")}${octets.length && octets.every(printable) ? ` “${asText(row.body.slice(0, 80))}${row.body_size > 40 ? "…" : ""}”` : ""}`;
}

function shimRow(row, from, to, name, value) {
  const label = [element("b", {}, name), " ", element("span.brief", {}, briefly(value))];
  const box = arrowBox(row.at, from, to, label, "", () => [fieldTable(isObject(value) ? value : {value})]);
  box.classList.add("shim");
  return box;
}

function answerRow(row) {
  const said = row.value;
  if (said.event) return shimRow(row, "client", "runner", `observes ${said.event}`, said.with || {});
  const kind = ["result", "error", "unsupported"].find(each => each in said);
  const box = shimRow(row, "client", "runner", `${kind} of ${said.id}`, said[kind]);
  if (kind === "error") box.classList.add("error");
  return box;
}

// Closed, a row is one line; its details are made when it is opened for the first time.
function arrowBox(at, from, to, label, where, details) {
  const box = element("details.message", {class: `message from-${from} to-${to}`},
    element("summary", {}, timeCell(at),
      element("div.lanes", {}, element("span.label", {}, where && element("span.place", {}, where), label), element("span.arrow", {"aria-label": `from ${from} to ${to}`, role: "img"}))));
  box.addEventListener("toggle", () => {
    if (box.open && box.children.length === 1) box.append(element("div.details", {}, details()));
  });
  return box;
}

function messageDetails(row) {
  const frames = isHeartbeat(row.frames[0]) ? row.frames.slice(0, 1) : row.frames;
  return frames.map(frame => element("section.frame", {},
    element("h4", {}, headingOf(frame), element("span.hint", {}, ` channel ${frame.channel ?? "–"}, ${plural(frame.size, "octet")}`)),
    frame.trouble && element("p.trouble", {}, frame.trouble),
    frame.fields && fieldTable(frame.fields),
    frame.type === "header" && fieldTable({class_id: frame.class_id, body_size: frame.body_size, properties: frame.properties || {}}),
    hexDump(frame)));
}

const headingOf = frame => (frame.kind !== "frame" ? frame.kind.replace("_", " ") : frame.type === "method" ? `method ${frame.name || ""}` : frame.type === "header" ? "content header" : frame.type === "body" ? "content body" : nameOfFrame(frame));

const eventTexts = {
  opened: row => `connection ${row.connection} is opened`,
  ended: row => `connection ${row.connection}: the system under test ends the transport`,
  dropped: row => `connection ${row.connection}: the transport is dropped from this side`,
  exited: row => `the shim ended: ${row.text}`,
  struck: row => `fault strikes: ${row.text || flow(row.value)}`,
  breach: row => `never allowed: ${row.text}`,
  no_frame: row => `${plural(row.value.size, "octet")} of the ${row.text} never became a frame: ${row.value.octets}`,
};
const eventGlyphs = {opened: "◦", ended: "•", dropped: "•", exited: "•", struck: "⚡", breach: "✗", no_frame: "✗"};

function eventRow(row) {
  const text = (eventTexts[row.kind] || (() => `${row.kind} ${row.text || ""} ${row.value === undefined ? "" : flow(row.value)}`))(row);
  return element("div.event", {class: `event e-${row.kind}`}, timeCell(row.at),
    element("div.lanes", {}, element("span.event-text", {}, element("span.glyph", {"aria-hidden": "true"}, eventGlyphs[row.kind] || "•"), text)));
}
