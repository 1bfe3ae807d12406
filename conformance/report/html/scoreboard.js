// One line a system: its verdicts as a bar and as numbers. A number is a way to the scenarios it counts.

function scoreboard(view) {
  const among = scenarios.filter(scenario => scenario.role === view.role);
  const lines = systemsOf(view.role).map(system => [system, countVerdicts(system, among)]);
  const there = Object.keys(verdicts).filter(verdict => lines.some(([, counts]) => counts[verdict] > 0));
  return element("ul.scoreboard", {style: {"--verdicts": there.length}}, lines.map(([system, counts]) => scoreLine(view, system, counts, there)));
}

function scoreLine(view, system, counts, there) {
  const ran = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const good = scenarios.filter(scenario => (scenario.cells[system.index] || {}).as_expected).length;
  const shown = !view.hide.has(String(system.index));
  return element("li.score", shown ? {} : {class: "score off"},
    element("div.score-name", {},
      element("label", {title: "show or hide its column"},
        element("input", {type: "checkbox", checked: shown, "aria-label": `column of ${systemTitle(system)}`,
          onchange: () => go(changed(currentView, {hide: toggled(currentView.hide, String(system.index))}))}),
        element("strong", {}, system.name), " ", element("span.version", {}, system.version)),
      element("span.detail", {title: system.command}, system.detail || languageOf(system))),
    element("div.score-bar", {role: "img", "aria-label": spoken(counts)},
      Object.entries(counts).filter(([, count]) => count > 0).map(([verdict, count]) =>
        element(`span.v-${looksOf(verdict).key}`, {style: {"flex-grow": count}, title: `${count} ${verdict}`}))),
    element("div.score-counts", {},
      there.map(verdict => (counts[verdict] ? scoreCount(view, system, verdict, counts[verdict]) : element("span.count", {})))),
    element(`div.score-sum.v-${good === ran ? "pass" : "fail"}`, {title: `${good} of ${ran} as expected`}, good === ran ? "all as expected" : `${ran - good} not as expected`));
}

function scoreCount(view, system, verdict, count) {
  const looks = looksOf(verdict);
  const others = systemsOf(view.role).filter(other => other !== system).map(other => String(other.index));
  const target = changed(view, {verdict: new Set([looks.key]), hide: new Set(others), differ: false});
  return element(`a.count.v-${looks.key}`, {href: addressOf(target), title: `only ${verdict} of ${systemTitle(system)}`},
    element("span.glyph", {"aria-hidden": "true"}, looks.glyph), String(count),
    element("span.unseen", {}, ` ${verdict} of ${systemTitle(system)}`));
}

const spoken = counts => Object.entries(counts).filter(([, count]) => count > 0).map(([verdict, count]) => `${count} ${verdict}`).join(", ");

// "(python 3.11)" of "client pika 1.2.0 (python 3.11)"
function languageOf(system) {
  const found = /\(([^()]*)\)$/.exec(system.peer);
  return found ? found[1] : "";
}
