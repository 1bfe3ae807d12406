// What the address says is drawn here; keys, theme and search begin here, too.

let currentView = null;
let cameFrom = null;  // where the matrix was left: the cell and how far it was scrolled

function showAddress() {
  const view = readAddress();
  const before = currentView;
  currentView = view;
  const toCase = Boolean(view.case);
  byId("overview-page").hidden = toCase;
  byId("case").hidden = !toCase;
  renderRoles(view);
  if (toCase) {
    if (before && !before.case) cameFrom = {scroll: scrollY};
    renderCase(view);
    if (!before || before.case !== view.case) scrollTo(0, 0);
    const title = byId("case").querySelector("h1");
    if (title && before && before.case !== view.case) title.focus({preventScroll: true});
    return;
  }
  document.title = "AMQP conformance";
  renderOverview(view);
  if (before && before.case) {
    scrollTo(0, cameFrom ? cameFrom.scroll : 0);
    const scenario = indexOfScenario.get(before.case);
    const row = rows.get(scenario);
    focusCell(row && !row.hidden ? row.querySelector(`a.cell[data-at="${scenario}.${before.system}"]`) || row.querySelector("a.cell") : null);
  }
}

function renderOverview(view) {
  const focused = focusedChip();
  replaceChildren(byId("scores"), scoreboard(view));
  renderFilters(view);
  renderMatrix(view);
  if (byId("search").value !== view.q) byId("search").value = view.q;
  if (focused) focused();
}

// Chips are drawn anew when one is pressed; the focus stays where it was.
function focusedChip() {
  const place = ["filters", "scores"].find(id => byId(id).contains(document.activeElement));
  if (!place) return null;
  const all = () => [...byId(place).querySelectorAll("button, input, summary, a")];
  const at = all().indexOf(document.activeElement);
  return () => { const again = all()[at]; if (again) again.focus({preventScroll: true}); };
}

function renderRoles(view) {
  const names = {broker: "Brokers", client: "Clients"};
  replaceChildren(byId("roles"), rolesThere.length > 1 && rolesThere.map(role =>
    element("a", {href: addressOf(changed(unfiltered(view), {role, hide: new Set(), case: null, system: null})), "aria-current": role === view.role ? "page" : null}, names[role])));
}

function renderLegend() {
  replaceChildren(byId("legend"), Object.entries(verdicts).map(([name, looks]) =>
    element("span", {title: looks.meaning}, element(`span.cell.v-${looks.key}`, {"aria-hidden": "true"}, looks.glyph), " ", name)));
  replaceChildren(byId("help-verdicts"), Object.entries(verdicts).map(([name, looks]) => [element("dt", {}, badge(name)), element("dd", {}, looks.meaning)]));
  replaceChildren(byId("help-levels"), Object.entries(levels).map(([name, meaning]) => [element("dt", {}, levelBadge(name)), element("dd", {}, meaning)]));
}

const keys = {
  "/": () => { if (!currentView.case) { byId("search").focus(); byId("search").select(); } },
  "?": () => byId("help").showModal(),
  "t": () => nextTheme(),
  "j": () => follow("j"),
  "k": () => follow("k"),
  "x": () => follow("x"),
  "ArrowLeft": () => neighbour(-1),
  "ArrowRight": () => neighbour(1),
  "Escape": () => currentView.case && go(changed(currentView, {case: null, system: null})),
};

const follow = key => { const way = document.querySelector(`#case [data-key="${key}"]`); if (way) way.click(); };

function neighbour(by) {
  if (!currentView.case) return;
  const links = [...document.querySelectorAll(".systems a")];
  const next = links[links.findIndex(each => each.getAttribute("aria-current")) + by];
  if (next) next.click();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  if (event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.target.closest("#matrix") && stepsOfArrows[event.key]) return walkMatrix(event);
  if (event.key.startsWith("Arrow") && event.target.closest("pre")) return;
  const act = keys[event.key];
  if (!act) return;
  if (event.key === "/" || event.key === "?") event.preventDefault();
  act();
}

const themes = ["auto", "light", "dark"];

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = {auto: "◐ auto", light: "○ light", dark: "● dark"}[theme];
  byId("theme").setAttribute("aria-label", `colours: ${theme}`);
  try { localStorage.setItem("theme", theme); } catch { /* files may have no storage */ }
}

const nextTheme = () => setTheme(themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length]);

function rememberedTheme() {
  try { return themes.find(theme => theme === localStorage.getItem("theme")) || "auto"; } catch { return "auto"; }
}

function begin() {
  setTheme(rememberedTheme());
  byId("theme").addEventListener("click", nextTheme);
  byId("help-button").addEventListener("click", () => byId("help").showModal());
  byId("clear").addEventListener("click", () => go(unfiltered(currentView)));
  byId("nothing-clear").addEventListener("click", () => go(changed(unfiltered(currentView), {hide: new Set()})));
  byId("search").addEventListener("input", event => go(changed(currentView, {q: event.target.value}), "replace"));
  for (const kind of ["focusin", "pointerover", "click"]) byId("matrix").addEventListener(kind, approachCell);
  document.addEventListener("keydown", onKey);
  addEventListener("popstate", showAddress);
  addEventListener("hashchange", () => { if (addressOf(currentView) !== location.hash) showAddress(); });
  renderLegend();
  byId("facts").textContent = overview.date ? `made ${overview.date}` : "";
  showAddress();
  document.documentElement.dataset.ready = "yes";
}

begin();
