// What is shown, as part of the page's address: a view can be bookmarked and sent, and the back button works.
//   #role=client&level=MUST.SHOULD&verdict=fail&family=queue&q=ttl&differ=1&hide=2.3     the matrix
//   ...&case=queue.declare.missing&system=2                                            one case

const several = ["level", "verdict", "family", "hide"];

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const view = {
    role: rolesThere.includes(given.get("role")) ? given.get("role") : rolesThere[0],
    q: given.get("q") || "",
    differ: given.get("differ") === "1",
    case: given.get("case"),
    system: given.has("system") ? Number(given.get("system")) : null,
  };
  for (const name of several) view[name] = new Set((given.get(name) || "").split(".").filter(Boolean));
  return view;
}

function addressOf(view) {
  const words = new URLSearchParams();
  if (rolesThere.length > 1) words.set("role", view.role);
  for (const name of several) if (view[name].size) words.set(name, [...view[name]].join("."));
  if (view.q) words.set("q", view.q);
  if (view.differ) words.set("differ", "1");
  if (view.case) words.set("case", view.case);
  if (view.case && view.system !== null) words.set("system", view.system);
  return "#" + words;
}

const changed = (view, changes) => ({...view, ...changes});

function toggled(set, value) {
  const other = new Set(set);
  if (!other.delete(value)) other.add(value);
  return other;
}

// `replace` for what changes while somebody types: it is no step back.
function go(view, how = "push") {
  const address = addressOf(view);
  if (address === location.hash) return;
  history[how === "replace" ? "replaceState" : "pushState"](null, "", address);
  showAddress();
}
