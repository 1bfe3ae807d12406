//! The operations of the contract, each a call of the library.
use std::time::Duration;

use futures_lite::StreamExt;
use lapin::message::BasicReturnMessage;
use lapin::options::*;
use lapin::{Channel, Confirmation, Consumer, ExchangeKind};
use serde_json::{Value, json};

use crate::session::{channel, connect, drop_connection, open_channel, opened};
use crate::values::{body_from_json, event, flag, message_to_json, number, properties_from_json, short, table, text};
use crate::{Failure, Shared};

pub type Outcome = Result<Value, Failure>;

pub const NAMES: &[&str] = &[
    "basic.ack", "basic.cancel", "basic.consume", "basic.get", "basic.nack", "basic.publish", "basic.qos", "basic.recover",
    "basic.reject", "channel.close", "channel.open", "close", "confirm.select", "connect", "exchange.bind",
    "exchange.declare", "exchange.delete", "exchange.unbind", "queue.bind", "queue.declare", "queue.delete", "queue.purge",
    "queue.unbind", "tx.commit", "tx.rollback", "tx.select", "wait",
];

pub async fn perform(shared: &Shared, name: &str, it: &Value) -> Outcome {
    match name {
        "connect" => connect(shared, it).await,
        "close" => {
            opened(shared)?;
            drop_connection(shared).await
        }
        "wait" => {
            tokio::time::sleep(Duration::from_secs_f64(it["seconds"].as_f64().unwrap_or(0.0))).await;
            Ok(json!({}))
        }
        "channel.open" => open_channel(shared, number(it)).await.map(|_| json!({})),
        name if NAMES.contains(&name) => on_channel(shared, &channel(shared, it).await?, name, it).await,
        _ => Err(Failure::Unsupported(format!("this shim has no operation {name}"))),
    }
}

async fn on_channel(shared: &Shared, on: &Channel, name: &str, it: &Value) -> Outcome {
    match name.split_once('.') {
        Some(("basic", _)) => basic(shared, on, name, it).await,
        Some(("exchange", _)) => exchange(on, name, it).await,
        Some(("queue", _)) => queue(on, name, it).await,
        _ => {
            match name {
                "channel.close" => on.close(200, "".into()).await?,
                "tx.select" => on.tx_select().await?,
                "tx.commit" => on.tx_commit().await?,
                "tx.rollback" => on.tx_rollback().await?,
                _ => on.confirm_select(ConfirmSelectOptions::default()).await?,
            }
            if let Some(held) = shared.lock().unwrap().channels.get_mut(&number(it)) {
                held.confirms |= name == "confirm.select";
                held.told |= name == "channel.close";
            }
            Ok(json!({}))
        }
    }
}

// --- exchanges and queues

async fn exchange(on: &Channel, name: &str, it: &Value) -> Outcome {
    let arguments = table(&it["arguments"]);
    match name {
        "exchange.declare" => {
            let kind = ExchangeKind::Custom(it["type"].as_str().unwrap_or("direct").into());
            let options = ExchangeDeclareOptions {
                passive: flag(it, "passive"),
                durable: flag(it, "durable"),
                auto_delete: flag(it, "auto_delete"),
                internal: flag(it, "internal"),
                nowait: false,
            };
            on.exchange_declare(short(it, "exchange")?, kind, options, arguments).await?;
        }
        "exchange.delete" => {
            let options = ExchangeDeleteOptions { if_unused: flag(it, "if_unused"), nowait: false };
            on.exchange_delete(short(it, "exchange")?, options).await?;
        }
        _ => {
            let (to, from, key) = (short(it, "destination")?, short(it, "source")?, short(it, "routing_key")?);
            if name == "exchange.bind" {
                on.exchange_bind(to, from, key, ExchangeBindOptions::default(), arguments).await?;
            } else {
                on.exchange_unbind(to, from, key, ExchangeUnbindOptions::default(), arguments).await?;
            }
        }
    }
    Ok(json!({}))
}

async fn queue(on: &Channel, name: &str, it: &Value) -> Outcome {
    let (queue, arguments) = (short(it, "queue")?, table(&it["arguments"]));
    match name {
        "queue.declare" => {
            let options = QueueDeclareOptions {
                passive: flag(it, "passive"),
                durable: flag(it, "durable"),
                exclusive: flag(it, "exclusive"),
                auto_delete: flag(it, "auto_delete"),
                nowait: false,
            };
            let ok = on.queue_declare(queue, options, arguments).await?;
            return Ok(json!({"queue": ok.name().as_str(), "message_count": ok.message_count(),
                             "consumer_count": ok.consumer_count()}));
        }
        "queue.purge" => {
            return Ok(json!({"message_count": on.queue_purge(queue, QueuePurgeOptions::default()).await?}));
        }
        "queue.delete" => {
            let options =
                QueueDeleteOptions { if_unused: flag(it, "if_unused"), if_empty: flag(it, "if_empty"), nowait: false };
            return Ok(json!({"message_count": on.queue_delete(queue, options).await?}));
        }
        "queue.bind" => {
            let (exchange, key) = (short(it, "exchange")?, short(it, "routing_key")?);
            on.queue_bind(queue, exchange, key, QueueBindOptions::default(), arguments).await?;
        }
        _ => on.queue_unbind(queue, short(it, "exchange")?, short(it, "routing_key")?, arguments).await?,
    }
    Ok(json!({}))
}

