// A client under test: amqplib through its callbacks, driven by JSON lines (see README.md in the folder above).
//
// The other face of the library that amqplib_shim.js drives through promises: every call takes a function that is called
// once, with an error or the answer. A channel that has confirms is another one, as there.
'use strict';

const amqp = require('amqplib/callback_api');
const {AmqplibShim, fromJson, messageToJson, optionsFromJson} = require('./amqplib_values');
const {Unsupported, bodyFromJson} = require('./contract');

class CallbackShim extends AmqplibShim {
  // Every operation has a second argument: what to call with (error) or (null, result).
  perform(operation, given) {
    return new Promise((resolve, reject) => {
      operation(given, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }

  opened() {
    if (!this.connection) throw new amqp.IllegalOperationError('there is no connection');
    return this.connection;
  }

  // Does something on a channel, which is opened first if it never was. What the library throws goes to `done`, too.
  on(number, done, act) {
    const attempt = () => {
      try {
        act(this.channels.get(number).channel, this.channels.get(number));
      } catch (error) {
        done(error);
      }
    };
    this.opened();
    if (this.channels.has(number)) attempt();
    else this.openChannel(number, false, (error) => (error ? done(error) : attempt()));
  }

  // --- connection and channel

  do_connect(given, done) {
    const target = this.target(given);
    this.drop(() => amqp.connect(...target, (error, made) => {
      if (error) done(error);
      else done(null, this.watchConnection(made));
    }));
  }

  drop(then) {
    const connection = this.connection;
    this.connection = null;
    if (connection) connection.close(then);
    else then();
  }

  dropConnection() {
    return new Promise((resolve) => { this.drop(resolve); });
  }

  do_close(_, done) {
    this.opened();
    this.drop(done);
  }

  openChannel(number, confirms, done) {
    const create = confirms ? 'createConfirmChannel' : 'createChannel';
    this.opened()[create]((error, made) => {
      if (!error) this.watchChannel(number, made, confirms);
      done(error);
    });
  }

  do_channel__open({channel}, done) {
    this.openChannel(channel, false, done);
  }

  do_confirm__select({channel}, done) {
    this.openChannel(channel, true, done);
  }

  do_channel__close({channel}, done) {
    this.on(channel, done, (it) => it.close(done));
  }

  do_wait({seconds}, done) {
    setTimeout(done, seconds * 1000);
  }

  // --- exchanges and queues

  do_exchange__declare({channel, exchange, type = 'direct', passive, durable = false, auto_delete: autoDelete,
    internal, arguments: table}, done) {
    this.on(channel, done, (it) => {
      if (passive) it.checkExchange(exchange, done);
      else it.assertExchange(exchange, type, {durable, autoDelete, internal, arguments: fromJson(table)}, done);
    });
  }

  do_exchange__delete({channel, exchange, if_unused: ifUnused}, done) {
    this.on(channel, done, (it) => it.deleteExchange(exchange, {ifUnused}, done));
  }

  do_exchange__bind({channel, destination, source, routing_key: key = '', arguments: table}, done) {
    this.on(channel, done, (it) => it.bindExchange(destination, source, key, fromJson(table), done));
  }

  do_exchange__unbind({channel, destination, source, routing_key: key = '', arguments: table}, done) {
    this.on(channel, done, (it) => it.unbindExchange(destination, source, key, fromJson(table), done));
  }

  do_queue__declare({channel, queue = '', passive, durable = false, exclusive, auto_delete: autoDelete,
    arguments: table}, done) {
    const declared = (error, ok) => done(error, ok && {
      queue: ok.queue, message_count: ok.messageCount, consumer_count: ok.consumerCount,
    });
    this.on(channel, done, (it) => {
      if (passive) it.checkQueue(queue, declared);
      else it.assertQueue(queue, {durable, exclusive, autoDelete, arguments: fromJson(table)}, declared);
    });
  }

  do_queue__bind({channel, queue, exchange, routing_key: key = '', arguments: table}, done) {
    this.on(channel, done, (it) => it.bindQueue(queue, exchange, key, fromJson(table), done));
  }

  do_queue__unbind({channel, queue, exchange, routing_key: key = '', arguments: table}, done) {
    this.on(channel, done, (it) => it.unbindQueue(queue, exchange, key, fromJson(table), done));
  }

  do_queue__purge({channel, queue}, done) {
    this.on(channel, done, (it) => it.purgeQueue(queue, counted(done)));
  }

  do_queue__delete({channel, queue, if_unused: ifUnused, if_empty: ifEmpty}, done) {
    this.on(channel, done, (it) => it.deleteQueue(queue, {ifUnused, ifEmpty}, counted(done)));
  }

  // --- basic

  do_basic__qos({channel, prefetch_size: size, prefetch_count: count = 0, global}, done) {
    if (size) throw new Unsupported('Channel.prefetch has no prefetch size');
    this.on(channel, done, (it) => it.prefetch(count, global, done));
  }

  do_basic__publish({channel, exchange = '', routing_key: key = '', mandatory, properties = {}, body = ''}, done) {
    this.on(channel, done, (it, holder) => {
      const content = [exchange, key, bodyFromJson(body), {...optionsFromJson(properties), mandatory}];
      holder.returned = null;
      if (!holder.confirms) {
        it.publish(...content);
        done();
        return;
      }
      it.publish(...content, (error) => done(error ?? this.returned(holder), {confirmed: true}));
    });
  }

  do_basic__consume({channel, queue, consumer_tag: consumerTag, auto_ack: noAck, exclusive, no_local: noLocal,
    arguments: table}, done) {
    const consumption = {tag: consumerTag};
    const options = {consumerTag, noAck, exclusive, noLocal, arguments: fromJson(table)};
    this.on(channel, done, (it) => it.consume(queue, this.consumer(channel, consumption), options, (error, ok) => {
      if (ok) consumption.tag = ok.consumerTag;
      done(error, ok && {consumer_tag: ok.consumerTag});
    }));
  }

  do_basic__cancel({channel, consumer_tag: tag}, done) {
    this.on(channel, done, (it) => it.cancel(tag, done));
  }

  do_basic__get({channel, queue, auto_ack: noAck}, done) {
    this.on(channel, done, (it) => it.get(queue, {noAck}, (error, message) => done(error, {
      message: message ? {message_count: message.fields.messageCount, ...messageToJson(message)} : null,
    })));
  }

  // Methods that have no answer.
  atOnce(channel, done, act) {
    this.on(channel, done, (it) => {
      act(it);
      done();
    });
  }

  do_basic__ack({channel, delivery_tag: deliveryTag, multiple = false}, done) {
    this.atOnce(channel, done, (it) => it.ack({fields: {deliveryTag}}, multiple));
  }

  do_basic__nack({channel, delivery_tag: deliveryTag, multiple = false, requeue = true}, done) {
    this.atOnce(channel, done, (it) => it.nack({fields: {deliveryTag}}, multiple, requeue));
  }

  do_basic__reject({channel, delivery_tag: deliveryTag, requeue = true}, done) {
    this.atOnce(channel, done, (it) => it.reject({fields: {deliveryTag}}, requeue));
  }

  do_basic__recover({channel}, done) {
    this.on(channel, done, (it) => it.recover(done));
  }
}

const counted = (done) => (error, ok) => done(error, ok && {message_count: ok.messageCount});

new CallbackShim('amqplib-callback').run();
