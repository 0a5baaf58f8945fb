// What a program in TypeScript may and may not write. It is compiled, and not run.
import {
  CancelledError,
  Javari,
  JavariError,
  type ChatEvent,
  type CredentialView,
  type ErrorCode,
  type HostProvider,
  type Scope,
} from '@javari/node';

const javari: Javari = await Javari.open('javari.db', { openai: { chat_model: 'gpt-4o-mini' } });
const ofTheEnvironment: Javari = await Javari.fromEnv();
const user = await javari.users.ensure({ email: 'ann@example.com' });
const scope: Scope = javari.scope({ user: user.id });

const view: CredentialView = await scope.vault.put({ name: 'STRIPE', value: 'sk-1', type: 'api_key' });
const version: number = view.version;
const page = await scope.vault.list();
const first: CredentialView | undefined = page.items[0];

const controller = new AbortController();
const options = { signal: controller.signal, blobs: [Buffer.from('x'), new Uint8Array(1)] };
for await (const event of scope.provider.chat({ messages: [{ role: 'user', content: 'Hi' }] }, options)) {
  if (event.type === 'text') process.stdout.write(event.delta);
  if (event.type === 'finished') console.log(event.usage.input, event.cost);
}
const named: CredentialView = await scope.call('vault.get', { name: 'STRIPE' });
const events: AsyncIterable<ChatEvent> = scope.stream('provider.chat', { messages: [] });


const provider: HostProvider = {
  async *stream(request, { signal }) {
    signal.throwIfAborted();
    yield { type: 'started', provider: 'mine', model: request.model ?? 'x' };
    yield { type: 'finished', reason: { other: 'tired' }, usage: {}, model: 'x' };
  },
  models: async () => [{ id: 'x' }],
};
await javari.register('provider', 'mine', provider);

try {
  await scope.vault.get({ name: 'MISSING' });
} catch (error) {
  if (error instanceof CancelledError) {
    const code: 'CANCELLED' = error.code;
    console.log(code);
  } else if (error instanceof JavariError) {
    const code: ErrorCode = error.code;
    console.log(code, error.fields[0]?.path, error.context['name'], error.retry_after);
  }
}

async function disposed() {
  await using own = await Javari.open(':memory:');
  await using stream = own.scope({ user: user.id }).provider.chat({ messages: [] });
  await stream.next();
}

// @ts-expect-error a name is missing
await scope.vault.put({ value: 'x' });
// @ts-expect-error no such type of credential
await scope.vault.put({ name: 'A', value: 'x', type: 'wrong' });
// @ts-expect-error a field that the request does not have
await scope.vault.get({ name: 'A', other: 1 });
// @ts-expect-error a room that needs a user is not on Javari
await javari.vault.list();
// @ts-expect-error an operation that needs a user is not on Javari
await javari.users.get();
// @ts-expect-error there is no such operation
await scope.call('no.such');
// @ts-expect-error a streaming operation is not called
await scope.call('provider.chat', { messages: [] });
// @ts-expect-error not to be made by hand
new Javari();
// @ts-expect-error a signal is no text
await scope.vault.list({}, { signal: 'x' });
// @ts-expect-error the only kind is a provider
await javari.register('vault', 'mine', provider);

export { disposed, first, named, version };
