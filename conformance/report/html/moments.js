// From what was recorded to what is drawn: a method and its content become one message, each frame still inside it, and
// repetitions of heartbeats one line.

// Rows: {kind, at, during, ...}. A message is {kind: "message", from, connection, channel, name, fields, properties, body, frames}.
function rowsOf(timeline) {
  const rows = [];
  const open = new Map();  // contents on their way, by connection, direction and channel
  for (const moment of timeline) {
    if (moment.kind !== "frame" && moment.kind !== "protocol_header" && moment.kind !== "octets") {
      rows.push({...moment});
      continue;
    }
    const place = `${moment.connection} ${moment.from} ${moment.channel}`;
    const before = open.get(place);
    if (moment.kind === "frame" && before && continues(before, moment)) continue;
    const message = {...moment, kind: "message", frames: [moment], missing: 0, headed: false};
    if (moment.kind === "protocol_header") message.name = "protocol header";
    if (moment.kind === "octets") message.name = `${moment.size} octets that are no frame`;
    if (moment.kind === "frame" && !message.name) message.name = nameOfFrame(moment);
    if (moment.type === "method") open.set(place, message);
    if (isHeartbeat(moment) && joinsHeartbeats(rows, message)) continue;
    rows.push(message);
  }
  return rows;
}

const isHeartbeat = moment => moment.kind === "frame" && moment.type === "heartbeat";
const nameOfFrame = frame => (typeof frame.type === "number" ? `a frame of type ${frame.type}`
  : frame.type === "method" ? "a method that cannot be read" : frame.type === "heartbeat" ? "heartbeat" : `a ${frame.type} frame`);

// Whether the frame goes on with the content that the message has begun.
function continues(message, frame) {
  if (frame.type === "header" && !message.headed && contentMethods.has(message.name)) {
    message.headed = true;
    message.properties = frame.properties;
    message.missing = message.body_size = frame.body_size || 0;
    message.body = "";
  } else if (frame.type === "body" && message.headed && message.missing > 0) {
    message.missing -= frame.size - 8;
    message.body += frame.octets.slice(14, frame.octets.length === frame.size * 2 ? -2 : undefined);
  } else {
    return false;
  }
  message.frames.push(frame);
  if (frame.trouble) message.trouble = frame.trouble;
  return true;
}

const contentMethods = new Set(["basic.publish", "basic.deliver", "basic.get-ok", "basic.return"]);

// A heartbeat that follows its like: counted, not repeated.
function joinsHeartbeats(rows, message) {
  const last = rows[rows.length - 1];
  if (!last || last.kind !== "message" || !isHeartbeat(last.frames[0])) return false;
  if (last.from !== message.from || last.connection !== message.connection) return false;
  last.frames.push(message.frames[0]);
  last.until = message.at;
  if (message.taken_by) last.taken_by = message.taken_by;
  return true;
}

// The phases with their rows; what is before the first step and after the last one is folded in the diagram.
function phasesOf(timeline) {
  const phases = [];
  for (const row of rowsOf(timeline)) {
    if (row.kind === "phase" || !phases.length) phases.push({name: row.kind === "phase" ? row.name : "scenario", rows: []});
    if (row.kind !== "phase") phases[phases.length - 1].rows.push(row);
  }
  return phases.filter(phase => phase.rows.length > 0 || phase.name === "scenario");
}

const troubled = phase => phase.rows.some(row => row.kind === "breach" || (row.kind === "step" && row.outcome !== "done"));

// The steps that ran, by their line in the file, for the list of steps: a line may have run many times.
function ranByLine(timeline) {
  const ran = new Map();
  for (const moment of timeline) {
    if (moment.kind !== "step") continue;
    const known = ran.get(moment.line) || {times: 0, outcome: "done", number: moment.number};
    known.times += 1;
    if (moment.outcome !== "done") Object.assign(known, {outcome: moment.outcome, number: moment.number});
    ran.set(moment.line, known);
  }
  return ran;
}
