// Waits for signals to abort, with one listener for each signal however many calls share it.
'use strict';

/** What to do when a signal aborts, by the signal. */
const watched = new WeakMap();

/** Runs `act` when `signal` aborts. The returned function takes it back. */
function onAbort(signal, act) {
  const acts = watched.get(signal) ?? watching(signal);
  acts.add(act);
  return () => {
    acts.delete(act);
    // A signal with a listener is kept by Node, so an idle one has none.
    if (acts.size === 0 && watched.get(signal) === acts) acts.unwatch();
  };
}

function watching(signal) {
  const acts = new Set();
  const abort = () => {
    watched.delete(signal);
    for (const act of acts) act();
  };
  acts.unwatch = () => {
    watched.delete(signal);
    signal.removeEventListener('abort', abort);
  };
  watched.set(signal, acts);
  signal.addEventListener('abort', abort, { once: true });
  return acts;
}

module.exports = { onAbort };
