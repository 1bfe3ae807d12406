// A client under test: amqplib through its promises, driven by JSON lines (see README.md in this folder).
//
// Requests may overlap, as is natural here. amqplib makes a channel with confirms or without, so `confirm.select` opens
// another in its place. It has no errors of its own but the two classes of its error.js: what an error is about can only
// be told from its code, from the channel's and the connection's events, and from its text.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const amqp = require('amqplib');

// The package does not let its package.json be required.
const package_ = path.join(path.dirname(require.resolve('amqplib')), 'package.json');
const {version} = JSON.parse(fs.readFileSync(package_, 'utf8'));

const PROPERTIES = {
  contentType: 'content_type', contentEncoding: 'content_encoding', headers: 'headers', deliveryMode: 'delivery_mode',
  priority: 'priority', correlationId: 'correlation_id', replyTo: 'reply_to', expiration: 'expiration',
  messageId: 'message_id', timestamp: 'timestamp', type: 'type', userId: 'user_id', appId: 'app_id',
};

class Unsupported extends Error {}

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const event = (name, details) => say({event: name, with: details});

function tableFromJson(value) {
  if (Array.isArray(value)) return value.map(tableFromJson);
  if (value === null || typeof value !== 'object') return value;
  if ('!x' in value) return Buffer.from(value['!x'], 'hex');
  if ('!T' in value) return {'!': 'timestamp', value: value['!T']};
  if ('!D' in value) return {'!': 'decimal', value: {places: value['!D'][0], digits: value['!D'][1]}};
  const tag = Object.keys(value).find((name) => name.startsWith('!'));
  if (tag) throw new Unsupported(`the shim does not map ${tag}`);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, tableFromJson(item)]));
}

function tableToJson(value) {
  if (Array.isArray(value)) return value.map(tableToJson);
  if (Buffer.isBuffer(value)) return {'!x': value.toString('hex')};
  if (value === null || typeof value !== 'object') return value;
  if (value['!'] === 'timestamp') return {'!T': value.value};
  if (value['!'] === 'decimal') return {'!D': [value.value.places, value.value.digits]};
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, tableToJson(item)]));
}

const bodyFromJson = (body) => (typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.hex, 'hex'));
const bodyToJson = (body) => (Buffer.from(body.toString()).equals(body) ? body.toString() : {hex: body.toString('hex')});

function optionsFromJson(properties) {
  const options = {};
  for (const [name, field] of Object.entries(PROPERTIES)) {
    if (field in properties) options[name] = name === 'headers' ? tableFromJson(properties[field]) : properties[field];
  }
  if ('cluster_id' in properties) throw new Unsupported('amqplib has no clusterId in its options');
  return options;
}

