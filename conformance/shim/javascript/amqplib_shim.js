// A client under test: amqplib through its promises, driven by JSON lines (see README.md in the folder above).
//
// amqplib makes a channel with confirms or without, so `confirm.select` opens another in its place.
'use strict';

const amqp = require('amqplib');
const {AmqplibShim, fromJson, messageToJson, optionsFromJson} = require('./amqplib_values');
const {Unsupported, bodyFromJson, wait} = require('./contract');

class PromiseShim extends AmqplibShim {
  opened() {
    if (!this.connection) throw new amqp.IllegalOperationError('there is no connection');
    return this.connection;
  }

  async channel(number) {
    this.opened();
    if (!this.channels.has(number)) await this.do_channel__open({channel: number});
    return this.channels.get(number).channel;
  }

  // --- connection and channel

  async do_connect(given) {
    const target = this.target(given);
    await this.dropConnection();
    return this.watchConnection(await amqp.connect(...target));
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
    this.watchChannel(number, made, confirms);
  }

  async do_channel__close({channel}) {
    await (await this.channel(channel)).close();
  }

  async do_confirm__select({channel}) {
    await this.do_channel__open({channel, confirms: true});
  }

  do_wait(given) {
    return wait(given);
  }

  // --- exchanges and queues

  async do_exchange__declare({channel, exchange, type = 'direct', passive, durable = false, auto_delete: autoDelete,
    internal, arguments: table}) {
    const it = await this.channel(channel);
    if (passive) await it.checkExchange(exchange);
    else await it.assertExchange(exchange, type, {durable, autoDelete, internal, arguments: fromJson(table)});
  }

  async do_exchange__delete({channel, exchange, if_unused: ifUnused}) {
    await (await this.channel(channel)).deleteExchange(exchange, {ifUnused});
  }

  async do_exchange__bind({channel, destination, source, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).bindExchange(destination, source, key, fromJson(table));
  }

  async do_exchange__unbind({channel, destination, source, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).unbindExchange(destination, source, key, fromJson(table));
  }

  async do_queue__declare({channel, queue = '', passive, durable = false, exclusive, auto_delete: autoDelete,
    arguments: table}) {
    const it = await this.channel(channel);
    const ok = passive ? await it.checkQueue(queue)
      : await it.assertQueue(queue, {durable, exclusive, autoDelete, arguments: fromJson(table)});
    return {queue: ok.queue, message_count: ok.messageCount, consumer_count: ok.consumerCount};
  }

  async do_queue__bind({channel, queue, exchange, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).bindQueue(queue, exchange, key, fromJson(table));
  }

  async do_queue__unbind({channel, queue, exchange, routing_key: key = '', arguments: table}) {
    await (await this.channel(channel)).unbindQueue(queue, exchange, key, fromJson(table));
  }

  async do_queue__purge({channel, queue}) {
    return {message_count: (await (await this.channel(channel)).purgeQueue(queue)).messageCount};
  }

  async do_queue__delete({channel, queue, if_unused: ifUnused, if_empty: ifEmpty}) {
    return {message_count: (await (await this.channel(channel)).deleteQueue(queue, {ifUnused, ifEmpty})).messageCount};
  }

  // --- basic

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
    const returned = this.returned(holder);
    if (returned) throw returned;
    return {confirmed: true};
  }

  async do_basic__consume({channel, queue, consumer_tag: consumerTag, auto_ack: noAck, exclusive, no_local: noLocal,
    arguments: table}) {
    const consumption = {tag: consumerTag};
    const ok = await (await this.channel(channel)).consume(queue, this.consumer(channel, consumption),
      {consumerTag, noAck, exclusive, noLocal, arguments: fromJson(table)});
    consumption.tag = ok.consumerTag;
    return {consumer_tag: ok.consumerTag};
  }

  async do_basic__cancel({channel, consumer_tag: tag}) {
    await (await this.channel(channel)).cancel(tag);
  }

  async do_basic__get({channel, queue, auto_ack: noAck}) {
    const message = await (await this.channel(channel)).get(queue, {noAck});
    return {message: message ? {message_count: message.fields.messageCount, ...messageToJson(message)} : null};
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

new PromiseShim('amqplib').run();
