// What the shims of amqplib's two faces share: its values, and what its errors mean.
//
// amqplib has no errors of its own but the two classes of its error.js: what an error is about can only be told from its
// code, from the channel's and the connection's events, and from its text.
'use strict';

const {Shim, Unsupported, bodyToJson, event, tableFromJson, tableToJson, versionOf} = require('./contract');

const PROPERTIES = {
  contentType: 'content_type', contentEncoding: 'content_encoding', headers: 'headers', deliveryMode: 'delivery_mode',
  priority: 'priority', correlationId: 'correlation_id', replyTo: 'reply_to', expiration: 'expiration',
  messageId: 'message_id', timestamp: 'timestamp', type: 'type', userId: 'user_id', appId: 'app_id',
};

const fromJson = (table) => tableFromJson(table, {
  x: (octets) => Buffer.from(octets, 'hex'),
  T: (seconds) => ({'!': 'timestamp', value: seconds}),
  D: ([places, digits]) => ({'!': 'decimal', value: {places, digits}}),
});

const toJson = (table) => tableToJson(table, (value) => {
  if (value?.['!'] === 'timestamp') return {'!T': Number(value.value)};
  if (value?.['!'] === 'decimal') return {'!D': [value.value.places, value.value.digits]};
  return undefined;
});

function optionsFromJson(properties) {
  if ('cluster_id' in properties) throw new Unsupported('amqplib has no clusterId in its options');
  const options = {};
  for (const [name, field] of Object.entries(PROPERTIES)) {
    if (field in properties) options[name] = name === 'headers' ? fromJson(properties[field]) : properties[field];
  }
  return options;
}

function contentToJson(message) {
  const properties = {};
  for (const [name, field] of Object.entries(PROPERTIES)) {
    const value = message.properties[name];
    if (value !== undefined) properties[field] = name === 'headers' ? toJson(value) : value;
  }
  return {exchange: message.fields.exchange, routing_key: message.fields.routingKey, properties,
    body: bodyToJson(message.content)};
}

function messageToJson(message) {
  return {delivery_tag: message.fields.deliveryTag, redelivered: message.fields.redelivered, ...contentToJson(message)};
}

// The broker's reply as amqplib words it: `404 (NOT-FOUND) with message "..."`, in three sentences.
function described(error, connecting) {
  const text = error.message || String(error);
  const told = /(\d{3}) \([A-Z_-]*\) with message "([\s\S]*)"/.exec(text);
  const reply = {code: told ? Number(told[1]) : null, text: told ? told[2] : text};
  const is = (pattern) => pattern.test(text);
  if (is(/^Handshake terminated by server/)) {
    return {kind: reply.code === 403 ? 'authentication_failed' : 'connection_closed', ...reply};
  }
  if (is(/^(Operation failed|Channel closed by server)/)) return {kind: 'channel_closed', ...reply};
  if (is(/^Connection closed: /)) return {kind: 'connection_closed', ...reply};
  if (error.returned) return {kind: 'returned', ...reply};
  if (is(/nacked/)) return {kind: 'nacked', ...reply};
  if (is(/ETIMEDOUT/)) return {kind: 'timeout', ...reply};
  if (is(/^(Unexpected close|Heartbeat timeout)/) || (error.code === 'ECONNRESET' && !connecting)) {
    return {kind: 'connection_lost', ...reply};
  }
  if (error.name === 'IllegalOperationError') return {kind: 'wrong_state', ...reply};
  if (error.code === 'ERR_OUT_OF_RANGE' || error instanceof TypeError || error instanceof RangeError) {
    return {kind: 'invalid_argument', ...reply};
  }
  if (is(/^(No channels left|Channel ended|channel closed)/)) return {kind: 'other', ...reply};
  if (connecting && is(/abruptly|ECONN/)) return {kind: 'connection_refused', ...reply};
  return {kind: 'protocol_error', ...reply};
}

// What both faces have as events: the ends of the connection and of its channels, blocking, and returned messages.
class AmqplibShim extends Shim {
  constructor(name) {
    super(name, versionOf('amqplib'));
  }

  described(error, connecting) {
    return described(error, connecting);
  }

  isCutOff(error, told) {
    return ['other', 'wrong_state'].includes(told.kind) &&
      /Channel ended|channel closed|^Connection closed/i.test(error.message);
  }

  target({host, port, user, password, vhost, heartbeat, channel_max: channelMax, frame_max: frameMax,
    timeout = 10, blocked_timeout: blockedTimeout}) {
    if (blockedTimeout !== undefined) throw new Unsupported('amqplib has no limit for the time a connection is blocked');
    return [{protocol: 'amqp', hostname: host, port, username: user, password, heartbeat, channelMax, frameMax,
      vhost: encodeURIComponent(vhost)}, {timeout: timeout * 1000, noDelay: true}];
  }

  watchConnection(made) {
    this.connection = made;
    this.channels = new Map();
    this.cut = null;
    let failure = null;
    made.on('error', (error) => { failure = error; });
    made.on('close', (error) => this.onClose(made, failure ?? error));
    made.on('blocked', (reason) => event('connection.blocked', {reason}));
    made.on('unblocked', () => event('connection.unblocked', {}));
    return {server_properties: toJson(made.connection.serverProperties)};
  }

  watchChannel(number, made, confirms) {
    const holder = this.hold(number, made, confirms);
    made.on('error', (error) => this.onChannelClose(number, holder, error));
    made.on('return', (message) => {
      holder.returned = message.fields;
      event('basic.return', {channel: number, reply_code: message.fields.replyCode,
        reply_text: message.fields.replyText, ...contentToJson(message)});
    });
  }

  // What is handed to a consumer; the tag of a cancelled one is only known from its consume-ok.
  consumer(channel, consumption) {
    return (message) => {
      if (message === null) event('basic.cancel', {channel, consumer_tag: consumption.tag});
      else event('basic.deliver', {channel, consumer_tag: message.fields.consumerTag, ...messageToJson(message)});
    };
  }

  // A confirmed message may have come back before; the library has no error for that.
  returned({returned}) {
    return returned ? Object.assign(new Error(`returned: ${returned.replyText}`), {returned}) : null;
  }
}

module.exports = {AmqplibShim, fromJson, messageToJson, optionsFromJson};
