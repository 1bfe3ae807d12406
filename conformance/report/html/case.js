// One scenario on one system: what it asks and by which clause, the verdict, what was expected and what came, the steps,
// the conversation, and the command that repeats it.

let drawnCase = null;

async function renderCase(view) {
  const scenario = scenarios[indexOfScenario.get(view.case)];
  const page = byId("case");
  if (!scenario) return replaceChildren(page, backLink(view), element("p.empty", {}, `There is no scenario ${view.case} in this report.`));
  const columns = systemsOf(scenario.role);
  const system = columns.find(each => each.index === view.system) || columns.find(each => scenario.cells[each.index]) || columns[0];
  const cell = scenario.cells[system.index];
  drawnCase = `${scenario.index}.${system.index}`;
  document.title = `${scenario.id} · ${systemTitle(system)}`;
  const conversation = element("section.conversation", {"aria-busy": "true"}, element("p.hint", {}, "unpacking …"));
  replaceChildren(page,
    caseNavigation(view, scenario, system),
    caseHeader(scenario),
    element("div.case-columns", {},
      element("div.case-main", {}, verdictPanel(scenario, system, cell), clausePanel(scenario), conversation),
      systemList(view, scenario, columns, system)));
  try {
    const told = (await conversationsOf(scenario))[system.index];
    if (drawnCase !== `${scenario.index}.${system.index}`) return;
    replaceChildren(conversation, conversationPanels(scenario, cell, told || {}));
  } catch (error) {
    replaceChildren(conversation, element("p.empty", {}, String(error.message || error)));
  }
  conversation.removeAttribute("aria-busy");
}

const backLink = view => element("a.back", {href: addressOf(changed(view, {case: null, system: null}))}, "← all scenarios");

function caseNavigation(view, scenario, system) {
  const list = chosen(view).length && chosen(view).includes(scenario) ? chosen(view) : scenarios.filter(each => each.role === scenario.role);
  const at = list.indexOf(scenario);
  const way = (index, arrow, word, key) => {
    const label = [arrow, element("span.word", {}, ` ${word}`)];
    const other = list[index];
    return other
      ? element("a.way", {href: addressOf(changed(view, {case: other.id, system: system.index})), "data-key": key, title: `${other.id}  (${key})`, "aria-label": `${word} scenario`}, label)
      : element("span.way", {"aria-disabled": "true"}, label);
  };
  return element("nav.case-navigation", {"aria-label": "scenarios"}, backLink(view),
    element("span.position", {}, `${at + 1} of ${list.length}`), way(at - 1, "↑", "previous", "k"), way(at + 1, "↓", "next", "j"));
}

function caseHeader(scenario) {
  return element("header.case-header", {},
    element("h1", {tabindex: "-1"}, breakable(scenario.id)),
    element("p.case-facts", {}, levelBadge(scenario.level), element("span", {}, scenario.family), element("code.where", {}, `${scenario.file}:${scenario.line}`)),
    scenario.title && element("p.case-title", {}, scenario.title),
    scenario.notes && element("p.case-notes", {}, withLinks(scenario.notes)));
}

const withLinks = text => text.split(/(https?:\/\/[^\s)>\]]+)/).map((part, i) => (i % 2 ? link(part) : part));

function verdictPanel(scenario, system, cell) {
  if (!cell) return element("section.verdict.v-none", {}, element("p", {}, `${systemTitle(system)} was not asked this.`));
  const looks = looksOf(cell.verdict);
  const compare = cell.expected || cell.got;
  return element(`section.verdict.v-${looks.key}`, {"aria-label": "verdict"},
    element("div.verdict-head", {}, element("span.glyph.big", {"aria-hidden": "true"}, looks.glyph),
      element("div", {}, element("h2", {}, cell.verdict), element("p", {}, systemTitle(system), ", after ", seconds(cell.seconds)))),
    cell.message && !compare && element("p.message-text", {}, cell.message),
    compare && element("dl.compare", {},
      element("div.expected", {}, element("dt", {}, "expected"), element("dd", {}, cell.expected)),
      element("div.came", {}, element("dt", {}, "came"), element("dd", {}, cell.got))),
    cell.file && cell.verdict !== "pass" && element("p.where", {}, "decided at ", element("code", {}, `${cell.file}:${cell.line}`)),
    cell.reason && element("p.reason", {}, element("b", {}, "Known: "), cell.reason, " ", cell.link && link(cell.link)));
}

