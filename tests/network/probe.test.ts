import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { it } from 'vitest';
import { randomise, startWasm } from '../oracle/random.js';
const { layers } = tf;
type S = tf.SymbolicTensor;
function chain(shape: number[], ...list: { apply(x: S): unknown }[]): tf.LayersModel {
  const x = tf.input({ shape });
  return tf.model({ inputs: x, outputs: list.reduce((value: S, layer) => layer.apply(value) as S, x) });
}
const kinds: Record<string, () => tf.LayersModel> = {
  cnn: () => chain([8, 8, 1], layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }), layers.maxPooling2d({ poolSize: 2 }), layers.flatten(), layers.dense({ units: 20, activation: 'relu' }), layers.dense({ units: 20, activation: 'relu' }), layers.dense({ units: 3, activation: 'softmax' })),
  mlp1: () => chain([6], layers.dense({ units: 17, activation: 'relu' }), layers.dense({ units: 9, activation: 'relu' }), layers.dense({ units: 1 })),
  mlp3: () => chain([4], layers.dense({ units: 13, activation: 'tanh' }), layers.dense({ units: 8, activation: 'tanh' }), layers.dense({ units: 3 })),
  deep: () => chain([6], ...[64, 64, 64, 64, 64].map((units) => layers.dense({ units, activation: 'relu' })), layers.dense({ units: 1 })),
  resnet: () => { const x = tf.input({ shape: [8, 8, 3] }); let y = layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }).apply(x) as S; for (let b = 0; b < 3; b++) { let z = y; for (let c = 0; c < 2; c++) { z = layers.batchNormalization({}).apply(z) as S; z = layers.reLU().apply(z) as S; z = layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }).apply(z) as S; } y = layers.add().apply([y, z]) as S; } return tf.model({ inputs: x, outputs: layers.dense({ units: 4, activation: 'softmax' }).apply(layers.globalAveragePooling2d({}).apply(y) as S) as S }); },
  lenet: () => chain([28, 28, 1], layers.conv2d({ filters: 6, kernelSize: 5, activation: 'relu' }), layers.maxPooling2d({ poolSize: 2 }), layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }), layers.maxPooling2d({ poolSize: 2 }), layers.flatten(), layers.dense({ units: 120, activation: 'relu' }), layers.dense({ units: 84, activation: 'relu' }), layers.dense({ units: 10, activation: 'softmax' })),
};
it('probe', async () => {
  await startWasm();
  for (const [kind, make] of Object.entries(kinds)) {
    let failed = 0; const messages: string[] = [];
    const trials = kind === 'lenet' ? 40 : 100;
    for (let seed = 0; seed < trials; seed++) {
      const m = randomise(make(), seed);
      try { await (await open(m)).dispose(); } catch (e) { failed++; messages.push(String(e).slice(0, 140)); }
      m.dispose();
    }
    console.log(kind, failed, 'of', trials, messages.slice(0, 3).join('\n'));
  }
}, 120000);
