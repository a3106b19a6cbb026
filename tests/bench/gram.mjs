// 1000 images through MLP 784-128-64-10 (one logit) to the full k^C matrix: netkin against one tf.variableGrads per
// image on the same backend, interleaved in one run. Prints seconds and the ratio of medians. Run after a build.
import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { readSample } from '../../dist/src/format/sample.js';

const inputs = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 3);

await tf.setBackend('wasm');
const sample = readSample(readFileSync(new URL('../../node/sample/fashion-3000.npz', import.meta.url)));
const images = Float32Array.from(sample.images.data.subarray(0, inputs * 784)).map((value) => value / 255);
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
    tf.layers.dense({ units: 64, activation: 'relu' }),
    tf.layers.dense({ units: 10 }),
  ],
});
const output = 3;

/** One gradient at a time, then normalised rows G G^T: what a user of tfjs writes today. */
function loop() {
  const variables = model.trainableWeights.map((weight) => weight.read());
  const size = variables.reduce((sum, variable) => sum + variable.size, 0);
  const rows = new Float32Array(inputs * size);
  for (let i = 0; i < inputs; i++) {
    let at = i * size;
    const start = at;
    tf.tidy(() => {
      const x = tf.tensor2d(images.subarray(i * 784, (i + 1) * 784), [1, 784]);
      const { grads } = tf.variableGrads(() => model.apply(x).slice([0, output], [1, 1]).sum(), variables);
      for (const variable of variables) {
        rows.set(grads[variable.name].dataSync(), at);
        at += variable.size;
      }
    });
    let square = 0;
    for (let k = start; k < at; k++) square += rows[k] ** 2;
    for (let k = start; k < at; k++) rows[k] /= Math.sqrt(square);
  }
  return tf.tidy(() => {
    const matrix = tf.tensor2d(rows, [inputs, size]);
    return tf.matMul(matrix, tf.transpose(matrix)).dataSync();
  });
}

const engine = await open(model, { output: [output] });
async function structured() {
  const seen = await engine.perspective({ shape: [inputs, 784], data: images });
  return (await seen.matrix()).data;
}

async function seconds(work) {
  const start = performance.now();
  const result = await work();
  return { result, time: (performance.now() - start) / 1000 };
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const times = { netkin: [], loop: [] };
let difference = 0;
await structured(); // compiles and warms up
for (let round = 0; round < rounds; round++) {
  const ours = await seconds(structured);
  const theirs = await seconds(loop);
  times.netkin.push(ours.time);
  times.loop.push(theirs.time);
  ours.result.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - theirs.result[i]));
  });
}
const [netkin, peer] = [median(times.netkin), median(times.loop)];
console.log(
  `${inputs} images, MLP 784-128-64-10, one logit, images to the ${inputs} × ${inputs} matrix k^C, one thread`,
);
console.log(`netkin                       ${netkin.toFixed(3)} s`);
console.log(`tf.variableGrads per image   ${peer.toFixed(3)} s`);
console.log(
  `ratio                        ${(peer / netkin).toFixed(1)}×   (largest difference ${difference.toExponential(1)})`,
);
