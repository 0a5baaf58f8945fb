// The host's own provider, under the same router as Javari's.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HostFailedError, InvalidInputError } from '@javari/node';

import { ask, finished, opened, parrot, scoped, started } from './support.mjs';

async function complete(context, provider) {
  const javari = await opened(context);
  await javari.register('provider', 'mine', provider);
  return (await scoped(javari)).provider.complete(ask('mine/x'));
}

test('it answers under its name and is given the request', async (context) => {
  const seen = [];
  const provider = {
    async *stream(request, { signal }) {
      seen.push(this === provider, request.model, request.messages[0].content, signal.aborted);
      yield* parrot('Good ', 'day').stream();
    },
    models: async () => [{ id: 'x', context_tokens: 8000 }],
  };
  const javari = await opened(context);
  await javari.register('provider', 'mine', provider);
  const scope = await scoped(javari);
  const reply = await scope.provider.complete(ask('mine/x', 'Hi'));
  assert.deepEqual([reply.text, reply.model], ['Good day', 'parrot']);
  assert.deepEqual(seen, [true, 'x', 'Hi', false]);
  const { models } = await scope.provider.models();
  assert.deepEqual(models.find((model) => model.id === 'mine/x'), { id: 'mine/x', context_tokens: 8000 });
});

test('a provider without models lists none', async (context) => {
  const javari = await opened(context);
  await javari.register('provider', 'mine', parrot());
  const { models } = await (await scoped(javari)).provider.models();
  assert.ok(models.every((model) => !model.id.startsWith('mine/')));
});

test('an iterable that is not asynchronous is as good', async (context) => {
  const stream = () => [started('x'), { type: 'text', delta: 'plain' }, finished('x')];
  assert.equal((await complete(context, { stream })).text, 'plain');
});

test('what it throws comes back as HOST_FAILED with its words', async (context) => {
  const before = { stream: () => { throw new Error('no such model'); } };
  const during = { async *stream() { yield started('x'); throw new Error('line cut'); } };
  const odd = { async *stream() { throw Symbol('odd'); } };
  for (const [provider, words] of [[before, 'no such model'], [during, 'line cut'], [odd, 'odd']]) {
    await assert.rejects(complete(context, provider), (error) => {
      assert.ok(error instanceof HostFailedError, `${error}`);
      assert.ok(error.message.includes(words), error.message);
      return true;
    });
  }
});

test('what is no event is refused, never taken for an end', async (context) => {
  const cycle = { type: 'text' };
  cycle.self = cycle;
  const odd = [undefined, null, 5, 'text', [], {}, { type: 'wrong' }, () => {}, cycle, 10n ** 30n];
  for (const event of odd) {
    const provider = { async *stream() { yield started('x'); yield event; yield finished('x'); } };
    await assert.rejects(complete(context, provider), HostFailedError, String(typeof event));
  }
  for (const stream of [undefined, () => undefined, () => 5, async () => [], async function* () {}]) {
    await assert.rejects(complete(context, { stream }), { name: /Error$/ });
  }
});

test('a name that is taken or unfit, an unknown kind and a wrong object are refused', async (context) => {
  const javari = await opened(context);
  await javari.register('provider', 'mine', parrot());
  for (const [kind, name, object] of [
    ['provider', 'mine', parrot()],
    ['provider', 'a/b', parrot()],
    ['provider', '', parrot()],
    ['parrot', 'other', parrot()],
    ['provider', 'other', null],
    ['provider', 'other', 'parrot'],
    ['provider', 5, parrot()],
    [undefined, 'other', parrot()],
  ]) {
    await assert.rejects(javari.register(kind, name, object), InvalidInputError, `${kind} ${String(name)}`);
  }
});

test('it may call Javari while it answers', async (context) => {
  const javari = await opened(context);
  const scope = await scoped(javari);
  await scope.vault.put({ name: 'GREETING', value: 'Moin' });
  const provider = {
    async *stream() {
      const { value } = await scope.vault.reveal({ name: 'GREETING' });
      yield* parrot(value).stream();
    },
  };
  await javari.register('provider', 'mine', provider);
  assert.equal((await scope.provider.complete(ask('mine/x'))).text, 'Moin');
});

test('twenty chats at once keep apart', async (context) => {
  const provider = {
    async *stream(request) {
      yield* parrot(request.messages[0].content).stream();
    },
  };
  const javari = await opened(context);
  await javari.register('provider', 'mine', provider);
  const scope = await scoped(javari);
  const questions = Array.from({ length: 20 }, (_, index) => `question ${index}`);
  const replies = await Promise.all(questions.map((text) => scope.provider.complete(ask('mine/x', text))));
  assert.deepEqual(replies.map((reply) => reply.text), questions);
});