// --- basic

async fn basic(shared: &Shared, on: &Channel, name: &str, it: &Value) -> Outcome {
    let tag = it["delivery_tag"].as_u64().unwrap_or(0);
    let (multiple, requeue) = (flag(it, "multiple"), it["requeue"].as_bool().unwrap_or(true));
    match name {
        "basic.publish" => return publish(shared, on, it).await,
        "basic.consume" => return consume(shared, on, it).await,
        "basic.get" => {
            let options = BasicGetOptions { no_ack: flag(it, "auto_ack") };
            let Some(got) = on.basic_get(short(it, "queue")?, options).await? else {
                return Ok(json!({"message": null}));
            };
            let mut message = message_to_json(&got.delivery, number(it));
            message["message_count"] = json!(got.message_count);
            return Ok(json!({"message": message}));
        }
        "basic.qos" => {
            let count = it["prefetch_count"].as_i64().unwrap_or(0);
            let count = u16::try_from(count).map_err(|_| Failure::Unsupported("a prefetch count is 16 bits in lapin".into()))?;
            if it["prefetch_size"].as_u64().unwrap_or(0) > 0 {
                return Err(Failure::Unsupported("Channel::basic_qos has no prefetch size".into()));
            }
            on.basic_qos(count, BasicQosOptions { global: flag(it, "global") }).await?;
        }
        "basic.cancel" => {
            shared.lock().unwrap().cancelled.insert(text(it, "consumer_tag").into());
            on.basic_cancel(short(it, "consumer_tag")?, BasicCancelOptions::default()).await?;
        }
        "basic.ack" => on.basic_ack(tag, BasicAckOptions { multiple }).await?,
        "basic.nack" => on.basic_nack(tag, BasicNackOptions { multiple, requeue }).await?,
        "basic.reject" => on.basic_reject(tag, BasicRejectOptions { requeue }).await?,
        _ => on.basic_recover(BasicRecoverOptions { requeue: flag(it, "requeue") }).await?,
    }
    Ok(json!({}))
}

async fn publish(shared: &Shared, on: &Channel, it: &Value) -> Outcome {
    let options = BasicPublishOptions { mandatory: flag(it, "mandatory"), immediate: false };
    let properties = properties_from_json(&it["properties"])?;
    let body = body_from_json(&it["body"]);
    let sent = on.basic_publish(short(it, "exchange")?, short(it, "routing_key")?, options, &body, properties).await?;
    let confirms = shared.lock().unwrap().channels.get(&number(it)).is_some_and(|held| held.confirms);
    if !confirms {
        return Ok(json!({}));
    }
    match sent.await? {
        Confirmation::Nack(_) => Err(Failure::Kind("nacked", "Confirmation::Nack".into())),
        Confirmation::Ack(Some(back)) => Err(Failure::Kind("returned", came_back(&back, number(it)))),
        _ => Ok(json!({"confirmed": true})),
    }
}

/// The event, and the text of the error. lapin tells of returned messages along with their confirmation.
fn came_back(back: &BasicReturnMessage, channel: u64) -> String {
    let mut details = message_to_json(&back.delivery, channel);
    details["reply_code"] = json!(back.reply_code);
    details["reply_text"] = json!(back.reply_text.as_str());
    event("basic.return", details);
    back.reply_text.as_str().to_owned()
}

async fn consume(shared: &Shared, on: &Channel, it: &Value) -> Outcome {
    let options = BasicConsumeOptions {
        no_local: flag(it, "no_local"),
        no_ack: flag(it, "auto_ack"),
        exclusive: flag(it, "exclusive"),
        nowait: false,
    };
    let consumer =
        on.basic_consume(short(it, "queue")?, short(it, "consumer_tag")?, options, table(&it["arguments"])).await?;
    let tag = consumer.tag().as_str().to_owned();
    shared.lock().unwrap().cancelled.remove(&tag);
    tokio::spawn(deliver(shared.clone(), on.clone(), consumer, tag.clone(), number(it)));
    Ok(json!({"consumer_tag": tag}))
}

/// The stream of a consumer ends when either side cancels it, and with its channel.
async fn deliver(shared: Shared, on: Channel, mut consumer: Consumer, tag: String, channel: u64) {
    while let Some(next) = consumer.next().await {
        let Ok(delivery) = next else { return };
        let mut details = message_to_json(&delivery, channel);
        details["consumer_tag"] = json!(tag);
        event("basic.deliver", details);
    }
    if on.status().connected() && !shared.lock().unwrap().cancelled.contains(&tag) {
        event("basic.cancel", json!({"channel": channel, "consumer_tag": tag}));
    }
}
