// The base of Javari's errors, and how one that crossed from the native half is unpacked.
'use strict';

class JavariError extends Error {
  /** The code of the class; the base stands for a code that this version does not know. */
  static code = 'UNEXPECTED';

  constructor(message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code ?? new.target.code;
    this.operation = details.operation ?? '';
    this.fields = details.fields ?? [];
    this.context = details.context ?? {};
    this.retry_after = details.retry_after ?? null;
    // Like a class's own name, it is no property to list.
    const name = details.name ?? new.target.name;
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true });
  }
}

/**
 * The error that `fault`, thrown by the native half, stands for: its message is JSON. What the
 * caller's own code threw, in a getter say, comes back as it is.
 */
function unpacked(fault, classes) {
  if (!(fault instanceof Error)) return fault;
  if (isOfArguments(fault)) return new classes.INVALID_INPUT(fault.message, { operation: 'host.call' });
  const parts = parsed(fault.message);
  if (!parts) return fault;
  const Class = classes[parts.code] ?? JavariError;
  const { code, operation, retry_after, details } = parts;
  return new Class(parts.message, { code, operation, retry_after, ...details });
}

/** Node-API's own words for an argument of another type, such as `StringExpected`. */
function isOfArguments(fault) {
  return typeof fault.code === 'string' && /^(InvalidArg|[A-Z][A-Za-z]*Expected)$/.test(fault.code);
}

function parsed(message) {
  if (!message.startsWith('{')) return undefined;
  try {
    const parts = JSON.parse(message);
    return typeof parts.code === 'string' ? parts : undefined;
  } catch {
    return undefined;
  }
}

module.exports = { JavariError, unpacked };
