/** Workers change the time that a call takes, and nothing else; when one dies or is stopped, nothing hangs. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../src/engine.js';
import type { OpenOptions } from '../../src/options.js';
import type { RemoteWorker, Runtime } from '../../src/runtime.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

// The built modules: a worker's entry is one of them.
const built = (path: string) => import(new URL(`../../dist/${path}`, import.meta.url).href);

const workers: RemoteWorker[] = [];
let openWith: (threads: number, options?: OpenOptions) => Promise<Engine>;
let model: tf.LayersModel;

/** Enough pairs and parameters for workers to be worth it: 900 inputs, 5000 values each. */
const SIZE = 900;
const inputs = randomInputs(1, [SIZE, 12, 12, 2]);
/** Bytes with which the rows of 900 inputs are not held. */
const TIGHT = 100 * 2 ** 20;

beforeAll(async () => {
  await startWasm();
  const { layers } = tf;
  model = randomise(
    tf.sequential({
      layers: [
        layers.conv2d({ filters: 12, kernelSize: 5, activation: 'tanh', inputShape: [12, 12, 2] }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 12, kernelSize: 3, activation: 'relu' }),
        layers.flatten(),
        layers.dense({ units: 8, activation: 'softmax' }),
      ],
    }),
    2,
  );
  const { LocalEngine: Built } = await built('src/local/engine.js');
  const { nodeRuntime } = await built('node/runtime.js');
  const counted: Runtime = {
    ...nodeRuntime,
    spawn: async () => {
      const worker = await nodeRuntime.spawn();
      workers.push(worker);
      return worker;
    },
  };
  openWith = (threads, options = {}) => Built.open(model, counted, { threads, check: false, ...options });
});

afterEach(() => {
  workers.length = 0;
});

const classes = Array.from({ length: SIZE }, (_, i) => i % 8);

async function measures(engine: Engine) {
  const seen = await engine.perspective(inputs);
  const { indices, similarities } = await seen.nearest(undefined, 7);
  return [
    seen.logits,
    (await seen.matrix()).data,
    await seen.density({ power: 2.5 }),
    await seen.density(),
    (await seen.denoise(classes)).factor,
    (await seen.denoise(classes, { inputs: [3, 30, 300] })).labels,
    indices,
    similarities,
  ];
}

