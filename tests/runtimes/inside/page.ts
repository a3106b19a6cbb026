/** The module of a page; './start.js' loads it. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import type { Home } from '../driver.js';
import { type Examination, examine } from './examine.js';

export async function examineHere(): Promise<Examination> {
  // Whatever netkin starts, its user's models may live elsewhere.
  await tf.setBackend('cpu');
  const pixels = new Float32Array(await (await fetch('images.bin')).arrayBuffer());
  const worker = (location.search.slice(1) as Home) === 'worker';
  return examine(
    { tf, open: (model, options) => open(model, { worker, ...options }) },
    (options) => open('model/model.json', { worker, ...options }),
    pixels,
  );
}
