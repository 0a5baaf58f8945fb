// Runs the stories that every language runs, through the typed rooms.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { JavariError } from '@javari/node';

import { cases, opened } from './support.mjs';

const { operations } = JSON.parse(readFileSync(join(cases, 'parity.json'), 'utf8'));
/** Whether each operation streams, by its name. */
const streams = new Map(operations.map(({ name, streams }) => [name, streams]));

const read = (name) => JSON.parse(readFileSync(join(cases, name), 'utf8'));
const files = readdirSync(cases).filter((name) => name.endsWith('.json') && read(name).steps);

test('there are stories to run', () => assert.ok(files.length > 0, `no story in ${cases}`));

for (const file of files) {
  const story = read(file);
  test(`${file}: ${story.name}`, (context) => run(story, context));
}

async function run(story, context) {
  const javari = await opened(context);
  const saved = {};
  for (const [index, step] of story.steps.entries()) {
    const place = `step ${index + 1}, ${step.call ?? step.stream}`;
    const answer = await outcome(javari, filled(step, saved));
    if (step.error || step.fields) {
      assert.ok(answer.error, `${place}: no error came`);
      assert.ok(answer.error instanceof JavariError, `${place}: ${answer.error}`);
      if (step.error) assert.equal(answer.error.code, step.error, place);
      const paths = answer.error.fields.map((field) => field.path).sort();
      if (step.fields) assert.deepEqual(paths, [...step.fields].sort(), place);
      continue;
    }
    if (answer.error) throw answer.error;
    if (step.expect_events) assert.deepEqual(folded(answer.events), step.expect_events, place);
    const last = answer.reply ?? answer.events.at(-1);
    const expected = filled(step.expect ?? step.expect_last ?? {}, saved);
    for (const [pointer, value] of Object.entries(expected)) {
      assert.deepEqual(at(last, pointer) ?? null, value, `${place}: ${pointer}`);
    }
    for (const [name, pointer] of Object.entries(step.save ?? {})) saved[name] = at(last, pointer);
  }
}

async function outcome(javari, { call, stream, scope, request }) {
  const name = call ?? stream;
  const [room, verb] = name.split('.');
  const target = scope ? javari.scope(scope) : javari;
  // A story may ask what the typed rooms do not offer; then the call by name answers.
  const isTyped = streams.get(name) === Boolean(stream) && target[room];
  const begin = () => {
    if (isTyped) return target[room][verb](request);
    return stream ? target.stream(name, request) : target.call(name, request);
  };
  try {
    if (call) return { reply: await begin() };
    const events = [];
    for await (const event of begin()) events.push(event);
    return { events };
  } catch (error) {
    return { error };
  }
}

/** Every text that begins with `$` is replaced by what was saved under that name. */
function filled(value, saved) {
  if (typeof value === 'string') return value.startsWith('$') ? saved[value.slice(1)] : value;
  if (Array.isArray(value)) return value.map((item) => filled(item, saved));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, saved)]));
}

/** The value at a JSON Pointer (RFC 6901). */
function at(value, pointer) {
  const names = pointer.split('/').slice(1);
  return names.reduce((inner, name) => inner?.[name.replace(/~1/g, '/').replace(/~0/g, '~')], value);
}

const folded = (events) =>
  events.map((event) => event.type).filter((type, index, all) => type !== all[index - 1]);
