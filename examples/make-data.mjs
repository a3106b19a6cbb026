// Makes what the examples share: 600 training images of the bundled sample, a small network trained on them with the
// code of `netkin demo`, and ten other images to ask about. Run it in a built clone: node examples/make-data.mjs
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { nodeRuntime } from '../dist/node/runtime.js';
import { demoImages, trainDemo } from '../dist/src/demo.js';
import { writePng } from '../dist/src/format/image.js';
import { readSample } from '../dist/src/format/sample.js';

const TRAINED = 600;
const SIDE = 28;
const PIXELS = SIDE * SIDE;

const data = new URL('data/', import.meta.url);
const sample = readSample(readFileSync(new URL('../node/sample/fashion-3000.npz', import.meta.url)));
const write = (name, content) => writeFileSync(new URL(name, data), content);
const image = (i) => sample.images.data.slice(i * PIXELS, (i + 1) * PIXELS);

write('images.bin', sample.images.data.subarray(0, TRAINED * PIXELS));
write(
  'labels.json',
  `${JSON.stringify({ classes: sample.classes, labels: [...sample.truth.subarray(0, TRAINED)] })}\n`,
);

mkdirSync(new URL('queries', data), { recursive: true });
sample.classes.forEach((name, label) => {
  const first = sample.truth.indexOf(label, TRAINED);
  const file = name.toLowerCase().replace(/\W+/g, '-');
  write(`queries/${file}.png`, writePng({ width: SIDE, height: SIDE, channels: 1, data: image(first) }));
  if (name === 'Sneaker') write('sneaker.bin', image(first));
});

const all = demoImages(sample);
const images = { shape: [TRAINED, SIDE, SIDE, 1], data: all.data.slice(0, TRAINED * PIXELS) };
const { model, loss } = await trainDemo(nodeRuntime, images, sample.truth, sample.classes.length, 1);
await model.save(
  tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
    write('model.json', `${JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest })}\n`);
    write('weights.bin', new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)));
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  }),
);
const rest = tf.tensor4d(all.data.slice(TRAINED * PIXELS), [3000 - TRAINED, SIDE, SIDE, 1]);
const answers = model.predict(rest, { batchSize: 100 }).argMax(-1).dataSync();
const right = answers.filter((answer, i) => answer === sample.truth[TRAINED + i]).length;
console.log(
  `loss ${loss.toFixed(3)}; right on ${((100 * right) / answers.length).toFixed(1)} % of the other images`,
);
