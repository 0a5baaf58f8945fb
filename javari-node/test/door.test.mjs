// The door itself: one set of classes, errors with every part, bytes, close.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import * as esm from '@javari/node';

import { ask, opened, scoped } from './support.mjs';

const cjs = createRequire(import.meta.url)('@javari/node');
const { ClosedError, InvalidInputError, Javari, JavariError, NotFoundError } = esm;

test('import and require share every class', () => {
  const names = (door) => Object.keys(door).filter((name) => !['default', 'module.exports'].includes(name));
  assert.deepEqual(names(esm).sort(), names(cjs).sort());
  for (const name of names(cjs)) assert.equal(esm[name], cjs[name], name);
});

test('an error tells its class, code, operation, fields, context and retry advice', async (context) => {
  const scope = await scoped(await opened(context));
  await assert.rejects(scope.vault.put({ name: 'no name', extra: 1 }), (error) => {
    assert.ok(error instanceof InvalidInputError && error instanceof JavariError);
    assert.equal(error.code, 'INVALID_INPUT');
    assert.equal(error.name, 'InvalidInputError');
    assert.equal(error.operation, 'vault.put');
    assert.deepEqual(error.fields.map((field) => field.path).sort(), ['/extra', '/name', '/value']);
    assert.equal(error.retry_after, null);
    assert.ok(!error.message.includes('{'), error.message);
    assert.ok(error.stack.includes('door.test.mjs'), error.stack);
    return true;
  });
  await assert.rejects(scope.vault.get({ name: 'MISSING' }), NotFoundError);
});

test('two scopes of one Javari do not meet', async (context) => {
  const javari = await opened(context);
  const [ann, bob] = [await scoped(javari), await scoped(javari, 'bob@example.com')];
  await ann.vault.put({ name: 'KEY', value: 'of ann' });
  await assert.rejects(bob.vault.reveal({ name: 'KEY' }), { code: 'NOT_FOUND' });
  assert.equal((await ann.vault.reveal({ name: 'KEY' })).value, 'of ann');
  assert.equal(Object.isFrozen(ann.key), true);
});

test('a call by name is the same as by its method', async (context) => {
  const scope = await scoped(await opened(context));
  await scope.call('vault.put', { name: 'A', value: 'x' });
  assert.deepEqual(await scope.call('vault.get', { name: 'A' }), await scope.vault.get({ name: 'A' }));
  const events = [];
  for await (const event of scope.stream('provider.chat', ask())) events.push(event.type);
  assert.deepEqual([events[0], events.at(-1)], ['started', 'finished']);
});

test('after close every call says CLOSED, and closing twice does no harm', async (context) => {
  const javari = await opened(context);
  const scope = await scoped(javari);
  const stream = scope.provider.chat(ask());
  await javari.close();
  await javari.close();
  for (const call of [
    () => scope.vault.list(),
    () => javari.system.version(),
    () => scope.provider.complete(ask()),
    () => stream.next(),
    () => javari.register('provider', 'late', { async *stream() {} }),
  ]) {
    await assert.rejects(call, ClosedError);
  }
});

test('`await using` closes it', async () => {
  const javari = await Javari.open(':memory:', { environment: false });
  const dispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
  await javari[dispose]();
  await assert.rejects(javari.system.version(), ClosedError);
});

test('a file keeps what was put, from one Javari to the next', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'javari-'));
  try {
    const path = join(folder, 'javari.db');
    const first = await Javari.open(path, { environment: false });
    await (await scoped(first)).vault.put({ name: 'KEPT', value: 'yes' });
    await first.close();
    const second = await Javari.open(path, { environment: false });
    assert.equal((await (await scoped(second)).vault.reveal({ name: 'KEPT' })).value, 'yes');
    await second.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every letter comes back as it went', async (context) => {
  const scope = await scoped(await opened(context));
  const value = 'ä ß 漢字 🐝 \u0000 \u2028 "quoted" \\';
  await scope.vault.put({ name: 'TEXT', value });
  assert.equal((await scope.vault.reveal({ name: 'TEXT' })).value, value);
});

test('bytes go beside a request as they were at the call, and come to the end', async (context) => {
  const scope = await scoped(await opened(context));
  const text = '# Refunds\n\nRefunds take five working days.\n';
  const blob = Buffer.from(`before ${text} after`).subarray(7, 7 + text.length);
  const request = { bytes: { name: 'guide.md' } };
  const events = scope.knowledge.ingest(request, { blobs: [blob] });
  blob.fill(0);
  const types = [];
  for await (const event of events) {
    types.push(event.type);
    if (event.type === 'failed') assert.fail(JSON.stringify(event));
  }
  assert.deepEqual(types, ['found', 'added', 'finished']);
  const { items } = await scope.knowledge.list();
  assert.equal((await scope.knowledge.get({ id: items[0].id })).text.trim(), text.trim());
  const bytes = new Uint8Array([255, 254, 0, 1]);
  const other = scope.knowledge.ingest({ bytes: { name: 'odd.bin' } }, { blobs: [bytes] });
  for await (const event of other) types.push(event.type);
  assert.equal(types.at(-1), 'finished');
});
