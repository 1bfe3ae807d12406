//! The connection of a shim and its channels, by the harness's numbers.
use std::sync::Arc;
use std::time::Duration;

use futures_lite::StreamExt;
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use lapin::{Channel, Connection, ConnectionProperties, Event};
use serde_json::{Value, json};

use crate::operations::Outcome;
use crate::values::{event, number, text};
use crate::{Failure, Held, Shared, described};

pub async fn connect(shared: &Shared, it: &Value) -> Outcome {
    if !it["blocked_timeout"].is_null() {
        return Err(Failure::Unsupported("lapin has no limit for the time a connection is blocked".into()));
    }
    drop_connection(shared).await?;
    let query = AMQPQueryString {
        frame_max: it["frame_max"].as_u64().map(|limit| limit as u32),
        channel_max: it["channel_max"].as_u64().map(|limit| limit as u16),
        heartbeat: it["heartbeat"].as_u64().map(|seconds| seconds as u16),
        connection_timeout: Some(it["timeout"].as_u64().unwrap_or(10) * 1000),
        ..Default::default()
    };
    let userinfo = AMQPUserInfo { username: text(it, "user").into(), password: text(it, "password").into() };
    let port = it["port"].as_u64().unwrap_or(5672) as u16;
    let authority = AMQPAuthority { userinfo, host: text(it, "host").into(), port };
    let uri = AMQPUri { scheme: AMQPScheme::AMQP, authority, vhost: text(it, "vhost").into(), query };
    let made = Arc::new(Connection::connect_uri(uri, ConnectionProperties::default()).await?);
    let limits = made.configuration();
    let told = json!({"channel_max": limits.channel_max(), "frame_max": limits.frame_max(), "heartbeat": limits.heartbeat()});
    tokio::spawn(watch_connection(shared.clone(), made.clone()));
    let mut state = shared.lock().unwrap();
    state.connection = Some(made);
    state.told = false;
    Ok(told)
}

async fn watch_connection(shared: Shared, connection: Arc<Connection>) {
    let mut events = connection.events_listener();
    while let Some(one) = events.next().await {
        match one {
            Event::ConnectionBlocked(reason) => event("connection.blocked", json!({"reason": reason})),
            Event::ConnectionUnblocked => event("connection.unblocked", json!({})),
            Event::Error(error) => {
                // Whoever waits is told by the library, and answers a moment later.
                tokio::time::sleep(Duration::from_millis(50)).await;
                let mut state = shared.lock().unwrap();
                let mine = state.connection.as_ref().is_some_and(|it| Arc::ptr_eq(it, &connection));
                if mine && !state.told && state.pending == 0 {
                    state.told = true;
                    event("connection.close", described(&error, false));
                }
            }
            _ => (),
        }
    }
}

pub fn opened(shared: &Shared) -> Result<Arc<Connection>, Failure> {
    let found = shared.lock().unwrap().connection.clone();
    found.ok_or_else(|| Failure::Kind("wrong_state", "there is no connection".into()))
}

pub async fn drop_connection(shared: &Shared) -> Outcome {
    let (connection, _channels) = {
        let mut state = shared.lock().unwrap();
        (state.connection.take(), std::mem::take(&mut state.channels))
    };
    if let Some(connection) = connection.filter(|it| it.status().connected()) {
        connection.close(200, "".into()).await?;
    }
    Ok(json!({}))
}

pub async fn open_channel(shared: &Shared, number: u64) -> Result<Channel, Failure> {
    let channel = opened(shared)?.create_channel().await?;
    let held = Held { channel: channel.clone(), confirms: false, told: false };
    shared.lock().unwrap().channels.insert(number, held);
    Ok(channel)
}

pub async fn channel(shared: &Shared, it: &Value) -> Result<Channel, Failure> {
    opened(shared)?;
    let found = shared.lock().unwrap().channels.get(&number(it)).map(|held| held.channel.clone());
    match found {
        Some(channel) => Ok(channel),
        None => open_channel(shared, number(it)).await,
    }
}
