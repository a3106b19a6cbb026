// The goals that a busy machine can still be held to, small: prints { goal number: measured } and how much faster two
// threads are than one here and now ('threads'). Run after a build.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Worker } from 'node:worker_threads';
import { cosineError } from '../../dist/node/bench/accuracy.js';
import { benchDensity } from '../../dist/node/bench/density.js';
import { benchKernels } from '../../dist/node/bench/kernels.js';
import { benchWorkers } from '../../dist/node/bench/workers.js';
import { open, ready } from '../../dist/node/index.js';
import { nodeRuntime } from '../../dist/node/runtime.js';
import { demoImages } from '../../dist/src/demo.js';
import { readSample } from '../../dist/src/format/sample.js';

const SIZE = 500;
/** Enough that the fixed price of a perspective (a few milliseconds) does not hide that of its inputs. */
const DENSITY_SIZE = 2000;
const ROUNDS = 3;

/** Registers only, in threads of their own: what this machine has to give. */
async function threadGain() {
  const bytes = readFileSync(new URL('../../dist/peak.wasm', import.meta.url));
  const body = `const { parentPort, workerData } = require('node:worker_threads');
    const { peak } = new WebAssembly.Instance(new WebAssembly.Module(workerData)).exports;
    parentPort.on('message', (rounds) => parentPort.postMessage(peak(rounds, 0.5, 0.25)));`;
  const workers = [1, 2].map(() => new Worker(body, { eval: true, workerData: bytes }));
  const run = (worker) =>
    new Promise((resolve) => {
      worker.once('message', resolve);
      worker.postMessage(5e6);
    });
  const time = async (some) => {
    const start = performance.now();
    await Promise.all(some.map(run));
    return performance.now() - start;
  };
  await time(workers);
  const gains = [];
  for (let round = 0; round < 5; round++)
    gains.push((2 * (await time(workers.slice(0, 1)))) / (await time(workers)));
  await Promise.all(workers.map((worker) => worker.terminate()));
  return gains.sort((a, b) => a - b)[2];
}

console.warn = () => {};
await ready();
const module = await nodeRuntime.kernel();
const sample = readSample(readFileSync(new URL('../../node/sample/fashion-3000.npz', import.meta.url)));
const images = demoImages(sample);
const options = { size: SIZE, rounds: ROUNDS, wide: false, watch: {} };
// First, in a fresh process: after the kernels' tables this ratio spread from 4.8 to 7.6, here from 5.7 to 6.4.
const density = await benchDensity(open, images, { ...options, size: DENSITY_SIZE });
const kernels = await benchKernels(module, {
  ...options,
  revectorized: false,
  folder: tmpdir(),
  numpy: null,
  haswell: null,
  shapes: [[512, 1024]],
});
const threads = await threadGain();
const workers = await benchWorkers(open, images, options);
const goals = { ...kernels.goals, ...density.goals, ...workers.goals, 7: cosineError(module) };
const measured = Object.entries(goals).map(([number, goal]) => [number, goal.measured]);
console.log(JSON.stringify({ ...Object.fromEntries(measured), threads }));
process.exit(0);
