//! JSON of the contract to values of lapin and back, and the one way to standard output.
use std::io::Write;

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, ByteArray, DecimalValue, FieldArray, FieldTable, LongString, ShortString};
use serde_json::{Map, Value, json};

pub fn say(message: Value) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{message}").and_then(|()| output.flush()).expect("standard output is open");
}

pub fn event(name: &str, details: Value) {
    say(json!({"event": name, "with": details}));
}

pub fn text<'a>(given: &'a Value, name: &str) -> &'a str {
    given[name].as_str().unwrap_or("")
}

/// The harness's number of the channel.
pub fn number(given: &Value) -> u64 {
    given["channel"].as_u64().unwrap_or(1)
}

pub fn short(given: &Value, name: &str) -> Result<ShortString, String> {
    ShortString::try_new(text(given, name)).map_err(|error| format!("{name}: {error:?}"))
}

pub fn flag(given: &Value, name: &str) -> bool {
    given[name].as_bool().unwrap_or(false)
}

pub fn body_from_json(body: &Value) -> Vec<u8> {
    match body.get("hex") {
        Some(octets) => hex::decode(octets.as_str().unwrap_or("")).expect("the harness sends pairs of digits"),
        None => body.as_str().unwrap_or("").as_bytes().to_vec(),
    }
}

fn body_to_json(body: &[u8]) -> Value {
    match std::str::from_utf8(body) {
        Ok(text) => json!(text),
        Err(_) => json!({"hex": hex::encode(body)}),
    }
}

pub fn table(given: &Value) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in given.as_object().into_iter().flatten() {
        table.insert(name.as_str().into(), from_json(value));
    }
    table
}

fn from_json(value: &Value) -> AMQPValue {
    match value {
        Value::Null => AMQPValue::Void,
        Value::Bool(flag) => AMQPValue::Boolean(*flag),
        Value::String(text) => AMQPValue::LongString(text.as_str().into()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => i32::try_from(whole).map_or(AMQPValue::LongLongInt(whole), AMQPValue::LongInt),
            None => AMQPValue::Double(number.as_f64().unwrap_or(0.0)),
        },
        Value::Array(items) => AMQPValue::FieldArray(FieldArray::from(items.iter().map(from_json).collect::<Vec<_>>())),
        Value::Object(fields) => tagged(fields).unwrap_or_else(|| AMQPValue::FieldTable(table(value))),
    }
}

fn tagged(fields: &Map<String, Value>) -> Option<AMQPValue> {
    if let Some(octets) = fields.get("!x") {
        return Some(AMQPValue::ByteArray(ByteArray::from(hex::decode(octets.as_str()?).ok()?)));
    }
    if let Some(seconds) = fields.get("!T") {
        return Some(AMQPValue::Timestamp(seconds.as_u64()?));
    }
    let decimal = fields.get("!D")?;
    let value = decimal[1].as_i64()? as u32;
    Some(AMQPValue::DecimalValue(DecimalValue { scale: decimal[0].as_u64()? as u8, value }))
}

fn to_json(value: &AMQPValue) -> Value {
    match value {
        AMQPValue::Boolean(flag) => json!(flag),
        AMQPValue::ShortShortInt(number) => json!(number),
        AMQPValue::ShortShortUInt(number) => json!(number),
        AMQPValue::ShortInt(number) => json!(number),
        AMQPValue::ShortUInt(number) => json!(number),
        AMQPValue::LongInt(number) => json!(number),
        AMQPValue::LongUInt(number) => json!(number),
        AMQPValue::LongLongInt(number) => json!(number),
        AMQPValue::Float(number) => json!(number),
        AMQPValue::Double(number) => json!(number),
        AMQPValue::DecimalValue(decimal) => json!({"!D": [decimal.scale, decimal.value]}),
        AMQPValue::ShortString(text) => json!(text.as_str()),
        AMQPValue::LongString(text) => long_to_json(text),
        AMQPValue::FieldArray(items) => items.as_slice().iter().map(to_json).collect(),
        AMQPValue::Timestamp(seconds) => json!({"!T": seconds}),
        AMQPValue::FieldTable(fields) => table_to_json(fields),
        AMQPValue::ByteArray(octets) => json!({"!x": hex::encode(octets.as_slice())}),
        AMQPValue::Void => Value::Null,
    }
}

fn long_to_json(text: &LongString) -> Value {
    match std::str::from_utf8(text.as_bytes()) {
        Ok(text) => json!(text),
        Err(_) => json!({"!x": hex::encode(text.as_bytes())}),
    }
}

pub fn table_to_json(fields: &FieldTable) -> Value {
    fields.inner().iter().map(|(name, value)| (name.as_str().to_owned(), to_json(value))).collect::<Map<_, _>>().into()
}

pub fn properties_from_json(given: &Value) -> Result<BasicProperties, String> {
    let mut it = BasicProperties::default();
    for (name, value) in given.as_object().into_iter().flatten() {
        let number = value.as_u64().unwrap_or(0);
        it = match name.as_str() {
            "content_type" => it.with_content_type(short(given, name)?),
            "content_encoding" => it.with_content_encoding(short(given, name)?),
            "headers" => it.with_headers(table(value)),
            "delivery_mode" => it.with_delivery_mode(number as u8),
            "priority" => it.with_priority(number as u8),
            "correlation_id" => it.with_correlation_id(short(given, name)?),
            "reply_to" => it.with_reply_to(short(given, name)?),
            "expiration" => it.with_expiration(short(given, name)?),
            "message_id" => it.with_message_id(short(given, name)?),
            "timestamp" => it.with_timestamp(number),
            "type" => it.with_type(short(given, name)?),
            "user_id" => it.with_user_id(short(given, name)?),
            "app_id" => it.with_app_id(short(given, name)?),
            _ => it.with_cluster_id(short(given, name)?),
        };
    }
    Ok(it)
}

fn properties_to_json(it: &BasicProperties) -> Value {
    let mut present = Map::new();
    let texts = [
        ("content_type", it.content_type()),
        ("content_encoding", it.content_encoding()),
        ("correlation_id", it.correlation_id()),
        ("reply_to", it.reply_to()),
        ("expiration", it.expiration()),
        ("message_id", it.message_id()),
        ("type", it.kind()),
        ("user_id", it.user_id()),
        ("app_id", it.app_id()),
        ("cluster_id", it.cluster_id()),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            present.insert(name.into(), json!(value.as_str()));
        }
    }
    for (name, value) in [("delivery_mode", it.delivery_mode()), ("priority", it.priority())] {
        if let Some(value) = value {
            present.insert(name.into(), json!(value));
        }
    }
    if let Some(seconds) = it.timestamp() {
        present.insert("timestamp".into(), json!(seconds));
    }
    if let Some(headers) = it.headers() {
        present.insert("headers".into(), table_to_json(headers));
    }
    present.into()
}

/// What a delivery, a message that was got and one that came back have in common.
pub fn message_to_json(it: &Delivery, channel: u64) -> Value {
    json!({"channel": channel, "delivery_tag": it.delivery_tag, "redelivered": it.redelivered,
           "exchange": it.exchange.as_str(), "routing_key": it.routing_key.as_str(),
           "properties": properties_to_json(&it.properties), "body": body_to_json(&it.data)})
}
