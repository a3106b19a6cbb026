/** The module of a page; './start.js' loads it. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { type Examination, examine } from './examine.js';

export async function examineHere(): Promise<Examination> {
  // Whatever netkin starts, its user's models may live elsewhere.
  await tf.setBackend('cpu');
  const pixels = new Float32Array(await (await fetch('images.bin')).arrayBuffer());
  return examine({ open, tf }, () => open('model/model.json'), pixels);
}
