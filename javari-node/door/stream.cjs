// The events of one stream, as JavaScript iterates.
'use strict';

const { aborted, crossing } = require('./call.cjs');
const { onAbort } = require('./signal.cjs');

const asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/** Takes the listener off a signal that outlives a stream nobody finished. */
const forgotten = new FinalizationRegistry((forget) => forget());

/**
 * The events of one stream. The work begins at the first `next()`; events cross in batches, and
 * leaving a `for await` loop stops the work.
 */
class EventStream {
  #events;
  #operation;
  #signal;
  #batch = [];
  #taken = 0;
  #ended = false;
  #aborted = false;
  /** The pull before, so that overlapping calls of `next()` are answered in order. */
  #before = Promise.resolve();

  constructor(events, operation, signal) {
    this.#events = events;
    this.#operation = operation;
    this.#signal = signal;
    if (signal) this.#listen(signal);
  }

  next() {
    const pulled = this.#before.then(() => this.#pull());
    this.#before = pulled.catch(() => {});
    return pulled;
  }

  async return(value) {
    this.#end();
    return { done: true, value };
  }

  async throw(fault) {
    this.#end();
    throw fault;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async [asyncDispose]() {
    this.#end();
  }

  async #pull() {
    if (this.#aborted) {
      this.#aborted = false;
      throw aborted(this.#operation, this.#signal);
    }
    if (this.#ended) return { done: true, value: undefined };
    if (this.#taken < this.#batch.length) {
      return { done: false, value: this.#batch[this.#taken++] };
    }
    try {
      this.#batch = await crossing(() => this.#events.nextBatch());
      this.#taken = 0;
    } catch (fault) {
      // A signal that stopped the work is told by its own error, just below.
      if (!this.#aborted) {
        this.#end();
        throw fault;
      }
    }
    if (this.#aborted) return this.#pull();
    if (this.#batch.length === 0) this.#end();
    return this.#pull();
  }

  /** Stops the work. A pull that waits finds the end. */
  #end() {
    if (this.#ended) return;
    this.#ended = true;
    this.#batch = [];
    this.#events.cancel();
    forgotten.unregister(this);
    this.#forget();
  }

  #forget = () => {};

  #listen(signal) {
    if (signal.aborted) return this.#abort();
    // The signal may live longer than the stream and must not keep it.
    const stream = new WeakRef(this);
    this.#forget = onAbort(signal, () => stream.deref()?.#abort());
    forgotten.register(this, this.#forget, this);
  }

  #abort() {
    if (this.#ended) return;
    this.#aborted = true;
    this.#end();
  }
}

module.exports = { EventStream, asyncDispose };