it('one thread, two and three give the same bits', async () => {
  const results: Awaited<ReturnType<typeof measures>>[] = [];
  for (const threads of [0, 2, 3]) {
    const engine = await openWith(threads);
    results.push(await measures(engine));
    await engine.dispose();
    expect(workers).toHaveLength(threads);
    await Promise.all(workers.splice(0).map(({ ended }) => ended));
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

it('rows that are captured again by workers give the same bits', async () => {
  const held = await openWith(0);
  const streamed = await openWith(2, { memory: TIGHT });
  const seen = await streamed.perspective(inputs);
  expect(seen.held).toBe(false);
  expect(await measures(streamed)).toEqual(await measures(held));
  await Promise.all([held.dispose(), streamed.dispose()]);
});

it('a network that travelled knows the place of its inputs in the set', async () => {
  const [{ Network }, { packNetwork, openParcel }, { nodeRuntime }] = await Promise.all(
    ['src/network/network.js', 'src/network/parcel.js', 'node/runtime.js'].map(built),
  );
  const network = new Network(model, await nodeRuntime.kernel());
  const output = { contrast: 'predicted', adversary: { seed: 3 } };
  const parcel = await packNetwork(network, output, 'output');
  const there = await openParcel(structuredClone(parcel), nodeRuntime);
  const few = [{ shape: [5, 12, 12, 2], data: inputs.data.slice(0, 5 * 288) }];
  const values = ({ batch }: { batch: { terms: { right: unknown }[] } }) =>
    batch.terms.map(({ right }) => right);
  const expected = values(network.capture(few, output, 'output', 37));
  expect(values(there.capture(few, 37))).toEqual(expected);
  expect(values(there.capture(few, 38))).not.toEqual(expected);
  there.close();
});

it('perspectives of one engine share its workers, and a closed engine starts none', async () => {
  const engine = await openWith(2);
  const [one, two] = [await engine.perspective(inputs), await engine.perspective(inputs)];
  const [first, second] = await Promise.all([one.density({ power: 2.5 }), two.density({ power: 2.5 })]);
  expect(second).toEqual(first);
  expect(workers).toHaveLength(2);
  const last = one.density({ power: 2.5 });
  await new Promise((resume) => setTimeout(resume, 30));
  one[Symbol.dispose]();
  expect(await last).toEqual(first);
  await engine.dispose();
  expect(await two.density({ power: 2.5 })).toEqual(first);
  expect(workers).toHaveLength(2);
});

it('256-bit kernels, where there are any, give the same bits', async () => {
  const [narrow, wide] = [await openWith(2), await openWith(2, { wide: true })];
  const kinds = [{ power: 2.5 }, 'soft'] as const;
  for (const kind of kinds) {
    const densities = await Promise.all(
      [narrow, wide].map(async (engine) => (await engine.perspective(inputs)).density(kind)),
    );
    expect(densities[1]).toEqual(densities[0]);
  }
  // Node 24 is the first that fuses; older ones fall back by themselves.
  if (Number(process.versions.node.split('.')[0]) < 24) expect(wide.wide).toBe(false);
  await Promise.all([narrow.dispose(), wide.dispose()]);
});

it('workers that cannot be started end the call', async () => {
  const [{ LocalEngine: Built }, { nodeRuntime }] = await Promise.all([
    built('src/local/engine.js'),
    built('node/runtime.js'),
  ]);
  let tries = 0;
  const barren: Runtime = {
    ...nodeRuntime,
    spawn: async () => {
      tries += 1;
      throw new Error('no threads left');
    },
  };
  const engine: Engine = await Built.open(model, barren, { threads: 2, check: false });
  const seen = await engine.perspective(inputs);
  await expect(seen.density({ power: 2.5 })).rejects.toThrow('no threads left');
  expect(tries).toBe(2);
  await engine.dispose();
});

describe('a worker that dies in mid-call', () => {
  it('ends the call, and the engine goes on with other workers', async () => {
    const engine = await openWith(2);
    const seen = await engine.perspective(inputs);
    const expected = await seen.density({ power: 2.5 });
    const dying = seen.density({ power: 2.5 });
    const outcome = dying.then(
      () => ({ code: 'done' }),
      (error) => error,
    );
    await new Promise((resume) => setTimeout(resume, 60));
    const killed = performance.now();
    workers[0]!.terminate();
    expect((await outcome).code).toBe('worker');
    // Within a second on a quiet machine.
    expect(performance.now() - killed).toBeLessThan(5000);
    expect(await seen.density({ power: 2.5 })).toEqual(expected);
    expect(workers).toHaveLength(4);
    await engine.dispose();
  });
});

describe('a signal', () => {
  it('stops the call where rows are captured again, too', async () => {
    const engine = await openWith(2, { memory: TIGHT });
    const seen = await engine.perspective(inputs);
    const controller = new AbortController();
    const shares: number[] = [];
    const call = seen.denoise(classes, {
      signal: controller.signal,
      progress: ({ done }) => {
        shares.push(done);
        controller.abort();
      },
    });
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    expect((await seen.density()).length).toBe(SIZE);
    expect(shares).toHaveLength(1);
    await engine.dispose();
  });

  it('stops the call at any time, and the perspective stays usable', async () => {
    const engine = await openWith(2);
    const seen = await engine.perspective(inputs);
    const expected = await seen.density({ power: 2.5 });
    for (let round = 0; round < 20; round++) {
      const controller = new AbortController();
      const outcome = seen.density({ power: 2.5 }, { signal: controller.signal }).then(
        () => 'done',
        ({ code }) => code,
      );
      await new Promise((resume) => setTimeout(resume, round * 12));
      const stopped = performance.now();
      controller.abort();
      expect(['aborted', 'done']).toContain(await outcome);
      // 200 ms on a quiet machine; the tests of other files share these cores.
      expect(performance.now() - stopped).toBeLessThan(1500);
    }
    expect(await seen.density({ power: 2.5 })).toEqual(expected);
    expect(workers).toHaveLength(2);
    await engine.dispose();
  });
});

it('idle workers do not keep a process alive that forgot to dispose', () => {
  const entry = fileURLToPath(new URL('../../dist/node/index.js', import.meta.url));
  const script = `import { open, ready } from '${entry}';
    import * as tf from '@tensorflow/tfjs';
    await ready();
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3000, inputShape: [8] }), tf.layers.dense({ units: 2 })] });
    const engine = await open(model, { threads: 2, check: false });
    const data = Float32Array.from({ length: 8 * 2000 }, (_, i) => Math.sin(i));
    const seen = await engine.perspective({ shape: [2000, 8], data });
    console.log((await seen.nearest(undefined, 1)).indices.length);`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 30_000,
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  expect(printed.trim()).toBe('2000');
});

it('a perspective that is refused at its end lets the workers forget its memory', async () => {
  const { View } = await built('src/local/view.js');
  const release = vi.spyOn(View.prototype, 'release');
  const linear = tf.sequential({ layers: [tf.layers.dense({ units: 2, useBias: false, inputShape: [3] })] });
  const { LocalEngine: Built } = await built('src/local/engine.js');
  const { nodeRuntime } = await built('node/runtime.js');
  const engine = await Built.open(linear, nodeRuntime, { threads: 2, check: false });
  const zeros = { shape: [4, 3], data: new Float32Array(12) };
  await expect(engine.perspective(zeros)).rejects.toThrow(/zero gradient at all 4 inputs/);
  expect(release).toHaveBeenCalledTimes(1);
  await engine.dispose();
  linear.dispose();
});
