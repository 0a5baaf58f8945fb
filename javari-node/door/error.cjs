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
 * The error that `fault`, thrown by the native half, stands for: its message is JSON. What is no
 * error of the native half comes back as it is.
 */
function unpacked(fault, classes) {
  const parts = parsed(fault);
  if (!parts) return fault;
  const Class = classes[parts.code] ?? JavariError;
  const { code, operation, retry_after, details } = parts;
  return new Class(parts.message, { code, operation, retry_after, ...details });
}

function parsed(fault) {
  if (!(fault instanceof Error) || !fault.message.startsWith('{')) return undefined;
  try {
    const parts = JSON.parse(fault.message);
    return typeof parts.code === 'string' ? parts : undefined;
  } catch {
    return undefined;
  }
}

module.exports = { JavariError, unpacked };