function contentToJson(message) {
  const properties = {};
  for (const [name, field] of Object.entries(PROPERTIES)) {
    const value = message.properties[name];
    if (value !== undefined) properties[field] = name === 'headers' ? tableToJson(value) : value;
  }
  return {exchange: message.fields.exchange, routing_key: message.fields.routingKey, properties,
    body: bodyToJson(message.content)};
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

class Shim {
  constructor() {
    this.connection = null;
    this.channels = new Map(); // the number the harness uses -> what do_channel__open makes
    this.pending = 0; // requests that wait for the connection and for no channel
    this.cut = null; // the error that ended the connection
    const methods = Object.getOwnPropertyNames(Shim.prototype).filter((name) => name.startsWith('do_'));
    this.operations = new Map(methods.map((name) => [name.slice(3).replaceAll('__', '.'), this[name].bind(this)]));
  }

  introduce() {
    say({hello: {contract: 1, library: 'amqplib', version, language: `node ${process.versions.node}`,
      operations: [...this.operations.keys()].sort()}});
  }

  async workOn({id, op, with: given}) {
    const arguments_ = {channel: 1, ...given};
    const ofConnection = ['connect', 'close', 'wait', 'channel.open', 'confirm.select'].includes(op);
    const holder = (ofConnection ? null : this.channels.get(arguments_.channel)) ?? this;
    holder.pending += 1;
    try {
      const operation = this.operations.get(op);
      if (!operation) throw new Unsupported(`this shim has no operation ${op}`);
      say({id, result: (await operation(arguments_)) ?? {}});
    } catch (error) {
      if (error instanceof Unsupported) say({id, unsupported: error.message});
      else say({id, error: this.explained(error, op, arguments_.channel)});
    }
    holder.pending -= 1;
  }

  // A call that is cut off says `Channel ended`; why it ended was an event a moment before.
  explained(error, op, number) {
    const kind = described(error, op === 'connect');
    if (!['other', 'wrong_state'].includes(kind.kind) || op === 'connect') return kind;
    if (/Channel ended|channel closed|^Connection closed/i.test(error.message)) {
      const cause = this.channels.get(number)?.cut ?? this.cut;
      if (cause) return described(cause);
    }
    return kind;
  }

  opened() {
    if (!this.connection) throw new amqp.IllegalOperationError('there is no connection');
    return this.connection;
  }

  async channel(number) {
    this.opened();
    if (!this.channels.has(number)) await this.do_channel__open({channel: number});
    return this.channels.get(number).channel;
  }

  // --- connection and channel ---------------------------------------------------------------------------------------

  async do_connect({host, port, user, password, vhost, heartbeat, channel_max: channelMax, frame_max: frameMax,
    timeout = 10, blocked_timeout: blockedTimeout}) {
    if (blockedTimeout !== undefined) throw new Unsupported('amqplib has no limit for the time a connection is blocked');
    await this.dropConnection();
    const made = await amqp.connect({protocol: 'amqp', hostname: host, port, username: user, password, heartbeat,
      vhost: encodeURIComponent(vhost), channelMax, frameMax}, {timeout: timeout * 1000, noDelay: true});
    this.connection = made;
    this.channels = new Map();
    this.cut = null;
    let failure = null;
    made.on('error', (error) => { failure = error; });
    made.on('close', (error) => this.onClose(made, failure ?? error));
    made.on('blocked', (reason) => event('connection.blocked', {reason}));
    made.on('unblocked', () => event('connection.unblocked', {}));
    return {server_properties: tableToJson(made.connection.serverProperties)};
  }

  onClose(connection, error) {
    if (connection !== this.connection) return;
    const waiting = this.pending > 0 || [...this.channels.values()].some((one) => one.pending > 0);
    this.connection = null;
    if (!error) return;
    this.cut = error;
    for (const one of this.channels.values()) one.cut ??= error;
    if (!waiting) event('connection.close', described(error));
  }

  async dropConnection() {
    const connection = this.connection;
    this.connection = null;
    if (connection) await connection.close();
  }

  async do_close() {
    this.opened();
    await this.dropConnection();
  }

  async do_channel__open({channel: number, confirms = false}) {
    const connection = this.opened();
    const made = confirms ? await connection.createConfirmChannel() : await connection.createChannel();
    const holder = {channel: made, confirms, pending: 0, cut: null, returned: null};
    this.channels.set(number, holder);
    made.on('error', (error) => {
      holder.cut = error;
      const {code, text} = described(error);
      if (holder.pending === 0) event('channel.close', {channel: number, code, text});
    });
    made.on('return', (message) => {
      holder.returned = message.fields;
      event('basic.return', {channel: number, reply_code: message.fields.replyCode,
        reply_text: message.fields.replyText, ...contentToJson(message)});
    });
  }

  async do_channel__close({channel}) {
    await (await this.channel(channel)).close();
  }

  async do_confirm__select({channel}) {
    await this.do_channel__open({channel, confirms: true});
  }

  async do_wait({seconds}) {
    await new Promise((done) => { setTimeout(done, seconds * 1000); });
  }

  // --- exchanges and queues -----------------------------------------------------------------------------------------

  async do_exchange__declare({channel, exchange, type = 'direct', passive, durable = false, auto_delete: autoDelete,
    internal, arguments: table}) {
    const it = await this.channel(channel);
    if (passive) await it.checkExchange(exchange);
    else await it.assertExchange(exchange, type, {durable, autoDelete, internal, arguments: tableFromJson(table)});
  }

  async do_exchange__delete({channel, exchange, if_unused: ifUnused}) {
    await (await this.channel(channel)).deleteExchange(exchange, {ifUnused});
  }

  async do_exchange__bind({channel, destination, source, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).bindExchange(destination, source, key, tableFromJson(table));
  }

  async do_exchange__unbind({channel, destination, source, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).unbindExchange(destination, source, key, tableFromJson(table));
  }

  async do_queue__declare({channel, queue = '', passive, durable = false, exclusive, auto_delete: autoDelete,
    arguments: table}) {
    const it = await this.channel(channel);
    const ok = passive ? await it.checkQueue(queue)
      : await it.assertQueue(queue, {durable, exclusive, autoDelete, arguments: tableFromJson(table)});
    return {queue: ok.queue, message_count: ok.messageCount, consumer_count: ok.consumerCount};
  }

  async do_queue__bind({channel, queue, exchange, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).bindQueue(queue, exchange, key, tableFromJson(table));
  }

  async do_queue__unbind({channel, queue, exchange, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).unbindQueue(queue, exchange, key, tableFromJson(table));
  }

  async do_queue__purge({channel, queue}) {
    return {message_count: (await (await this.channel(channel)).purgeQueue(queue)).messageCount};
  }

  async do_queue__delete({channel, queue, if_unused: ifUnused, if_empty: ifEmpty}) {
    return {message_count: (await (await this.channel(channel)).deleteQueue(queue, {ifUnused, ifEmpty})).messageCount};
  }

  // --- basic --------------------------------------------------------------------------------------------------------

  async do_basic__qos({channel, prefetch_size: size, prefetch_count: count = 0, global}) {
    if (size) throw new Unsupported('Channel.prefetch has no prefetch size');
    await (await this.channel(channel)).prefetch(count, global);
  }

  async do_basic__publish({channel, exchange = '', routing_key: key = '', mandatory, properties = {}, body = ''}) {
    const it = await this.channel(channel);
    const holder = this.channels.get(channel);
    const options = {...optionsFromJson(properties), mandatory};
    if (!holder.confirms) {
      it.publish(exchange, key, bodyFromJson(body), options);
      return {};
    }
    holder.returned = null;
    await new Promise((resolve, reject) => {
      it.publish(exchange, key, bodyFromJson(body), options, (error) => (error ? reject(error) : resolve()));
    });
    const {returned} = holder;
    if (returned) throw Object.assign(new Error(`returned: ${returned.replyText}`), {returned});
    return {confirmed: true};
  }

  async do_basic__consume({channel, queue, consumer_tag: consumerTag, auto_ack: noAck, exclusive, no_local: noLocal,
    arguments: table}) {
    let tag = consumerTag;
    const ok = await (await this.channel(channel)).consume(queue, (message) => {
      if (message === null) {
        event('basic.cancel', {channel, consumer_tag: tag});
        return;
      }
      tag = message.fields.consumerTag;
      event('basic.deliver', {channel, consumer_tag: tag, delivery_tag: message.fields.deliveryTag,
        redelivered: message.fields.redelivered, ...contentToJson(message)});
    }, {consumerTag, noAck, exclusive, noLocal, arguments: tableFromJson(table)});
    tag = ok.consumerTag;
    return {consumer_tag: tag};
  }

  async do_basic__cancel({channel, consumer_tag: tag}) {
    await (await this.channel(channel)).cancel(tag);
  }

  async do_basic__get({channel, queue, auto_ack: noAck}) {
    const message = await (await this.channel(channel)).get(queue, {noAck});
    return {message: message && {delivery_tag: message.fields.deliveryTag, redelivered: message.fields.redelivered,
      message_count: message.fields.messageCount, ...contentToJson(message)} || null};
  }

  async do_basic__ack({channel, delivery_tag: deliveryTag, multiple = false}) {
    (await this.channel(channel)).ack({fields: {deliveryTag}}, multiple);
  }

  async do_basic__nack({channel, delivery_tag: deliveryTag, multiple = false, requeue = true}) {
    (await this.channel(channel)).nack({fields: {deliveryTag}}, multiple, requeue);
  }

  async do_basic__reject({channel, delivery_tag: deliveryTag, requeue = true}) {
    (await this.channel(channel)).reject({fields: {deliveryTag}}, requeue);
  }

  async do_basic__recover({channel}) {
    await (await this.channel(channel)).recover();
  }
}

async function main() {
  const shim = new Shim();
  shim.introduce();
  for await (const line of readline.createInterface({input: process.stdin})) {
    if (line.trim()) shim.workOn(JSON.parse(line));
  }
  await shim.dropConnection();
}

main();
