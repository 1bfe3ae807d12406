// The story with amqplib's promises: a confirm channel, consumers as callbacks, a loop around the 'close' event.
'use strict';

const {once} = require('node:events');
const {setTimeout: sleep} = require('node:timers/promises');
const assert = require('node:assert/strict');
const amqp = require('amqplib');

const [url, prefix] = process.argv.slice(2);
const [EVENTS, WORK, DEAD, RPC] = ['events', 'work', 'dead', 'rpc'].map((name) => `${prefix}.${name}`);
const MESSAGES = 100;
const PREFETCH = 10;
const PATIENCE = 5000;

const step = (text) => console.log(`step: ${text}`);

async function declare(channel) {
  await channel.assertExchange(EVENTS, 'topic', {durable: true});
  await channel.assertExchange(DEAD, 'fanout', {durable: true});
  await channel.assertQueue(DEAD, {durable: true});
  await channel.bindQueue(DEAD, DEAD, '');
  const counts = await channel.assertQueue(WORK, {durable: true, deadLetterExchange: DEAD});
  await channel.bindQueue(WORK, EVENTS, 'order.#');
  return counts;
}

async function publishWithConfirms(channel) {
  for (let number = 0; number < MESSAGES; number++) {
    channel.publish(EVENTS, 'order.created', Buffer.from(String(number)), {persistent: true});
  }
  await channel.waitForConfirms();
  const {messageCount} = await channel.checkQueue(WORK);
  step(`confirmed ${messageCount}`);
}

/** What was pushed, in order, for whoever awaits it. */
class Arrivals {
  #values = [];
  #waiting = [];
  push = (value) => (this.#waiting.shift() ?? ((one) => this.#values.push(one)))(value);
  get isEmpty() { return this.#values.length === 0; }
  next() {
    if (!this.isEmpty) return Promise.resolve(this.#values.shift());
    const {promise, resolve} = withResolvers();
    this.#waiting.push(resolve);
    return within(promise);
  }
}

function withResolvers() {
  let resolve;
  const promise = new Promise((resolved) => { resolve = resolved; });
  return {promise, resolve};
}

function within(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came in ${PATIENCE} ms`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function consumeWithPrefetch(connection) {
  const channel = await connection.createChannel();
  await channel.prefetch(PREFETCH);
  const arrived = new Arrivals();
  const {consumerTag} = await channel.consume(WORK, arrived.push);
  for (let number = 0; number < MESSAGES;) {
    let last;
    for (let unacknowledged = 0; unacknowledged < PREFETCH; unacknowledged++, number++) {
      last = await arrived.next();
      assert.equal(last.content.toString(), String(number));
    }
    await sleep(10);
    assert(arrived.isEmpty, 'more than the prefetch count came');
    channel.ack(last, true);
  }
  await channel.cancel(consumerTag);
  await channel.close();
  step(`consumed ${MESSAGES} in order, at most ${PREFETCH} unacknowledged`);
}

async function publishUnroutable(channel) {
  const returned = once(channel, 'return');
  channel.publish(EVENTS, 'nobody.cares', Buffer.from('lost'), {mandatory: true});
  const [message] = await within(returned);
  assert.equal(message.content.toString(), 'lost');
  await channel.waitForConfirms();
  step(`returned ${message.fields.replyCode} ${message.fields.replyText}`);
}

async function get(channel, queue) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(10)) {
    const message = await channel.get(queue);
    if (message) return message;
  }
  throw new Error(`no message came to ${queue}`);
}

async function deadLetter(channel) {
  const reasons = [];
  for (const expiration of [undefined, 10]) {
    channel.publish(EVENTS, 'order.late', Buffer.from('dead'), {expiration});
    if (!expiration) channel.reject(await get(channel, WORK), false);
    const message = await get(channel, DEAD);
    const [death] = message.properties.headers['x-death'];
    assert.deepEqual([death.queue, death.exchange, death.count], [WORK, EVENTS, 1]);
    reasons.push(death.reason);
    channel.ack(message);
  }
  step(`dead-lettered ${reasons.join(', ')}`);
}

async function call(connection) {
  const server = await connection.createChannel();
  const client = await connection.createChannel();
  await server.assertQueue(RPC, {exclusive: true, durable: false});
  await server.consume(RPC, (request) => {
    const {replyTo, correlationId} = request.properties;
    server.sendToQueue(replyTo, Buffer.from(String(7 * Number(request.content))), {correlationId});
    server.ack(request);
  });
  const answers = new Arrivals();
  await client.consume('amq.rabbitmq.reply-to', answers.push, {noAck: true});
  client.sendToQueue(RPC, Buffer.from('6'), {replyTo: 'amq.rabbitmq.reply-to', correlationId: 'c1'});
  const answer = await answers.next();
  assert.equal(answer.properties.correlationId, 'c1');
  await client.close();
  await server.close();
  step(`answered ${answer.content}`);
}

async function connect() {
  for (let attempt = 0; ; attempt++) {
    try {
      const connection = await amqp.connect(url, {clientProperties: {connection_name: 'story'}});
      // A lost connection says 'error' and then 'close', which is what the story waits for.
      connection.on('error', (error) => console.log(`amqplib: ${error.message}`));
      connection.on('blocked', (reason) => console.log(`amqplib: blocked, ${reason}`));
      return connection;
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(50);
    }
  }
}

async function recover(connection) {
  const lost = new Promise((resolve) => connection.once('close', resolve));
  console.log('restart');
  await lost;
  connection = await connect();
  const channel = await connection.createConfirmChannel();
  await declare(channel);
  channel.publish(EVENTS, 'order.again', Buffer.from('after'), {persistent: true});
  await channel.waitForConfirms();
  const message = await get(channel, WORK);
  assert.equal(message.content.toString(), 'after');
  channel.ack(message);
  step('recovered');
  return [connection, channel];
}

async function close(connection, channel) {
  for (const queue of [WORK, DEAD]) await channel.deleteQueue(queue);
  for (const exchange of [EVENTS, DEAD]) await channel.deleteExchange(exchange);
  await channel.close();
  await connection.close();
  step('closed');
}

async function main() {
  const connection = await connect();
  const channel = await connection.createConfirmChannel();
  const counts = await declare(channel);
  step(`declared, ${counts.messageCount} messages, ${counts.consumerCount} consumers`);
  await publishWithConfirms(channel);
  await consumeWithPrefetch(connection);
  await publishUnroutable(channel);
  await deadLetter(channel);
  await call(connection);
  await close(...await recover(connection));
}

main();
