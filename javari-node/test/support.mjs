// What the tests share: a fresh Javari, a scope with a user, providers of the host, child processes.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Javari } from '@javari/node';

const here = dirname(fileURLToPath(import.meta.url));

/** The folder of the stories and of the parity list, which every language reads. */
export const cases = process.env.JAVARI_CASES ?? join(here, '../../tests/cases');
if (!existsSync(cases)) throw new Error(`no cases at ${cases}: set JAVARI_CASES`);

/** A Javari in memory that reads nothing from the environment, closed when the test ends. */
export async function opened(test, settings = {}) {
  const javari = await Javari.open(':memory:', { environment: false, ...settings });
  test.after(() => javari.close());
  return javari;
}

/** The scope of a new user. */
export async function scoped(javari, email = 'ann@example.com') {
  const user = await javari.users.ensure({ email });
  return javari.scope({ user: user.id });
}

export const finished = (model) => ({ type: 'finished', reason: 'stop', usage: {}, model });
export const started = (model) => ({ type: 'started', provider: 'mine', model });
export const ask = (model, content = 'Hello') => ({
  model,
  messages: [{ role: 'user', content }],
});

/** A provider that answers with these texts. */
export const parrot = (...texts) => ({
  async *stream() {
    yield started('parrot');
    for (const delta of texts) yield { type: 'text', delta };
    yield finished('parrot');
  },
});

/**
 * A provider that starts, says `texts` and then waits until it is stopped. `waiting` resolves when
 * it waits, `stopped` when its iterator has ended.
 */
export function endless(...texts) {
  // Waiting for the host keeps no process alive, so the test itself must.
  const alive = setInterval(() => {}, 1000);
  let waits;
  let stops;
  const provider = {
    waiting: new Promise((resolve) => (waits = resolve)),
    stopped: new Promise((resolve) => (stops = resolve)),
    async *stream(request, { signal }) {
      try {
        yield started('endless');
        for (const delta of texts) yield { type: 'text', delta };
        waits();
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      } finally {
        clearInterval(alive);
        stops();
      }
    },
  };
  return provider;
}

/** What a program of its own prints and ends with. It is given 60 seconds to end by itself. */
export function program(source, flags = []) {
  const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', source], {
    cwd: here,
    env: { ...process.env, RUST_BACKTRACE: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = { code: null, signal: null, out: '', err: '' };
  child.stdout.on('data', (text) => (told.out += text));
  child.stderr.on('data', (text) => (told.err += text));
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ ...told, code, signal });
    });
  });
}
