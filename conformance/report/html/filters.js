// Which scenarios are shown: by level, verdict, family, words, and whether the systems differ.

function shownSystems(view) {
  return systemsOf(view.role).filter(system => !view.hide.has(String(system.index)));
}

// Each reason to leave a scenario out, by the filter it belongs to, so that a filter's own numbers can leave that one aside.
function filtersOf(view) {
  const columns = shownSystems(view);
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  const cells = scenario => columns.map(system => scenario.cells[system.index]);
  return {
    role: scenario => scenario.role === view.role,
    level: scenario => !view.level.size || view.level.has(scenario.level),
    family: scenario => !view.family.size || scenario.families.some(family => view.family.has(family)),
    verdict: scenario => !view.verdict.size || cells(scenario).some(cell => view.verdict.has(looksOf(cell && cell.verdict).key)),
    words: scenario => words.every(word => scenario.text.includes(word)),
    differ: scenario => !view.differ || new Set(cells(scenario).map(cell => cell && cell.verdict)).size > 1,
  };
}

function chosen(view, except) {
  const filters = Object.entries(filtersOf(view)).filter(([name]) => name !== except).map(([, filter]) => filter);
  return scenarios.filter(scenario => filters.every(filter => filter(scenario)));
}

const isFiltered = view => Boolean(view.level.size || view.family.size || view.verdict.size || view.q || view.differ);
const unfiltered = view => changed(view, {level: new Set(), family: new Set(), verdict: new Set(), q: "", differ: false});

function tally(list, keysOf) {
  const counts = new Map();
  for (const item of list) for (const key of keysOf(item)) counts.set(key, (counts.get(key) || 0) + 1);
  return counts;
}

// The chips of one filter: everything it knows, with how many scenarios each would leave.
function chips(view, name, legend, values, counts, show) {
  return element("fieldset.chips", {"data-filter": name}, element("legend", {}, legend),
    values.map(value => {
      const on = view[name].has(value);
      const count = counts.get(value) || 0;
      return element(`button.chip.${name}-${value.toLowerCase()}`, {
        type: "button", "aria-pressed": String(on), disabled: !on && count === 0,
        onclick: () => go(changed(currentView, {[name]: toggled(currentView[name], value)})),
      }, show(value), element("span.number", {}, String(count)));
    }));
}

function levelChips(view) {
  const counts = tally(chosen(view, "level"), scenario => [scenario.level]);
  return chips(view, "level", "Level", Object.keys(levels), counts, level => level);
}

function verdictChips(view) {
  const columns = shownSystems(view);
  const keysOf = scenario => new Set(columns.map(system => looksOf((scenario.cells[system.index] || {}).verdict).key));
  const counts = tally(chosen(view, "verdict"), keysOf);
  const there = Object.entries(verdicts).map(([name, looks]) => [looks.key, name, looks.glyph]);
  return chips(view, "verdict", "Verdict", there.map(([key]) => key), counts, key => {
    const [, name, glyph] = there.find(([each]) => each === key);
    return [element(`span.glyph.v-${key}`, {"aria-hidden": "true"}, glyph), name];
  });
}

function familyChips(view) {
  const counts = tally(chosen(view, "family"), scenario => scenario.families);
  const all = [...new Set(scenarios.filter(scenario => scenario.role === view.role).flatMap(scenario => scenario.families))];
  const box = element("details.families", {open: view.family.size > 0 || familiesOpen},
    element("summary", {}, "Family", element("span.number", {}, view.family.size ? `${view.family.size} of ${all.length}` : String(all.length))),
    chips(view, "family", "Family", all, counts, family => family));
  box.addEventListener("toggle", () => { familiesOpen = box.open; });
  return box;
}
let familiesOpen = false;

function renderFilters(view) {
  replaceChildren(byId("filters"),
    levelChips(view), verdictChips(view), familyChips(view),
    systemsOf(view.role).length > 1 && element("label.differ", {},
      element("input", {type: "checkbox", id: "differ", checked: view.differ,
        onchange: event => go(changed(currentView, {differ: event.target.checked}))}),
      "only where systems differ"));
}
