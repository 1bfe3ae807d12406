//! A client under test: lapin, driven by JSON lines (see README.md in the folder above).
//!
//! Every request is a task. Recovery is off, as everywhere. lapin tells of the end of a connection on a stream of events, but
//! of the end of a channel only to the calls on it: between calls their state is looked at.
mod operations;
mod session;
mod values;

use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lapin::protocol::AMQPErrorKind;
use lapin::{Channel, Connection, Error, ErrorKind};
use serde_json::{Value, json};
use values::{event, say};

/// What becomes of a request that has no result.
pub enum Failure {
    Library(Error),
    Unsupported(String),
    Kind(&'static str, String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Library(error)
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Failure::Kind("invalid_argument", text)
    }
}

/// A channel, and what is known of it.
#[derive(Clone)]
pub struct Held {
    pub channel: Channel,
    pub confirms: bool,
    pub told: bool, // its end
}

#[derive(Default)]
pub struct State {
    pub connection: Option<Arc<Connection>>,
    pub channels: HashMap<u64, Held>, // by the number the harness uses
    pub pending: u32,                 // requests being worked on
    pub cancelled: HashSet<String>,   // consumer tags
    pub told: bool,                   // the end of the connection
}

pub type Shared = Arc<Mutex<State>>;

pub fn described(error: &Error, connecting: bool) -> Value {
    let text = error.to_string();
    let told = |kind: &str| json!({"kind": kind, "code": null, "text": text});
    match error.kind() {
        ErrorKind::ProtocolError(reply) => {
            let kind = match reply.kind() {
                _ if connecting && reply.get_id() == 403 => "authentication_failed",
                AMQPErrorKind::Soft(_) if !connecting => "channel_closed",
                _ => "connection_closed",
            };
            json!({"kind": kind, "code": reply.get_id(), "text": reply.get_message().as_str()})
        }
        ErrorKind::IOError(io) if io.kind() == std::io::ErrorKind::TimedOut => told("timeout"),
        ErrorKind::IOError(_) | ErrorKind::RuntimeShutdownError(_) if connecting => told("connection_refused"),
        ErrorKind::IOError(_) | ErrorKind::RuntimeShutdownError(_) | ErrorKind::MissingHeartbeatError => told("connection_lost"),
        ErrorKind::ParsingError(_) | ErrorKind::InvalidProtocolVersion(_) => told("protocol_error"),
        ErrorKind::SerialisationError(_) => told("invalid_argument"),
        ErrorKind::InvalidChannel(_) | ErrorKind::InvalidChannelState(..) | ErrorKind::InvalidConnectionState(_) => {
            told("wrong_state")
        }
        _ => told("other"),
    }
}

fn request_from(line: &str) -> Result<Value, String> {
    let request: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if request["id"].is_u64() && request["op"].is_string() { Ok(request) } else { Err(line.to_owned()) }
}

async fn work_on(shared: Shared, request: Value) {
    let id = request["id"].clone();
    let name = request["op"].as_str().unwrap_or("").to_owned();
    let given = request.get("with").cloned().unwrap_or_else(|| json!({}));
    shared.lock().unwrap().pending += 1;
    let answer = match operations::perform(&shared, &name, &given).await {
        Ok(result) => json!({"id": id, "result": result}),
        Err(Failure::Unsupported(why)) => json!({"id": id, "unsupported": why}),
        Err(Failure::Kind(kind, text)) => json!({"id": id, "error": {"kind": kind, "code": null, "text": text}}),
        Err(Failure::Library(error)) => json!({"id": id, "error": described(&error, name == "connect")}),
    };
    let mut state = shared.lock().unwrap();
    state.pending -= 1;
    match answer["error"]["kind"].as_str() {
        Some("channel_closed") => {
            if let Some(held) = state.channels.get_mut(&given["channel"].as_u64().unwrap_or(1)) {
                held.told = true;
            }
        }
        Some("connection_closed" | "connection_lost" | "protocol_error") => state.told = true,
        _ => (),
    }
    drop(state);
    say(answer);
}

/// Between calls nobody says that a channel has ended, nor why.
async fn watch_channels(shared: Shared) {
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut state = shared.lock().unwrap();
        let alive = state.connection.as_ref().is_some_and(|it| it.status().connected());
        if !alive || state.pending > 0 {
            continue;
        }
        for (number, held) in &mut state.channels {
            if !held.told && !held.channel.status().connected() {
                held.told = true;
                event("channel.close", json!({"channel": number, "code": null, "text": "lapin does not say why"}));
            }
        }
    }
}

#[tokio::main]
async fn main() {
    say(json!({"hello": {"contract": 1, "library": "lapin", "version": env!("LAPIN_VERSION"), "language": "rust",
                         "operations": operations::NAMES}}));
    let shared = Shared::default();
    tokio::spawn(watch_channels(shared.clone()));
    let (sender, mut requests) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
            let request = request_from(&line).unwrap_or_else(|why| {
                eprintln!("a line that is no request: {why}");
                std::process::exit(1);
            });
            if sender.send(request).is_err() {
                return;
            }
        }
    });
    while let Some(request) = requests.recv().await {
        tokio::spawn(work_on(shared.clone(), request));
    }
    if let Err(Failure::Library(error)) = session::drop_connection(&shared).await {
        eprintln!("closing: {error}");
    }
}
