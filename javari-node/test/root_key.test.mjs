// The root key of a host that keeps it elsewhere, such as in a key management service.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Javari } from '@javari/node';

const [FIRST, SECOND] = ['07', '08'].map((byte) => byte.repeat(32));

function file(context) {
  const folder = mkdtempSync(join(tmpdir(), 'javari-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'a.db');
}

test('the source is asked for the key that the database names', async (context) => {
  const path = file(context);
  const asked = [];
  const byId = new Map();
  let newest = FIRST;
  const rootKey = async (id) => {
    asked.push(id);
    return byId.get(id) ?? newest;
  };
  const open = () => Javari.open(path, { environment: false }, { rootKey });
  await (await open()).close();
  assert.deepEqual(asked, [null]);
  assert.ok(!existsSync(`${path}.key`));
  newest = SECOND;
  await assert.rejects(open(), { code: 'WRONG_KEY' });
  const id = asked.at(-1);
  assert.match(id, /^[0-9a-f]{32}$/);
  byId.set(id, FIRST);
  await (await open()).close();
});

test('what the source throws is what the opening rejects with', async (context) => {
  const path = file(context);
  const refused = new Error('the service refuses');
  const rootKey = () => { throw refused; };
  await assert.rejects(Javari.open(path, { environment: false }, { rootKey }), refused);
  assert.ok(!existsSync(path));
  const both = Javari.open(path, { environment: false, root_key: FIRST }, { rootKey });
  await assert.rejects(both, { name: 'TypeError' });
});
