// One call: convert, cross, stop when the signal says so, unpack the error.
'use strict';

const native = require('./native.cjs');
const errors = require('./errors.cjs');
const { unpacked } = require('./error.cjs');
const { onAbort } = require('./signal.cjs');

/** Each class of error by its code. */
const classes = Object.fromEntries(Object.values(errors).map((Class) => [Class.code, Class]));

/** Runs `cross`; what it throws is unpacked. */
async function crossing(cross) {
  try {
    return await cross();
  } catch (fault) {
    throw unpacked(fault, classes);
  }
}

/** The same for what crosses at once. */
function crossed(cross) {
  try {
    return cross();
  } catch (fault) {
    throw unpacked(fault, classes);
  }
}

/** Runs `begin(stop)`, a call of the native half, and gives it up when `signal` aborts. */
async function stoppable(operation, signal, begin) {
  if (signal === undefined) return crossing(() => begin(undefined));
  if (signal.aborted) throw aborted(operation, signal);
  const stop = new native.Stop();
  const forget = onAbort(signal, () => stop.stop());
  try {
    return await crossing(() => begin(stop));
  } catch (fault) {
    throw signal.aborted && fault.code === 'CANCELLED' ? aborted(operation, signal) : fault;
  } finally {
    forget();
  }
}

/** What an aborted call is rejected with: `CANCELLED`, by the name that the platform uses. */
function aborted(operation, signal) {
  const details = { name: 'AbortError', operation, cause: signal.reason };
  return new errors.CancelledError('the call was aborted by its signal', details);
}

/** The options of a call, checked. */
function checked(operation, options = {}) {
  const { signal, blobs = [] } = options ?? {};
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw invalid(operation, '/options/signal', 'must be an AbortSignal');
  }
  const areBytes = Array.isArray(blobs) && blobs.every((blob) => blob instanceof Uint8Array);
  if (!areBytes) {
    throw invalid(operation, '/options/blobs', 'must be a list of Buffer or Uint8Array');
  }
  return { signal, blobs };
}

function invalid(operation, path, message) {
  const fields = [{ path, message }];
  return new errors.InvalidInputError('the options do not fit', { operation, fields });
}

module.exports = { aborted, checked, crossed, crossing, invalid, stoppable };
