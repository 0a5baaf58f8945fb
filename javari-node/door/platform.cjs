// The name of the addon that fits this machine.
'use strict';

const { readFileSync } = require('node:fs');

function fileName() {
  const { platform, arch } = process;
  const kinds = { win32: '-msvc', linux: isMusl() ? '-musl' : '-gnu' };
  return `javari.${platform}-${arch}${kinds[platform] ?? ''}.node`;
}

/** Whether the C library is musl, as on Alpine. */
function isMusl() {
  if (process.platform !== 'linux') return false;
  try {
    return readFileSync('/usr/bin/ldd', 'latin1').includes('musl');
  } catch {
    return !process.report.getReport().header.glibcVersionRuntime;
  }
}

module.exports = { fileName };
