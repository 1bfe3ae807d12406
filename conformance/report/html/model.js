// The data of the report: an overview that is read at once, and a packed conversation for each scenario that is unpacked
// when somebody looks at it.

const overview = JSON.parse(byId("overview").textContent);
const scenarios = overview.scenarios;
const requirements = overview.requirements;
const systems = overview.runs.map((run, index) => ({...run, index}));

for (const [index, scenario] of scenarios.entries()) {
  scenario.index = index;
  scenario.text = haystack(scenario);
}
const indexOfScenario = new Map(scenarios.map(scenario => [scenario.id, scenario.index]));
nameSystems();

// What full-text search looks through, in lower case.
function haystack(scenario) {
  const clauses = scenario.clauses.map(id => `${id} ${requirements[id] ? requirements[id].statement : ""}`);
  const cells = scenario.cells.filter(Boolean).map(cell => `${cell.message || ""} ${cell.reason || ""}`);
  const parts = [scenario.id, scenario.title, scenario.notes, scenario.file, ...clauses, ...cells, JSON.stringify(scenario.steps)];
  return parts.join("\n").toLowerCase();
}

// Product and version name a system; where two are of the same name, the words in which their commands differ are added.
function nameSystems() {
  const names = new Map();
  for (const system of systems) {
    system.name = system.product || system.peer;
    const key = `${system.role} ${system.name} ${system.version}`;
    names.set(key, [...(names.get(key) || []), system]);
  }
  for (const group of names.values()) {
    if (group.length < 2) continue;
    const words = group.map(system => system.command.split(" "));
    for (const [i, system] of group.entries()) {
      const own = words[i].filter(word => !words.every(other => other.includes(word)));
      system.detail = own.filter(word => !word.startsWith("--")).join(" ") || `run ${i + 1}`;
    }
  }
}

const systemTitle = system => [system.name, system.version, system.detail].filter(Boolean).join(" ");

const systemsOf = role => systems.filter(system => system.role === role);
const rolesThere = ["broker", "client"].filter(role => systemsOf(role).length > 0);

function countVerdicts(system, among) {
  const counts = Object.fromEntries(Object.keys(verdicts).map(verdict => [verdict, 0]));
  for (const scenario of among) {
    const cell = scenario.cells[system.index];
    if (cell) counts[cell.verdict] += 1;
  }
  return counts;
}

const unpacked = new Map();

// The conversations about one scenario, one for each system (null where it did not run).
function conversationsOf(scenario) {
  if (!unpacked.has(scenario.index)) unpacked.set(scenario.index, unpack(byId(`packed-${scenario.index}`)));
  return unpacked.get(scenario.index);
}

async function unpack(holder) {
  if (!window.DecompressionStream) {
    throw new Error("This browser cannot unpack conversations; it takes Chromium 80, Firefox 113, Safari 16.4 or newer.");
  }
  const octets = Uint8Array.from(atob(holder.textContent), character => character.charCodeAt(0));
  const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}
