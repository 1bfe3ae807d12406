// The matrix: a row a scenario, a column a system. Cells are links to the case. The arrow keys walk over them; one cell at
// a time is in the tab order.

let drawnFor = "";
let rows = new Map();  // scenario index -> its row

function renderMatrix(view) {
  const columns = shownSystems(view);
  const key = view.role + columns.map(system => system.index);
  if (key !== drawnFor) drawMatrix(view.role, columns);
  drawnFor = key;
  const shown = new Set(chosen(view));
  const families = new Map();
  for (const [index, row] of rows) {
    row.hidden = !shown.has(scenarios[index]);
    if (!row.hidden) families.set(scenarios[index].family, (families.get(scenarios[index].family) || 0) + 1);
  }
  for (const body of byId("matrix").tBodies) {
    const count = families.get(body.dataset.family) || 0;
    body.hidden = count === 0;
    body.querySelector(".family-count").textContent = plural(count, "scenario");
  }
  const total = rows.size;
  byId("shown").textContent = shown.size === total ? plural(total, "scenario") : `${shown.size} of ${plural(total, "scenario")}`;
  byId("clear").hidden = !isFiltered(view);
  byId("nothing").hidden = shown.size > 0 && columns.length > 0;
  byId("matrix").hidden = shown.size === 0 || columns.length === 0;
  keepOneCellInTabOrder();
}

function drawMatrix(role, columns) {
  rows = new Map();
  const table = byId("matrix");
  table.style.setProperty("--systems", columns.length);
  table.classList.toggle("few", columns.length <= 4);
  const families = new Map();
  for (const scenario of scenarios.filter(each => each.role === role)) {
    if (!families.has(scenario.family)) families.set(scenario.family, []);
    families.get(scenario.family).push(scenario);
  }
  const head = element("thead", {role: "rowgroup"}, element("tr", {role: "row"},
    element("th.corner", {role: "columnheader", scope: "col"}, "scenario"),
    columns.map(system => element("th.system", {role: "columnheader", scope: "col", title: system.peer},
      element("span", {}, system.name, " ", element("small", {}, [system.version, system.detail].filter(Boolean).join(" ")))))));
  replaceChildren(table, head, [...families].map(([family, members]) =>
    element("tbody", {role: "rowgroup", "data-family": family, style: {"contain-intrinsic-size": `auto ${members.length * 26 + 50}px`}},
      element("tr.family", {role: "row"}, element("th", {role: "rowheader", scope: "rowgroup", colspan: columns.length + 1},
        family, element("span.family-count", {}))),
      members.map(scenario => matrixRow(scenario, columns)))));
}

function matrixRow(scenario, columns) {
  const row = element("tr", {role: "row"},
    element("th.scenario", {role: "rowheader", scope: "row", title: scenario.title || scenario.notes},
      element("span.id", {}, breakable(scenario.id)), levelBadge(scenario.level)),
    columns.map(system => element("td", {role: "gridcell"}, matrixCell(scenario, system))));
  rows.set(scenario.index, row);
  return row;
}

function matrixCell(scenario, system) {
  const cell = scenario.cells[system.index];
  const looks = looksOf(cell && cell.verdict);
  if (!cell) return element("span.cell.v-none", {title: `${systemTitle(system)}: was not asked`}, looks.glyph);
  const name = `${scenario.id}, ${systemTitle(system)}: ${cell.verdict}`;
  return element(`a.cell.v-${looks.key}`, {href: "#", tabindex: "-1", "aria-label": name, "data-at": `${scenario.index}.${system.index}`}, looks.glyph);
}

// There are thousands of cells: the table listens for all of them. Their addresses depend on the filters, and their
// titles are long; both are made when somebody comes near.
function approachCell(event) {
  const cell = event.target.closest("a.cell");
  if (!cell) return;
  const [scenario, system] = cell.dataset.at.split(".").map(Number);
  const {verdict, message} = scenarios[scenario].cells[system];
  cell.href = addressOf(changed(currentView, {case: scenarios[scenario].id, system}));
  cell.title = `${systemTitle(systems[system])}: ${verdict}${message ? `\n${message}` : ""}`;
}

// Ids break after dots and before cases.
const breakable = id => id.split(/(?<=\.)|(?=\[)/).flatMap((part, index) => (index ? [element("wbr"), part] : [part]));

function keepOneCellInTabOrder() {
  const table = byId("matrix");
  const last = table.querySelector("a.cell[tabindex='0']");
  if (last && !last.closest("tr").hidden) return;
  if (last) last.tabIndex = -1;
  const first = table.querySelector("tr:not([hidden]) > td > a.cell");
  if (first) first.tabIndex = 0;
}

function focusCell(cell) {
  if (!cell) return;
  const last = byId("matrix").querySelector("a.cell[tabindex='0']");
  if (last) last.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus({preventScroll: false});
}

const stepsOfArrows = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-15, 0], PageDown: [15, 0]};

function walkMatrix(event) {
  const here = event.target.closest("td");
  const move = stepsOfArrows[event.key];
  if (!here || !move) return;
  event.preventDefault();
  const lines = [...byId("matrix").querySelectorAll("tbody:not([hidden]) > tr:not(.family):not([hidden])")];
  const line = Math.min(Math.max(lines.indexOf(here.parentElement) + move[0], 0), lines.length - 1);
  const column = Math.min(Math.max(here.cellIndex + move[1], 1), here.parentElement.cells.length - 1);
  focusCell(lines[line].cells[column].querySelector("a.cell"));
}
