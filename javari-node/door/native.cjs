// Loads the native half of this package, built for this machine.
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const { fileName } = require('./platform.cjs');

const path = join(__dirname, '..', fileName());
try {
  module.exports = require(path);
} catch (cause) {
  // The loader's own words: an addon of another C library says so there and nowhere else.
  const why = existsSync(path)
    ? cause.message
    : 'it is not there: run `npm run build` in the package to build it';
  throw new Error(`@javari/node: the addon ${path} cannot be loaded: ${why}`, { cause });
}
