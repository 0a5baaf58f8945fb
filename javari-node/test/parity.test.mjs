// Asks the installed package for every operation, its parameters and every class of error.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import * as door from '@javari/node';
import ts from 'typescript';

import { cases, opened } from './support.mjs';

const { operations, errors } = JSON.parse(readFileSync(join(cases, 'parity.json'), 'utf8'));
const require = createRequire(import.meta.url);
const types = join(dirname(require.resolve('@javari/node')), 'index.d.ts');
const program = ts.createProgram([types], { strict: true, types: ['node'], target: ts.ScriptTarget.ES2022 });
const checker = program.getTypeChecker();
const declared = new Map(
  checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(types)))
    .map((symbol) => [symbol.name, checker.getDeclaredTypeOfSymbol(symbol)]),
);

/** The declared method of an operation on `Javari` or `Scope`. */
function method(holder, { room, verb }) {
  const of = (type, name) => {
    const property = type && checker.getPropertyOfType(type, name);
    return property && checker.getTypeOfSymbol(property);
  };
  return of(of(declared.get(holder), room), verb);
}

test('every operation has its method on a scope, and on Javari when it needs no user', async (context) => {
  const javari = await opened(context);
  const scope = javari.scope({});
  for (const operation of operations) {
    const { name, room, verb, access } = operation;
    assert.equal(typeof scope[room][verb], 'function', name);
    assert.ok(method('Scope', operation), `${name} is not declared on Scope`);
    const isOfHost = access === 'host';
    if (isOfHost) assert.equal(typeof javari[room][verb], 'function', name);
    assert.equal(Boolean(method('Javari', operation)), isOfHost, `${name} on Javari`);
  }
});

test('every operation takes the declared parameters, and answers as it should', () => {
  for (const operation of operations) {
    const [signature] = method('Scope', operation).getCallSignatures();
    const [request, options] = signature.getParameters().map((one) => checker.getTypeOfSymbol(one));
    const names = checker.getNonNullableType(request).getProperties().map((field) => field.name);
    assert.deepEqual(names.sort(), [...operation.fields].sort(), operation.name);
    assert.ok(checker.getNonNullableType(options).getProperty('signal'), operation.name);
    const answer = checker.typeToString(signature.getReturnType());
    const expected = operation.streams ? /^EventStream</ : /^Promise</;
    assert.match(answer, expected, operation.name);
  }
});

test('nothing is offered that the catalogue does not list', async (context) => {
  const scope = (await opened(context)).scope({});
  const listed = new Set(operations.map((operation) => operation.name));
  for (const room of Object.keys(scope)) {
    const verbs = Object.getOwnPropertyNames(Object.getPrototypeOf(scope[room]));
    for (const verb of verbs.filter((verb) => verb !== 'constructor')) {
      assert.ok(listed.has(`${room}.${verb}`), `${room}.${verb}`);
    }
  }
});

test('every kind of error has its class with its code', () => {
  for (const { code, name } of errors) {
    const Class = door[`${name}Error`];
    assert.ok(Class?.prototype instanceof door.JavariError, name);
    const error = new Class('a sentence');
    assert.deepEqual([error.code, error.name, error.message], [code, `${name}Error`, 'a sentence']);
    assert.ok(declared.has(`${name}Error`), `${name}Error is not declared`);
  }
});

test('the version is the one of the package', async (context) => {
  const { version } = await (await opened(context)).system.version();
  assert.equal(version, require('@javari/node/package.json').version);
});
