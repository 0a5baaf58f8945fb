// The door of Javari for Node.js: opens one and hands out scopes. See `index.d.ts` for the types.
'use strict';

const native = require('./native.cjs');
const { JavariError } = require('./error.cjs');
const { HostRooms, ScopeRooms } = require('./rooms.cjs');
const { checked, crossed, crossing, invalid, stoppable } = require('./call.cjs');
const { EventStream, asyncDispose } = require('./stream.cjs');
const { asked } = require('./object.cjs');

/** What only this module may hand to the constructors below. */
const inside = Symbol('inside');

class Javari extends HostRooms {
  #native;
  #caller;

  constructor(key, handle) {
    if (key !== inside) throw new TypeError('use `await Javari.open(...)`');
    const caller = new Caller(handle, null);
    super(caller);
    this.#native = handle;
    this.#caller = caller;
  }

  static async open(database, settings = {}, { rootKey } = {}) {
    let all = database === undefined ? settings : { ...settings, database };
    if (rootKey !== undefined) {
      const named = Object.keys(all).find((name) => name.startsWith('root_key'));
      if (named) throw new TypeError(`the root key has two origins: rootKey and ${named}`);
      all = { ...all, root_key: await rootKey(await crossing(() => native.Native.neededKey(all))) };
    }
    return new Javari(inside, await crossing(() => native.Native.open(all)));
  }

  static async fromEnv() {
    return new Javari(inside, await crossing(() => native.Native.fromEnv()));
  }

  scope(key) {
    return new Scope(inside, this.#native, key);
  }

  call(operation, request, options) {
    return this.#caller.call(operation, request, options);
  }

  stream(operation, request, options) {
    return this.#caller.stream(operation, request, options);
  }

  async register(kind, name, object) {
    if (object === null || typeof object !== 'object') {
      throw invalid('host.register', '/object', 'must be an object');
    }
    return crossing(() => this.#native.register(kind, name, asked(object)));
  }

  close() {
    return crossing(() => this.#native.close());
  }

  [asyncDispose]() {
    return this.close();
  }
}

class Scope extends ScopeRooms {
  #caller;
  #key;

  constructor(token, handle, key) {
    if (token !== inside) throw new TypeError('use `javari.scope(...)`');
    const own = Object.freeze({ ...key });
    const caller = new Caller(handle, own);
    super(caller);
    this.#caller = caller;
    this.#key = own;
  }

  get key() {
    return this.#key;
  }

  call(operation, request, options) {
    return this.#caller.call(operation, request, options);
  }

  stream(operation, request, options) {
    return this.#caller.stream(operation, request, options);
  }
}

/** Makes the calls of one scope; the rooms stand on it. */
class Caller {
  #native;
  #scope;

  constructor(handle, scope) {
    this.#native = handle;
    this.#scope = scope;
  }

  async call(operation, request = {}, options = {}) {
    const { signal, blobs } = checked(operation, options);
    const begin = (stop) => this.#native.call(operation, this.#scope, request, blobs, stop);
    return stoppable(operation, signal, begin);
  }

  stream(operation, request = {}, options = {}) {
    const { signal, blobs } = checked(operation, options);
    const begin = () => this.#native.stream(operation, this.#scope, request, blobs);
    return new EventStream(crossed(begin), operation, signal);
  }
}

module.exports = { Javari, Scope, EventStream, JavariError, ...require('./errors.cjs') };
