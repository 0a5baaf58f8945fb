// The types, by the compiler that a user would run, for `import` and for `require`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

for (const file of ['usage.mts', 'usage.cts']) {
  for (const target of [['--module', 'nodenext'], ['--module', 'preserve', '--moduleResolution', 'bundler']]) {
    test(`${file} compiles strictly with ${target.join(' ')}`, () => {
      const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--isolatedModules'];
      const flags = [...strict, '--noUncheckedIndexedAccess', '--target', 'es2022', '--types', 'node', ...target];
      const { status, stdout } = spawnSync(process.execPath, [tsc, ...flags, join(here, file)], { encoding: 'utf8' });
      assert.equal(status, 0, stdout);
    });
  }
}
