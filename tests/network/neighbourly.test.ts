/** netkin shares one process and one tfjs with others, and leaves them as they were. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { smallClassifier, trainClassifier } from '../../src/network/training.js';
import { startWasm } from '../oracle/random.js';

beforeAll(startWasm);

it('two trainings take turns without disturbing each other', () => {
  const module = new WebAssembly.Module(readFileSync(new URL('../../dist/kernel.wasm', import.meta.url)));
  const images = { shape: [8, 8, 8, 1], data: Float32Array.from({ length: 512 }, (_, i) => (i % 7) / 7) };
  const labels = Uint8Array.of(0, 1, 2, 0, 1, 2, 0, 1);
  const options = { epochs: 2, batch: 4, learningRate: 1e-3, seed: 1 };
  const train = () => trainClassifier(module, smallClassifier([8, 8, 1], 3, 1), images, labels, options);
  const before = tf.getKernel('MaxPoolGrad', 'wasm');
  const [one, two] = [train(), train()];
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) {
    for (const training of [one, two]) {
      const { done, value } = training.next();
      if (done) losses.push((value as { loss: number }).loss);
    }
  }
  expect(losses).toHaveLength(2);
  expect(losses[0]).toBe(losses[1]);
  expect(tf.getKernel('MaxPoolGrad', 'wasm')).toBe(before);
  expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeUndefined();
});

it('handlers that a server installs while netkin starts stay, and none comes beside them', () => {
  const entry = fileURLToPath(new URL('../../dist/node/index.js', import.meta.url));
  const script = `import { ready } from '${entry}';
    const starting = ready();
    process.on('unhandledRejection', function mine(reason) { console.log(reason); });
    await starting;
    console.log(process.listeners('unhandledRejection').map((f) => f.name).join(), process.listenerCount('uncaughtException'));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(printed.trim()).toBe('mine 0');
});
