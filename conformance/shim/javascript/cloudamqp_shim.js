// A client under test: @cloudamqp/amqp-client, driven by JSON lines (see README.md in the folder above).
//
// Its low-level AMQPClient, not the session that reconnects. All its errors are of one class: what they are about is told
// by their text, `channel 1 closed: TEXT (404)`. Nobody can catch what the library throws while it reads: it ends the program.
'use strict';

const {AMQPClient} = require('@cloudamqp/amqp-client');
const {Shim, Unsupported, bodyFromJson, bodyToJson, event, tableFromJson, tableToJson, versionOf, wait} =
  require('./contract');

const PROPERTIES = {
  contentType: 'content_type', contentEncoding: 'content_encoding', headers: 'headers', deliveryMode: 'delivery_mode',
  priority: 'priority', correlationId: 'correlation_id', replyTo: 'reply_to', expiration: 'expiration',
  messageId: 'message_id', timestamp: 'timestamp', type: 'type', userId: 'user_id', appId: 'app_id',
};

const fromJson = (table = {}) => tableFromJson(table, {
  x: (octets) => new Uint8Array(Buffer.from(octets, 'hex')),
  T: (seconds) => new Date(seconds * 1000),
});
const toJson = (table) => tableToJson(table, (value) => (value instanceof Date ? {'!T': value.getTime() / 1000} : undefined));

function propertiesFromJson(given) {
  if ('cluster_id' in given) throw new Unsupported('AMQPProperties has no clusterId');
  const properties = {};
  for (const [name, field] of Object.entries(PROPERTIES)) {
    if (field in given) properties[name] = given[field];
  }
  if (properties.headers) properties.headers = fromJson(properties.headers);
  if ('timestamp' in properties) properties.timestamp = new Date(properties.timestamp * 1000);
  return properties;
}

function contentToJson(message) {
  const properties = {};
  for (const [name, field] of Object.entries(PROPERTIES)) {
    const value = message.properties[name];
    if (value !== undefined) properties[field] = name === 'timestamp' ? value.getTime() / 1000 : toJson(value);
  }
  const octets = message._rawBytes ?? message.body ?? []; // The first since bodies can be decoded.
  return {exchange: message.exchange, routing_key: message.routingKey, properties, body: bodyToJson(Buffer.from(octets))};
}

const messageToJson = (message) => (
  {delivery_tag: message.deliveryTag, redelivered: message.redelivered, ...contentToJson(message)});

class CloudamqpShim extends Shim {
  described(error, connecting) {
    const text = error.message || String(error);
    const [, about, words, code] = /^(?:Channel 0 closed: )?(channel|connection)(?: \d+)? closed: ([\s\S]*) \((\d+)\)$/.exec(text) ?? [];
    const reply = {code: code ? Number(code) : null, text: words ?? text};
    const is = (pattern) => pattern.test(text);
    if (connecting && code === '403') return {kind: 'authentication_failed', ...reply};
    if (about) return {kind: `${about}_closed`, ...reply};
    if (error.returned) return {kind: 'returned', ...reply};
    if (is(/^Message rejected/)) return {kind: 'nacked', ...reply};
    if (is(/^(Channel is closed|Connection closed|Socket not connected)/)) return {kind: 'wrong_state', ...reply};
    if (is(/^timeout/i)) return {kind: 'timeout', ...reply};
    if (is(/ECONN|EPIPE|^Socket closed|^Connection ended|^Heartbeat timeout/)) {
      return {kind: connecting ? 'connection_refused' : 'connection_lost', ...reply};
    }
    if (is(/^(Max number of channels|Connection blocked)/)) return {kind: 'other', ...reply};
    if (error.name === 'AMQPError') return {kind: 'protocol_error', ...reply};
    return {kind: 'invalid_argument', ...reply};
  }

  isCutOff(_, told) {
    return told.kind === 'wrong_state';
  }

  opened() {
    if (!this.connection) throw new Error('Connection closed');
    return this.connection;
  }

  async channel(number) {
    this.opened();
    if (!this.channels.has(number)) await this.do_channel__open({channel: number});
    return this.channels.get(number).channel;
  }

  // --- connection and channel

  async do_connect({host, port, user, password, vhost, heartbeat = 0, channel_max: channelMax = 0, frame_max: frameMax,
    timeout, blocked_timeout: blockedTimeout}) {
    if (blockedTimeout !== undefined) throw new Unsupported('there is no limit for the time a connection is blocked');
    if (timeout !== undefined) throw new Unsupported('there is no limit for the whole attempt to connect');
    await this.dropConnection();
    const limits = `heartbeat=${heartbeat}&channelMax=${channelMax}${frameMax === undefined ? '' : `&frameMax=${frameMax}`}`;
    const made = new AMQPClient(`amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${
      encodeURIComponent(vhost)}?${limits}`);
    made.logger = undefined;
    made.onerror = (error) => this.onClose(made, error);
    made.onblocked = (reason) => event('connection.blocked', {reason});
    made.onunblocked = () => event('connection.unblocked', {});
    await made.connect();
    this.connection = made;
    this.channels = new Map();
    this.cut = null;
    return {channel_max: made.channelMax, frame_max: made.frameMax, heartbeat: made.heartbeat};
  }

  async dropConnection() {
    const connection = this.connection;
    this.connection = null;
    if (connection && !connection.closed) await connection.close();
  }

  async do_close() {
    this.opened();
    await this.dropConnection();
  }