function clausePanel(scenario) {
  if (!scenario.clauses.length) return null;
  return element("section.panel.clauses", {}, element("h2", {}, scenario.clauses.length > 1 ? "Clauses" : "Clause"),
    scenario.clauses.map(id => {
      const requirement = requirements[id];
      return element("div.clause", {}, element("code", {}, id),
        requirement && element("span.hint", {}, ` ${requirement.level}, ${requirement.role} · ${requirement.clause}`),
        requirement && element("p", {}, requirement.statement),
        requirement && requirement.rabbitmq && element("p.aside", {}, element("b", {}, "RabbitMQ: "), requirement.rabbitmq));
    }));
}

function systemList(view, scenario, columns, system) {
  return element("aside.systems", {"aria-label": "systems"}, element("h2", {}, "Systems"), element("ul", {}, columns.map(each => {
    const cell = scenario.cells[each.index];
    const looks = looksOf(cell && cell.verdict);
    return element("li", {}, element("a", {href: addressOf(changed(view, {case: scenario.id, system: each.index})), "aria-current": each === system ? "true" : null, title: cell ? cell.verdict : noVerdict.meaning},
      element(`span.cell.v-${looks.key}`, {"aria-hidden": "true"}, looks.glyph), element("span", {}, each.name, " ", element("span.version", {}, [each.version, each.detail].filter(Boolean).join(" "))),
      element("span.unseen", {}, cell ? cell.verdict : noVerdict.meaning)));
  })));
}

function conversationPanels(scenario, cell, told) {
  const timeline = told.timeline || [];
  const drawn = timeline.length ? diagram(scenario.role, timeline) : null;
  if (drawn) markWhatFailed(drawn, timeline);
  return [
    stepsPanel(scenario, timeline),
    element("section.panel", {}, element("div.panel-head", {}, element("h2", {}, "Conversation"), drawn && diagramTools(drawn)),
      drawn ? [drawn, diagramLegend(scenario.role)]
        : element("p.empty", {}, cell ? "The conversation was not recorded: run with --json-frames, or with --html." : "There was none.")),
    told.stderr && element("section.panel", {}, element("h2", {}, "What the shim wrote to stderr"), element("pre.stderr", {tabindex: "0"}, told.stderr)),
    told.repeat && repeatPanel(told.repeat),
  ];
}

function repeatPanel(command) {
  const code = element("code", {}, command);
  return element("section.panel.repeat", {}, element("h2", {}, "Once more"), element("div.command", {}, code, copyButton(command, code)));
}

// The message that the failing step looked at is what came instead.
function markWhatFailed(drawn, timeline) {
  const failed = timeline.find(moment => moment.kind === "step" && moment.outcome !== "done" && moment.verb !== "repeat");
  if (!failed) return;
  for (const box of drawn.querySelectorAll(`[data-taken-by="${failed.number}"]`)) {
    box.classList.add("came");
    box.querySelector(".label").append(element("span.note", {}, "this came"));
  }
}

function stepsPanel(scenario, timeline) {
  if (!scenario.steps || !scenario.steps.length) return null;
  const ran = ranByLine(timeline);
  const known = timeline.length > 0;
  return element("section.panel", {}, element("h2", {}, "Steps"), element("ol.steps", {}, stepLines(scenario.steps).map(line => {
    const run = ran.get(line.line);
    const state = !known ? "" : !run ? "unreached" : run.outcome === "done" ? "done" : "bad";
    const first = line.mark === "- ";  // of the step's lines
    const glyph = first ? {done: "✓", bad: "✗", unreached: "·"}[state] || "" : "";
    const text = element("code", {}, " ".repeat(line.depth), line.mark, element("b", {}, line.text), ": ", line.value);
    return element("li", {class: state}, element("span.glyph", {title: {unreached: "not reached", bad: "failed", done: "done"}[state]}, glyph),
      first && run ? element("a", {href: "#", onclick: event => jumpToStep(event, run.number)}, text) : text,
      first && run && run.times > 1 && element("span.hint", {}, ` × ${run.times}`));
  })));
}

function jumpToStep(event, number) {
  event.preventDefault();
  const step = byId(`step-${number}`);
  if (!step) return;
  step.closest("details").open = true;
  step.scrollIntoView({block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
  step.focus({preventScroll: true});
}

function diagramTools(drawn) {
  const button = element("button.quiet", {type: "button", "aria-pressed": "false", "data-key": "x", title: "x", onclick: () => {
    const open = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(open));
    for (const box of drawn.querySelectorAll(open ? "details" : "details.message")) box.open = open;
  }}, "all details");
  return button;
}

function diagramLegend(role) {
  const key = (side, arrow, text) => element("span", {}, element(`span.key-${side}`, {"aria-hidden": "true"}, arrow), ` ${text}`);
  return element("p.legend", {}, key("client", "→", "of the client"), key("broker", "←", "of the broker"),
    role === "client" && key("shim", "⇠", "between scenario and shim"), element("span.hint", {}, "A message opens to its fields and octets."));
}
