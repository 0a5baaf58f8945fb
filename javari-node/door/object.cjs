// An object of the host, as the native half asks it: by a verb, a number and an argument.
'use strict';

/**
 * The function that the native half calls for `object`. It answers `{ value }`, `{ done: true }` or
 * `{ error }`, and never throws.
 */
function asked(object) {
  /** The iterators that are under way, by the number that the native half gave them. */
  const running = new Map();
  return async (verb, number, question) => {
    try {
      if (verb === 'call') return await answered(object, question);
      if (verb === 'next') return await pulled(object, running, number, question);
      return await stopped(running, number);
    } catch (fault) {
      running.delete(number);
      return { error: words(fault) };
    }
  };
}

async function answered(object, { method, argument }) {
  if (typeof object[method] === 'function') {
    return { value: (await object[method](argument)) ?? null };
  }
  // A provider need not list its models.
  if (method === 'models') return { value: [] };
  throw new TypeError(`it has no method \`${method}\``);
}

async function pulled(object, running, number, question) {
  if (question !== null) running.set(number, begun(object, question));
  const { iterator } = running.get(number);
  const { done, value } = await iterator.next();
  if (!done) return { value: value ?? null };
  running.delete(number);
  return { done: true };
}

function begun(object, { method, argument }) {
  if (typeof object[method] !== 'function') throw new TypeError(`it has no method \`${method}\``);
  const controller = new AbortController();
  const events = object[method](argument, { signal: controller.signal });
  const iterator = events?.[Symbol.asyncIterator]?.() ?? events?.[Symbol.iterator]?.();
  if (!iterator) throw new TypeError(`its \`${method}\` returned nothing to iterate`);
  return { iterator, controller };
}

/** Both ways to stop: the signal ends what the iterator waits for, `return` ends the iterator. */
async function stopped(running, number) {
  const stream = running.get(number);
  if (stream) {
    running.delete(number);
    stream.controller.abort();
    await stream.iterator.return?.();
  }
  return { done: true };
}

function words(fault) {
  try {
    return fault instanceof Error ? fault.message || fault.name : String(fault);
  } catch {
    return 'it threw something that has no words';
  }
}

module.exports = { asked };
