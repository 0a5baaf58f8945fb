// Giving up: signals before and during a call, `break`, `return`, dispose.
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { test } from 'node:test';

import { CancelledError } from '@javari/node';

import { ask, endless, finished, opened, parrot, scoped, started } from './support.mjs';

const isAbort = (error) => {
  assert.ok(error instanceof CancelledError);
  assert.deepEqual([error.code, error.name], ['CANCELLED', 'AbortError']);
  return true;
};

async function withProvider(context, provider) {
  const javari = await opened(context);
  await javari.register('provider', 'mine', provider);
  return scoped(javari);
}

test('a signal that is aborted already keeps the call from beginning', async (context) => {
  const scope = await scoped(await opened(context));
  const signal = AbortSignal.abort('no need');
  await assert.rejects(scope.vault.put({ name: 'A', value: 'x' }, { signal }), (error) => {
    assert.equal(error.cause, 'no need');
    return isAbort(error);
  });
  assert.deepEqual((await scope.vault.list()).items, []);
  await assert.rejects(scope.provider.chat(ask(), { signal }).next(), isAbort);
});

test('a signal during a call rejects it and stops the work', async (context) => {
  const provider = endless('some');
  const scope = await withProvider(context, provider);
  const controller = new AbortController();
  const call = scope.provider.complete(ask('mine/x'), { signal: controller.signal });
  await provider.waiting;
  controller.abort();
  await assert.rejects(call, isAbort);
  await provider.stopped;
});

test('a hundred calls share one signal without a warning', async (context) => {
  const warnings = [];
  const onWarning = (warning) => warnings.push(warning.message);
  process.on('warning', onWarning);
  context.after(() => process.off('warning', onWarning));
  const provider = { async *stream(_, { signal }) { await once(signal, 'abort'); } };
  const scope = await withProvider(context, provider);
  const alive = setInterval(() => {}, 1000);
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 50 }, () => scope.provider.complete(ask('mine/x'), { signal }));
  const pulls = Array.from({ length: 50 }, () => scope.provider.chat(ask('mine/x'), { signal }).next());
  await scope.vault.list({}, { signal });
  controller.abort();
  for (const call of [...calls, ...pulls]) await assert.rejects(call, isAbort);
  clearInterval(alive);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.deepEqual(warnings, []);
});

test('a signal that comes after the call does nothing', async (context) => {
  const scope = await scoped(await opened(context));
  const controller = new AbortController();
  await scope.vault.list({}, { signal: controller.signal });
  controller.abort();
  assert.deepEqual((await scope.vault.list()).items, []);
});

test('a signal during a stream rejects the pull that waits, stops the work and ends the stream', async (context) => {
  const provider = endless('some');
  const scope = await withProvider(context, provider);
  const controller = new AbortController();
  const stream = scope.provider.chat(ask('mine/x'), { signal: controller.signal });
  assert.equal((await stream.next()).value.type, 'started');
  assert.equal((await stream.next()).value.delta, 'some');
  const waiting = stream.next();
  await provider.waiting;
  controller.abort();
  await assert.rejects(waiting, isAbort);
  await provider.stopped;
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
});

test('a signal between two pulls stops the work at once', async (context) => {
  const provider = endless('some');
  const scope = await withProvider(context, provider);
  const controller = new AbortController();
  const stream = scope.provider.chat(ask('mine/x'), { signal: controller.signal });
  await stream.next();
  await provider.waiting;
  controller.abort();
  await provider.stopped;
  await assert.rejects(stream.next(), isAbort);
});

test('`break` stops the work', async (context) => {
  const provider = endless('one', 'two', 'three');
  const scope = await withProvider(context, provider);
  for await (const event of scope.provider.chat(ask('mine/x'))) {
    if (event.type === 'text') break;
  }
  await provider.stopped;
});

test('`return` while a pull waits ends both', async (context) => {
  const provider = endless();
  const scope = await withProvider(context, provider);
  const stream = scope.provider.chat(ask('mine/x'));
  await stream.next();
  const waiting = stream.next();
  await provider.waiting;
  assert.equal((await stream.return()).done, true);
  assert.deepEqual(await waiting, { done: true, value: undefined });
  await provider.stopped;
});

test('a stream that is disposed of stops its work', async (context) => {
  const provider = endless();
  const scope = await withProvider(context, provider);
  const stream = scope.provider.chat(ask('mine/x'));
  await stream.next();
  await stream[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]();
  await provider.stopped;
});

test('a cancelled ReadableStream stops the work, and a read one has every event', async (context) => {
  const provider = endless();
  const scope = await withProvider(context, provider);
  const reader = ReadableStream.from(scope.provider.chat(ask('mine/x'))).getReader();
  assert.equal((await reader.read()).value.type, 'started');
  await reader.cancel();
  await provider.stopped;
  const types = [];
  for await (const event of ReadableStream.from(scope.provider.chat(ask()))) types.push(event.type);
  assert.equal(types.at(-1), 'finished');
});

test('overlapping pulls are answered in order', async (context) => {
  const scope = await withProvider(context, parrot('a', 'b', 'c'));
  const stream = scope.provider.chat(ask('mine/x'));
  const pulls = await Promise.all(Array.from({ length: 7 }, () => stream.next()));
  const seen = pulls.map(({ done, value }) => (done ? 'end' : (value.delta ?? value.type)));
  assert.deepEqual(seen, ['started', 'a', 'b', 'c', 'finished', 'end', 'end']);
});

test('a long stream arrives whole and in order', async (context) => {
  const count = 5000;
  const provider = {
    async *stream() {
      yield started('x');
      for (let index = 0; index < count; index++) yield { type: 'text', delta: `${index} ` };
      yield finished('x');
    },
  };
  const scope = await withProvider(context, provider);
  let next = 0;
  for await (const event of scope.provider.chat(ask('mine/x'))) {
    if (event.type === 'text') assert.equal(event.delta, `${next++} `);
  }
  assert.equal(next, count);
});