  async do_channel__open({channel: number}) {
    const made = await this.opened().channel();
    const holder = this.hold(number, made, false);
    made.onerror = (text) => {
      const error = new Error(text);
      if (/^connection closed|^Socket/.test(text)) holder.cut = error;
      else this.onChannelClose(number, holder, error);
    };
    made.onReturn = (message) => {
      holder.returned = message;
      event('basic.return', {channel: number, reply_code: message.replyCode, reply_text: message.replyText,
        ...contentToJson(message)});
    };
  }

  async do_channel__close({channel}) {
    await (await this.channel(channel)).close();
  }

  async do_confirm__select({channel}) {
    await (await this.channel(channel)).confirmSelect();
    this.channels.get(channel).confirms = true;
  }

  async do_tx__select({channel}) {
    await (await this.channel(channel)).txSelect();
  }

  async do_tx__commit({channel}) {
    await (await this.channel(channel)).txCommit();
  }

  async do_tx__rollback({channel}) {
    await (await this.channel(channel)).txRollback();
  }

  do_wait(given) {
    return wait(given);
  }

  // --- exchanges and queues

  async do_exchange__declare({channel, exchange, type = 'direct', passive = false, durable = false,
    auto_delete: autoDelete = false, internal = false, arguments: table}) {
    const flags = {passive, durable, autoDelete, internal};
    await (await this.channel(channel)).exchangeDeclare(exchange, type, flags, fromJson(table));
  }

  async do_exchange__delete({channel, exchange, if_unused: ifUnused}) {
    await (await this.channel(channel)).exchangeDelete(exchange, {ifUnused});
  }

  async do_exchange__bind({channel, destination, source, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).exchangeBind(destination, source, key, fromJson(table));
  }

  async do_exchange__unbind({channel, destination, source, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).exchangeUnbind(destination, source, key, fromJson(table));
  }

  async do_queue__declare({channel, queue = '', passive = false, durable = false, exclusive = false,
    auto_delete: autoDelete = false, arguments: table}) {
    const flags = {passive, durable, exclusive, autoDelete};
    const ok = await (await this.channel(channel)).queueDeclare(queue, flags, fromJson(table));
    return {queue: ok.name, message_count: ok.messageCount, consumer_count: ok.consumerCount};
  }

  async do_queue__bind({channel, queue, exchange, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).queueBind(queue, exchange, key, fromJson(table));
  }

  async do_queue__unbind({channel, queue, exchange, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).queueUnbind(queue, exchange, key, fromJson(table));
  }

  async do_queue__purge({channel, queue}) {
    return {message_count: (await (await this.channel(channel)).queuePurge(queue)).messageCount};
  }

  async do_queue__delete({channel, queue, if_unused: ifUnused, if_empty: ifEmpty}) {
    return {message_count: (await (await this.channel(channel)).queueDelete(queue, {ifUnused, ifEmpty})).messageCount};
  }

  // --- basic

  async do_basic__qos({channel, prefetch_size: size = 0, prefetch_count: count = 0, global = false}) {
    await (await this.channel(channel)).basicQos(count, size, global);
  }

  async do_basic__publish({channel, exchange = '', routing_key: key = '', mandatory = false, properties = {}, body = ''}) {
    const it = await this.channel(channel);
    const holder = this.channels.get(channel);
    holder.returned = null;
    await it.basicPublish(exchange, key, bodyFromJson(body), propertiesFromJson(properties), mandatory);
    const {confirms, returned} = holder;
    if (confirms && returned) throw Object.assign(new Error(returned.replyText), {returned});
    return confirms ? {confirmed: true} : {};
  }

  async do_basic__consume({channel, queue, consumer_tag: tag, auto_ack: noAck = false, exclusive, no_local: noLocal,
    arguments: args}) {
    if (noLocal) throw new Unsupported('AMQPChannel.basicConsume has no noLocal');
    const consumer = await (await this.channel(channel)).basicConsume(queue, {tag, noAck, exclusive, args: fromJson(args)},
      (message) => event('basic.deliver', {channel, consumer_tag: message.consumerTag, ...messageToJson(message)}));
    consumer.wait().catch((error) => {
      if (/cancelled by the server/.test(error.message)) event('basic.cancel', {channel, consumer_tag: consumer.tag});
    });
    return {consumer_tag: consumer.tag};
  }

  async do_basic__cancel({channel, consumer_tag: tag}) {
    await (await this.channel(channel)).basicCancel(tag);
  }

  async do_basic__get({channel, queue, auto_ack: noAck = false}) {
    const message = await (await this.channel(channel)).basicGet(queue, {noAck});
    return {message: message && {message_count: message.messageCount, ...messageToJson(message)}};
  }

  async do_basic__ack({channel, delivery_tag: tag, multiple = false}) {
    await (await this.channel(channel)).basicAck(tag, multiple);
  }

  async do_basic__nack({channel, delivery_tag: tag, multiple = false, requeue = true}) {
    await (await this.channel(channel)).basicNack(tag, requeue, multiple);
  }

  async do_basic__reject({channel, delivery_tag: tag, requeue = true}) {
    await (await this.channel(channel)).basicReject(tag, requeue);
  }

  async do_basic__recover({channel, requeue = false}) {
    await (await this.channel(channel)).basicRecover(requeue);
  }
}

new CloudamqpShim('cloudamqp', versionOf('@cloudamqp/amqp-client')).run();
