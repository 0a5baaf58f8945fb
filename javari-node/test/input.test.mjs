// Input that does not fit is an error that says where, never a crash.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { InvalidInputError, Javari, Scope } from '@javari/node';

import { ask, opened, program, scoped } from './support.mjs';

const require = createRequire(import.meta.url);

const cycle = {};
cycle.self = cycle;
const deep = () => {
  let value = {};
  for (let depth = 0; depth < 100_000; depth++) value = { value };
  return value;
};
const wide = () => {
  let value = {};
  for (let depth = 0; depth < 60; depth++) value = { left: value, right: value };
  return value;
};

const NOT_JSON = {
  'a function': () => {},
  'a symbol': Symbol('x'),
  'half a character': '\ud800',
  'NaN': NaN,
  'Infinity': Infinity,
  'a number of 100 bits': 2n ** 100n,
  'a date': new Date(),
  'bytes': Buffer.from('x'),
  'an ArrayBuffer': new ArrayBuffer(8),
  'a promise': Promise.resolve('x'),
  'a cycle': cycle,
  'a deep value': deep(),
  'a value that grows': wide(),
  'a hole in a list': [undefined],
};

test('what JSON cannot say is refused by its place', async (context) => {
  const scope = await scoped(await opened(context));
  for (const [name, value] of Object.entries(NOT_JSON)) {
    await assert.rejects(scope.vault.put({ name: 'A', value }), (error) => {
      assert.ok(error instanceof InvalidInputError, `${name}: ${error}`);
      assert.ok(error.fields[0].path.startsWith('/value'), `${name}: ${error.fields[0].path}`);
      return true;
    });
  }
});

test('requests, scopes and settings of the wrong type are refused', async (context) => {
  const javari = await opened(context);
  const scope = await scoped(javari);
  for (const request of [null, 5, 'text', [], true, 10n, { name: null }, { name: {} }, { name: [] }]) {
    await assert.rejects(scope.vault.get(request), InvalidInputError, String(request));
  }
  const ids = [null, 5, 'no id', {}, '', '\ud800'];
  for (const user of ids) {
    await assert.rejects(javari.scope({ user }).vault.list(), InvalidInputError, String(user));
  }
  await assert.rejects(javari.scope('text').vault.list(), InvalidInputError);
  await assert.rejects(javari.scope().vault.list(), InvalidInputError);
  for (const [database, settings] of [
    [5, {}],
    [null, {}],
    [':memory:', { root_key: 5 }],
    [':memory:', { unknown: true }],
    [':memory:', { openai: () => {} }],
    ['\ud800', {}],
  ]) {
    await assert.rejects(Javari.open(database, settings), InvalidInputError, String(database));
  }
});

test('options of the wrong type are refused', async (context) => {
  const scope = await scoped(await opened(context));
  for (const options of [{ signal: 5 }, { signal: {} }, { blobs: 'x' }, { blobs: ['x'] }, { blobs: [null] }]) {
    await assert.rejects(scope.vault.list({}, options), InvalidInputError);
    assert.throws(() => scope.provider.chat(ask(), options), InvalidInputError);
  }
  await scope.vault.list({}, null);
  await scope.vault.list({}, { blobs: [Buffer.from('x'), new Uint8Array(3), new Uint8Array(0)] });
});

test('fields that are undefined are left out', async (context) => {
  const scope = await scoped(await opened(context));
  const view = await scope.vault.put({ name: 'A', value: 'x', description: undefined, type: undefined });
  assert.equal(view.type, 'custom');
});

test('whole numbers stay whole, whatever their size', async (context) => {
  const scope = await scoped(await opened(context));
  for (const timeout_ms of [1e12, 5_000_000_000, 4294967296, 60000n, 2 ** 53 - 1]) {
    await scope.provider.complete({ ...ask(), timeout_ms });
  }
  const { items } = await scope.vault.list({ limit: 7.0 });
  assert.deepEqual(items, []);
  await assert.rejects(scope.vault.list({ limit: 1.5 }), InvalidInputError);
});

