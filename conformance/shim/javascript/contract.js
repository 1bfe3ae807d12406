// What the shims in JavaScript share: the JSON of the contract (see README.md in the folder above), requests and their
// answers, and nothing of any library.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

class Unsupported extends Error {}

// Packages do not let their package.json be required.
function versionOf(name) {
  let folder = path.dirname(require.resolve(name));
  for (; !fs.existsSync(path.join(folder, 'package.json')) || !('version' in read(folder)); folder = path.dirname(folder));
  return read(folder).version;
}

const read = (folder) => JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const event = (name, details) => say({event: name, with: details});

function requestFrom(line) {
  const request = JSON.parse(line);
  if (!request?.id || !request.op) throw new Error(`no request: ${line}`);
  return request;
}

const bodyFromJson = (body) => (typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.hex, 'hex'));
const bodyToJson = (body) => (Buffer.from(body.toString()).equals(body) ? body.toString() : {hex: body.toString('hex')});

// Tables, with the library's words for octets, timestamps and decimals: `tagged` has a function for each of x, T and D.
function tableFromJson(value, tagged) {
  if (Array.isArray(value)) return value.map((item) => tableFromJson(item, tagged));
  if (value === null || typeof value !== 'object') return value;
  const tag = Object.keys(value).find((name) => name.startsWith('!'));
  if (tag && !tagged[tag.slice(1)]) throw new Unsupported(`the library chooses tags by itself, so ${tag} cannot be asked for`);
  if (tag) return tagged[tag.slice(1)](value[tag]);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, tableFromJson(item, tagged)]));
}

// `known` gives the JSON of what the library has a word of its own for, else undefined.
function tableToJson(value, known) {
  const own = known(value);
  if (own !== undefined) return own;
  if (Array.isArray(value)) return value.map((item) => tableToJson(item, known));
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return {'!x': Buffer.from(value).toString('hex')};
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, tableToJson(item, known)]));
}

// Requests may overlap. The methods called do_... are the operations: do_basic__get is basic.get. A shim says in
// `described(error, connecting)` what an error is in the words of the contract.
class Shim {
  constructor(library, version) {
    this.hello = {contract: 1, library, version, language: `node ${process.versions.node}`};
    this.connection = null;
    this.channels = new Map(); // the number the harness uses -> a holder {channel, confirms, cut, returned}
    this.waiting = []; // the channels of the requests that are being worked on, 0 for the connection
    this.cut = null; // the error that ended the connection
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(this)).filter((name) => name.startsWith('do_'));
    this.operations = new Map(methods.map((name) => [name.slice(3).replaceAll('__', '.'), this[name].bind(this)]));
  }

  async run() {
    say({hello: {...this.hello, operations: [...this.operations.keys()].sort()}});
    for await (const line of readline.createInterface({input: process.stdin})) {
      if (line.trim()) this.workOn(requestFrom(line));
    }
    await this.dropConnection();
  }

  async workOn({id, op, with: given}) {
    const arguments_ = {channel: 1, ...given};
    const number = ['connect', 'close', 'channel.open', 'confirm.select'].includes(op) ? 0 : arguments_.channel;
    if (op !== 'wait') this.waiting.push(number);
    try {
      const operation = this.operations.get(op);
      if (!operation) throw new Unsupported(`this shim has no operation ${op}`);
      say({id, result: (await this.perform(operation, arguments_)) ?? {}});
    } catch (error) {
      if (error instanceof Unsupported) say({id, unsupported: error.message});
      else say({id, error: this.explained(error, op, arguments_.channel)});
    }
    if (op !== 'wait') this.waiting.splice(this.waiting.indexOf(number), 1);
  }

  perform(operation, arguments_) {
    return operation(arguments_);
  }

  // A call that is cut off says only that; why was an event a moment before.
  explained(error, op, number) {
    const told = this.described(error, op === 'connect');
    const cause = this.channels.get(number)?.cut ?? this.cut;
    if (op !== 'connect' && cause && this.isCutOff(error, told)) return this.described(cause);
    return told;
  }

  // The end of the connection: an event, if no request waits that hears of it.
  onClose(connection, error) {
    if (connection !== this.connection) return;
    this.connection = null;
    if (!error) return;
    this.cut = error;
    for (const one of this.channels.values()) one.cut ??= error;
    if (this.waiting.length === 0) event('connection.close', this.described(error));
  }

  onChannelClose(number, holder, error) {
    holder.cut = error;
    const {code, text} = this.described(error);
    if (!this.waiting.includes(number)) event('channel.close', {channel: number, code, text});
  }

  hold(number, channel, confirms) {
    const holder = {channel, confirms, cut: null, returned: null};
    this.channels.set(number, holder);
    return holder;
  }
}

const wait = ({seconds}) => new Promise((done) => { setTimeout(done, seconds * 1000); });

module.exports = {Shim, Unsupported, bodyFromJson, bodyToJson, event, tableFromJson, tableToJson, versionOf, wait};
