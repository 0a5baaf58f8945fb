// Builds the native half from the checkout's source, in release unless JAVARI_PROFILE is `dev`.
// With `--unless-packed` it leaves a packed package, which brings the built addon, alone.
//
// It asks cargo itself, so that the build shares its target folder with the rest of the workspace.
'use strict';

const { spawnSync } = require('node:child_process');
const { copyFileSync, existsSync, renameSync } = require('node:fs');
const { join } = require('node:path');

const { fileName } = require('../door/platform.cjs');

const root = join(__dirname, '..');
if (existsSync(join(root, 'Cargo.toml'))) build();
else if (process.argv.includes('--unless-packed')) require('../door/native.cjs');
else fail('there is no source here to build from');

function build() {
  const profile = process.env.JAVARI_PROFILE || 'release';
  if (profile !== 'release' && profile !== 'dev') fail('JAVARI_PROFILE must be `release` or `dev`');
  const flags = ['build', '--locked', '--lib', '--profile', profile];
  flags.push('--message-format', 'json-render-diagnostics');
  const { status, stdout, error } = spawnSync('cargo', flags, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error?.code === 'ENOENT') fail('cargo is needed to build it: see https://rustup.rs');
  if (status !== 0) fail('cargo could not build it; its words stand above');
  const library = built(stdout);
  const path = join(root, fileName());
  // A process that has the addon open keeps its file.
  copyFileSync(library, `${path}.new`);
  renameSync(`${path}.new`, path);
  console.log(`@javari/node: built ${path} (${profile})`);
}

/** The shared library that cargo says it made. */
function built(messages) {
  for (const line of messages.split('\n')) {
    if (!line.startsWith('{')) continue;
    const { reason, target, filenames } = JSON.parse(line);
    if (reason === 'compiler-artifact' && target.name === 'javari_node') {
      const library = filenames.find((name) => /\.(so|dylib|dll)$/.test(name));
      if (library) return library;
    }
  }
  return fail('cargo named no library');
}

function fail(why) {
  console.error(`@javari/node: ${why}`);
  process.exit(1);
}
