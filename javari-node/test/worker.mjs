// What a worker thread of `life.test.mjs` does.
import { parentPort, workerData } from 'node:worker_threads';

import { Javari } from '@javari/node';

import { ask, endless, scoped } from './support.mjs';

const { path, task } = workerData;
const javari = await Javari.open(path, { environment: false });
const scope = await scoped(javari);
if (task === 'wait') {
  const provider = endless('x');
  await javari.register('provider', 'mine', provider);
  scope.provider.complete(ask('mine/x'));
  await provider.waiting;
  parentPort.postMessage('end me');
  await provider.stopped;
} else {
  await scope.vault.put({ name: `OF_${task}`, value: 'x' });
  await javari.close();
}
