// Opens as the environment says, and names everything that is wrong with it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';

import { ConfigurationError, Javari } from '@javari/node';

import { cases } from './support.mjs';

const { required, optional } = JSON.parse(readFileSync(join(cases, 'environment.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'javari-environment-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

beforeEach(() => Object.assign(process.env, required, optional));

test('it opens the database that the environment names', async () => {
  process.env.JAVARI_DATABASE = join(folder, 'from-env.db');
  const javari = await Javari.fromEnv();
  assert.ok(javari instanceof Javari);
  assert.deepEqual((await javari.system.version()).notices, []);
  await javari.users.ensure({ email: 'ann@example.com' });
  await javari.close();
  assert.ok(existsSync(process.env.JAVARI_DATABASE));
});

test('every missing and malformed variable is named at once', async () => {
  process.env.JAVARI_DATABASE = join(folder, 'never.db');
  for (const name of Object.keys(required)) delete process.env[name];
  process.env.GOOGLE_API_KEY = 'canary with spaces';
  await assert.rejects(Javari.fromEnv(), (error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.equal(error.code, 'CONFIGURATION');
    const named = error.fields.map((field) => field.path).sort();
    assert.deepEqual(named, [...Object.keys(required), 'GOOGLE_API_KEY'].sort());
    assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes('canary'));
    return true;
  });
  assert.ok(!existsSync(process.env.JAVARI_DATABASE));
});
