// The control story with amqplib: time, cut connections and crashes over HTTP, from a test in JavaScript.
'use strict';
const assert = require('node:assert/strict');
const amqp = require('amqplib');

const [url, prefix, control] = process.argv.slice(2);
const QUEUE = `${prefix}.orders`;
const PATIENCE = 5000;

const step = (text) => console.log(`step: ${text}`);

// What the API says; an answer other than 2xx is an error with its text.
async function ask(method, path, body) {
  const response = await fetch(control + path, {method, body: body && JSON.stringify(body)});
  const text = await response.text();
  assert(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

const post = (path, body) => ask('POST', path, body);

async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${PATIENCE} ms`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function poll(done) {
  while (!(await done())) await new Promise((later) => setTimeout(later, 20));
}

async function connect() {
  const connection = await amqp.connect(url);
  connection.on('error', () => {}); // 'close' follows
  return connection;
}

const ended = (connection) => within(new Promise((done) => connection.once('close', done)), 'the end of the connection');

async function main() {
  let connection = await connect();
  let channel = await connection.createConfirmChannel();

  await channel.assertQueue(QUEUE, {durable: true, arguments: {'x-message-ttl': 30 * 60 * 1000}});
  channel.sendToQueue(QUEUE, Buffer.from('late'));
  await channel.waitForConfirms();
  const {next_deadline: next} = await ask('GET', '/clock');
  assert.deepEqual([next.kind, next.queue, next.in], ['message_expiry', QUEUE, 1800]);
  await post('/clock/advance', {by: '30m'});
  assert.equal(await channel.get(QUEUE), false);
  step('expired after 30 minutes');

  const fault = await post('/faults', {do: {late_confirms: '1h'}});
  let confirmed = false;
  const late = new Promise((done) => channel.sendToQueue(QUEUE, Buffer.from('delayed'), {}, done));
  late.then(() => { confirmed = true; });
  await within(poll(async () => (await ask('GET', '/faults'))[0].fired === 1), 'the fault');
  assert.equal(confirmed, false);
  await post('/clock/advance', {by: '1h'});
  await within(late, 'the confirm');
  await ask('DELETE', `/faults/${fault.id}`);
  assert.deepEqual(await ask('GET', '/faults'), []);
  step('confirmed late by a fault');

  channel.sendToQueue(QUEUE, Buffer.from('kept'), {persistent: true});
  await channel.waitForConfirms();
  const [message] = await ask('GET', `/messages?queue=${QUEUE}`);
  assert.equal(message.body, 'kept');
  const [{connection: number}] = await ask('GET', '/connections');
  let end = ended(connection);
  await post(`/connections/${number}/drop`);
  await end;
  connection = await connect();
  step('dropped, and connected again');

  end = ended(connection);
  await post('/broker/crash');
  await end;
  await assert.rejects(connect());
  await post('/broker/start');
  connection = await connect();
  channel = await connection.createChannel();
  const kept = await channel.get(QUEUE, {noAck: true});
  assert.equal(kept.content.toString(), 'kept');
  assert.equal(kept.fields.redelivered, true);
  step('crashed, and nothing persistent was lost');

  end = ended(connection);
  await post('/reset');
  await end;
  assert.deepEqual(await ask('GET', '/queues'), []);
  assert.equal((await ask('GET', '/clock')).now, 0);
  step('reset');
}

main();
