// The event loop, the end of a process, worker threads and what is collected.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';

import { ask, opened, program, scoped } from './support.mjs';

const PRELUDE = `
  import { Javari } from '@javari/node';
  import { ask, endless, parrot, scoped } from './support.mjs';
  const open = (path = ':memory:') => Javari.open(path, { environment: false });
`;

/** Runs a program of its own, which must end by itself without a word on standard error. */
async function ends(source, flags) {
  const told = await program(PRELUDE + source, flags);
  assert.deepEqual({ code: told.code, signal: told.signal, err: told.err }, { code: 0, signal: null, err: '' });
  return told.out.trim();
}

test('the event loop lives while a call waits: the server it waits for is in this very thread', async (context) => {
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    // Many turns of the loop pass before the answer.
    for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
    response.setHeader('content-type', 'application/json');
    const message = { role: 'assistant', content: 'I was here' };
    response.end(JSON.stringify({ id: '1', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const base_url = `http://127.0.0.1:${server.address().port}/v1`;
  const javari = await opened(context, { openai: { base_url, chat_model: 'm', api_key: 'k' } });
  const reply = await (await scoped(javari)).provider.complete(ask());
  assert.equal(reply.text, 'I was here');
});

test('a process ends by itself with a Javari left open and idle', async () => {
  const out = await ends(`
    const javari = await open();
    await javari.register('provider', 'mine', parrot('x'));
    const scope = await scoped(javari);
    await scope.provider.complete(ask('mine/x'));
    for await (const event of scope.provider.chat(ask('mine/x'))) if (event.type === 'text') break;
    const left = scope.provider.chat(ask('mine/x'));
    await left.next();
    globalThis.kept = { javari, left };
    console.log('idle');
  `);
  assert.equal(out, 'idle');
});

test('a call under way keeps the process until it is answered', async () => {
  const out = await ends(`
    const javari = await open();
    scoped(javari).then((scope) => scope.provider.complete(ask())).then(() => console.log('answered'));
  `);
  assert.equal(out, 'answered');
});

test('process.exit with calls and streams under way is quiet', async () => {
  for (let round = 0; round < 5; round++) {
    await ends(`
      const javari = await open();
      const provider = endless('x');
      await javari.register('provider', 'mine', provider);
      const scope = await scoped(javari);
      for (let index = 0; index < 50; index++) scope.vault.put({ name: 'N' + index, value: 'x' });
      scope.provider.chat(ask('mine/x')).next();
      scope.provider.complete(ask('mine/x'));
      await provider.waiting;
      process.exit(0);
    `);
  }
});

test('worker threads open, call, share a file, and may be ended in the middle', async () => {
  const out = await ends(`
    import { Worker, isMainThread } from 'node:worker_threads';
    import { mkdtempSync, rmSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    const folder = mkdtempSync(join(tmpdir(), 'javari-'));
    const path = join(folder, 'javari.db');
    await (await open(path)).close();
    const work = new URL('./worker.mjs', 'file://' + process.cwd() + '/');
    const run = (task) => new Promise((resolve, reject) => {
      const worker = new Worker(work, { workerData: { path, task }, execArgv: [] });
      worker.on('error', reject);
      worker.on('message', (word) => { if (word === 'end me') worker.terminate(); });
      worker.on('exit', resolve);
    });
    const codes = await Promise.all([0, 1, 2, 3].map((task) => run(task)));
    const ended = await Promise.all([4, 5, 6, 7].map(() => run('wait')));
    const javari = await open(path);
    const scope = await scoped(javari);
    const { items } = await scope.vault.list();
    rmSync(folder, { recursive: true });
    console.log(JSON.stringify({ codes, ended, names: items.map((item) => item.name).sort() }));
  `);
  assert.deepEqual(JSON.parse(out), {
    codes: [0, 0, 0, 0],
    ended: [1, 1, 1, 1],
    names: ['OF_0', 'OF_1', 'OF_2', 'OF_3'],
  });
});

test('a Javari and streams that nobody holds are collected, and their work stops', async () => {
  const out = await ends(
    `
    const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
    const providers = [];
    async function forget() {
      const javari = await open();
      const provider = endless('x');
      providers.push(provider);
      await javari.register('provider', 'mine', provider);
      const stream = (await scoped(javari)).provider.chat(ask('mine/x'), { signal: kept.signal });
      await stream.next();
      await provider.waiting;
    }
    const kept = new AbortController();
    for (let index = 0; index < 20; index++) await forget();
    const all = Promise.all(providers.map((provider) => provider.stopped)).then(() => 'stopped');
    let told;
    while (!told) {
      gc();
      told = await Promise.race([all, turn()]);
    }
    kept.abort();
    console.log(told);
  `,
    ['--expose-gc'],
  );
  assert.equal(out, 'stopped');
});

test('a Javari that is collected in the middle of its own call still answers', async () => {
  const out = await ends(
    `
    const calls = [];
    for (let index = 0; index < 20; index++) {
      calls.push((await open()).users.ensure({ email: 'a@example.com' }));
      gc();
    }
    console.log((await Promise.all(calls)).length);
  `,
    ['--expose-gc'],
  );
  assert.equal(out, '20');
});