test('only what an object holds itself is read, and a getter that throws is told', async (context) => {
  const scope = await scoped(await opened(context));
  const inherited = Object.create({ extra: 1 }, { name: { value: 'A', enumerable: true } });
  await assert.rejects(scope.vault.get(inherited), { code: 'NOT_FOUND' });
  const own = JSON.parse('{ "name": "A", "__proto__": { "x": 1 } }');
  await assert.rejects(scope.vault.get(own), (error) => error.fields[0].path === '/__proto__');
  const throws = { get name() { throw new RangeError('from the getter'); } };
  await assert.rejects(scope.vault.get(throws), RangeError);
  const proxy = new Proxy({}, { ownKeys() { throw new RangeError('from the proxy'); } });
  await assert.rejects(scope.vault.get(proxy), RangeError);
});

test('an answer cannot change what its object inherits', async (context) => {
  const javari = await opened(context);
  const value = JSON.parse('{ "__proto__": { "isAdmin": true } }');
  await javari.register('provider', 'mine', {
    async *stream() {
      yield { type: 'started', provider: 'x', model: 'x' };
      yield { type: 'extra', name: 'odd', value };
      yield { type: 'finished', reason: 'stop', usage: {}, model: 'x' };
    },
  });
  const reply = await (await scoped(javari)).provider.complete(ask('mine/x'));
  assert.equal(reply.extras[0].value.isAdmin, undefined);
  assert.deepEqual(Object.keys(reply.extras[0].value), ['__proto__']);
  assert.deepEqual(reply.extras[0].value, value);
});

test('operations that do not exist, or answer the other way, are refused', async (context) => {
  const scope = await scoped(await opened(context));
  await assert.rejects(scope.call('no.such'), InvalidInputError);
  await assert.rejects(scope.call('provider.chat', ask()), InvalidInputError);
  await assert.rejects(scope.stream('vault.list').next(), InvalidInputError);
  for (const name of [undefined, null, 5, {}, Symbol('x')]) {
    await assert.rejects(scope.call(name), InvalidInputError);
    assert.throws(() => scope.stream(name), InvalidInputError);
  }
});

test('classes cannot be made or misused from outside', async (context) => {
  const javari = await opened(context);
  const scope = await scoped(javari);
  assert.throws(() => new Javari(), TypeError);
  assert.throws(() => new Scope(), TypeError);
  await assert.rejects(async () => Javari.prototype.close.call({}), TypeError);
  await assert.rejects(async () => scope.vault.list.call({}), TypeError);
  const native = require(join(dirname(require.resolve('@javari/node')), 'native.cjs'));
  assert.throws(() => new native.Native());
  assert.throws(() => new native.Events());
  const { call, stream, close } = native.Native.prototype;
  for (const self of [undefined, null, {}, new native.Stop(), Object.create(native.Native.prototype)]) {
    assert.throws(() => call.call(self, 'vault.list', null, {}, [], undefined));
    assert.throws(() => stream.call(self, 'vault.list', null, {}, []));
    assert.throws(() => close.call(self));
  }
});

test('a panic in the native half is an error, and the process lives on', async (context) => {
  const path = join(dirname(require.resolve('@javari/node')), 'native.cjs');
  // Only a build for development can be made to panic.
  if (!require(path).panics) return context.skip('a release cannot be made to panic');
  // In a process of its own, for the panic is told on standard error.
  const { out, code } = await program(`
    import { createRequire } from 'node:module';
    const { panics } = createRequire(import.meta.url)(${JSON.stringify(path)});
    for (let round = 0; round < 3; round++) {
      await panics().catch((fault) => console.log(JSON.parse(fault.message).code));
    }
  `);
  assert.deepEqual([out, code], ['UNEXPECTED\n'.repeat(3), 0]);
});
