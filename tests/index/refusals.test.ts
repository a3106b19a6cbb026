/** Indexes that are refused, each with the reason and what to do about it. */
import * as tf from '@tensorflow/tfjs';
import { type Engine, type OpenOptions, type OutputChoice, open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { headerOf, sealed, withHeader } from './hostile.js';

const SIZE = 19;
let model: tf.LayersModel;
let engine: Engine;
let bytes: Uint8Array;

const net = (seed: number, activation: 'tanh' | 'relu' = 'tanh') =>
  randomise(
    tf.sequential({
      layers: [
        tf.layers.dense({ name: 'one', units: 5, activation, inputShape: [6] }),
        tf.layers.dense({ name: 'two', units: 3, activation: 'softmax' }),
      ],
    }),
    seed,
  );

beforeAll(async () => {
  await startWasm();
  model = net(3);
  engine = await open(model, { threads: 0 });
  bytes = await (await engine.perspective(randomInputs(1, [SIZE, 6]))).save();
});

afterAll(async () => {
  await engine.dispose();
  model.dispose();
});

async function refused(given: unknown, code: string, reason: RegExp, by = engine): Promise<void> {
  const refusal = by.reopen(given as Uint8Array);
  await expect(refusal).rejects.toMatchObject({ name: 'NetkinError', code });
  await expect(refusal).rejects.toThrow(reason);
}

/** A copy in which some bytes are others. */
function changed(at: number, ...values: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
}

/** A sealed copy in which numbers of a section are others. */
function withSection(name: string, write: (view: DataView) => void): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const sections = headerOf(copy).sections as { name: string; offset: number }[];
  const { offset } = sections.find((section) => section.name === name)!;
  write(new DataView(copy.buffer, 64 + view.getUint32(48, true) + offset));
  return sealed(copy);
}

describe('an index is refused', () => {
  it('where it is none, cut off, too long, damaged, or of another version', async () => {
    await refused(new Uint8Array(0), 'input', /no netkin index/);
    await refused(new Uint8Array(5000), 'input', /no netkin index/);
    await refused(bytes.subarray(0, 63), 'input', /no netkin index/);
    for (const length of [64, 300, bytes.length - 1])
      await refused(bytes.subarray(0, length), 'input', /is cut off: \d+ of \d+ bytes/);
    await refused(new Uint8Array([...bytes, 0]), 'input', /bytes after its end/);
    await refused(changed(8, 2), 'input', /version 2 .* reads 1: update netkin/);
    await refused(changed(8, 0), 'input', /version 0 .*: make it again/);
    for (const at of [20, 200, bytes.length >> 1, bytes.length - 1])
      await refused(changed(at, bytes[at] ^ 1), 'input', /fails its checksum/);
    await refused(changed(48, 1), 'input', /no sound length/);
    await refused({ length: 5 }, 'usage', /Uint8Array/);
  });

  it('where a number in it is impossible, though its checksum is right', async () => {
    const double = (value: number) => (view: DataView) => view.setFloat64(0, value, true);
    const float = (value: number) => (view: DataView) => view.setFloat32(0, value, true);
    await refused(
      withSection('selfKernels', double(NaN)),
      'input',
      /'selfKernels' holds a number that is not finite/,
    );
    await refused(withSection('inverseRoots', double(Infinity)), 'input', /'inverseRoots'/);
    await refused(withSection('values/0', float(NaN)), 'input', /'values\/0'/);
    await refused(withSection('logits', float(-Infinity)), 'input', /'logits'/);
    await refused(withSection('density', float(SIZE + 1)), 'input', /'density' holds 20/);
    await refused(
      withSection('ranks', (view) => view.setInt32(0, 4, true)),
      'input',
      /'ranks' holds 4/,
    );
    await refused(
      withSection('nearlySingular', (view) => view.setUint8(0, 2)),
      'input',
      /'nearlySingular'/,
    );
    // Input 19 of 32 places does not exist.
    const empty = (view: DataView) => view.setFloat32(view.byteLength - 4, 1, true);
    const last = `values/${(headerOf(bytes).terms as unknown[]).length - 1}`;
    await refused(
      withSection(last, (view) => empty(new DataView(view.buffer, 0))),
      'input',
      /an input too many/,
    );
  });

  it('where its header says anything else than its sections', async () => {
    const header = headerOf(bytes);
    const other = (change: object) => withHeader(bytes, { ...header, ...change });
    await refused(other({ size: 20 }), 'input', /section 'logits' is not what its header implies/);
    await refused(other({ size: 2 ** 31 - 1 }), 'input', /not what its header implies/);
    await refused(other({ size: -1 }), 'input', /header.size is -1, where a whole number from 1/);
    await refused(
      other({ rows: 'float16' }),
      'input',
      /header.rows is "float16", where 'float32' or 'int8' belongs/,
    );
    await refused(other({ terms: 5 }), 'input', /header.terms is 5, where a list of up to 8192 belongs/);
    await refused(other({ terms: [] }), 'input', /not what its header implies/);
    await refused(withHeader(bytes, null), 'input', /where an object belongs/);
    await refused(withHeader(bytes, [header]), 'input', /where an object belongs/);
    const { sections } = header as { sections: object[] };
    await refused(other({ sections: sections.slice(1) }), 'input', /not what its header implies/);
    await refused(other({ sections: [...sections, sections[0]] }), 'input', /not what its header implies/);
    const huge = { name: 'thumbnails', type: 'uint8', shape: [SIZE, 2 ** 31 - 1, 2 ** 31 - 1, 3], offset: 0 };
    await refused(other({ sections: [...sections, huge] }), 'input', /not what its header implies/);
  });

  it('where it belongs to another network: a weight, an activation', async () => {
    for (const another of [net(4), net(3, 'relu')]) {
      await using by = await open(another, { threads: 0 });
      await refused(bytes, 'input', /belongs to another network/, by);
      another.dispose();
    }
  });

  it('for its network, before its numbers are looked at', async () => {
    const another = net(4);
    await using by = await open(another, { threads: 0 });
    const odd = withSection('selfKernels', (view) => view.setFloat64(0, NaN, true));
    await refused(odd, 'input', /belongs to another network/, by);
    await using few = await open(model, { output: [0], threads: 0, check: false });
    await refused(odd, 'usage', /output: "logits"/, few);
    another.dispose();
  });

  it('of more terms or parameters than any network has', async () => {
    const header = headerOf(bytes);
    const [term] = header.terms as object[];
    const other = (change: object) => withHeader(bytes, { ...header, ...change });
    await refused(other({ terms: Array(9000).fill(term) }), 'input', /terms is a list of 9000, where/);
    await refused(other({ parameters: Array(20_000).fill('x') }), 'input', /parameters is a list of 20000/);
  });

  it.each([
    [{ output: [0, 2] }, /output: "logits"/],
    [{ output: 'contrast' }, /output: "logits"/],
    [{ of: 'loss' }, /of: 'output'/],
    [{ precision: 16 }, /precision: "exact"/],
    [
      { parameters: (name: string) => name.startsWith('one') },
      /parameters one\/kernel, one\/bias, two\/kernel, two\/bias/,
    ],
  ] as [OpenOptions, RegExp][])(
    'by an engine with the options %j, which are told those to open with',
    async (options, reason) => {
      await using by = await open(model, { ...options, threads: 0, check: false });
      await refused(bytes, 'usage', reason, by);
    },
  );

  it('where seeds or given contrasts differ', async () => {
    await using one = await open(model, { precision: 16, seed: 1, threads: 0, check: false });
    await using two = await open(model, { precision: 16, seed: 2, threads: 0, check: false });
    const sketched = await (await one.perspective(randomInputs(1, [3, 6]))).save();
    await refused(sketched, 'usage', /seed: 1/, two);
    await using given = await open(model, { output: { contrast: [0, 1, 2, 0] }, threads: 0, check: false });
    await using others = await open(model, { output: { contrast: [0, 1, 1, 0] }, threads: 0, check: false });
    const contrasts = await (await given.perspective(randomInputs(1, [3, 6]))).save();
    await refused(contrasts, 'usage', /contrast: those of the index/, others);
    await refused(contrasts, 'usage', /contrast: those of the index/, engine);
    expect((await given.reopen(contrasts)).size).toBe(3);
  });

  it('where contrasts, adversaries or their seed differ', async () => {
    const opened = (output: OutputChoice, seed = 0) =>
      open(model, { output, seed, threads: 0, check: false });
    const saved = async (output: OutputChoice, seed = 0) => {
      await using by = await opened(output, seed);
      return await (await by.perspective(randomInputs(1, [3, 6]))).save();
    };
    const [one, pair] = [await saved({ contrast: 1 }), await saved({ contrast: 1, adversary: 2 })];
    const drawn = await saved({ contrast: 'predicted', adversary: 'sampled' }, 5);
    const given = await saved({ contrast: 0, adversary: [1, 2, 1] });
    await using by = await opened({ contrast: 1 });
    expect((await by.reopen(one)).comparesOthers).toBe(true);
    await refused(pair, 'usage', /with output: \{ contrast: 1, adversary: 2 \}\.$/, by);
    await refused(
      drawn,
      'usage',
      /output: \{ contrast: "predicted", adversary: "sampled" \}, seed: 5\.$/,
      by,
    );
    await refused(given, 'usage', /output: \{ contrast: 0, adversary: those of the index \}\.$/, by);
    await refused(one, 'usage', /output: \{ contrast: 1 \}\.$/);
    await using another = await opened({ contrast: 'predicted', adversary: 'sampled' }, 6);
    await refused(drawn, 'usage', /with seed: 5\.$/, another);
    await using others = await opened({ contrast: 0, adversary: [1, 2, 2] });
    await refused(given, 'usage', /adversary: those of the index/, others);
  });

  it('where contrasts in it are impossible, though its checksum is right', async () => {
    const output = { contrast: [0, 1, 2], adversary: [1, 2, 1] };
    await using by = await open(model, { output, threads: 0, check: false });
    const original = await (await by.perspective(randomInputs(1, [3, 6]))).save();
    const header = headerOf(original);
    const other = (contrast: unknown) =>
      withHeader(original, { ...header, options: { ...(header.options as object), output: contrast } });
    for (const [contrast, reason] of [
      [
        { contrast: 'labels', adversary: 'given' },
        /contrast is "labels", where 'predicted' or 'given' belongs/,
      ],
      [{ contrast: 'given' }, /adversary is missing/],
      [{ contrast: 'given', adversary: -1 }, /adversary is -1, where a whole number from 0/],
      [{ contrast: 'given', adversary: 1 }, /not what its header implies/],
      [{ contrast: 'given', adversary: 'sampled' }, /not what its header implies/],
      [{ contrast: {}, adversary: null }, /contrast is an object/],
      [{ adversary: 1 }, /output is an object, where a list/],
      ['given contrasts', /not what its header implies/],
    ] as const)
      await refused(other(contrast), 'input', reason, by);
    const changedIds = (name: string, ...ids: number[]) => {
      const { sections } = header as { sections: { name: string; offset: number }[] };
      const copy = original.slice();
      const start = 64 + new DataView(copy.buffer).getUint32(48, true);
      const { offset } = sections.find((section) => section.name === name)!;
      new Int32Array(copy.buffer, start + offset, 3).set(ids);
      return sealed(copy);
    };
    await refused(changedIds('adversaries', 1, 1, 1), 'usage', /those of the index/, by);
    // As the command line does, which takes the ids out of the index.
    const same = { contrast: [0, 1, 2], adversary: [1, 1, 1] };
    await using trusting = await open(model, { output: same, threads: 0, check: false });
    const reason = /the class of input 1 is compared with itself/;
    await refused(changedIds('adversaries', 1, 1, 1), 'input', reason, trusting);
  });

  it('where it does not fit into memory', async () => {
    await using small = await open(model, { threads: 0, memory: 100, check: false });
    await refused(bytes, 'memory', /memory allows/, small);
  });

  it('by an engine that was disposed of, or when the caller says stop', async () => {
    const ended = await open(model, { threads: 0, check: false });
    await ended.dispose();
    await refused(bytes, 'usage', /disposed/, ended);
    await expect(engine.reopen(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted',
    });
  });
});

it('rows that contradict their self kernels give finite results or none', async () => {
  const huge = (value: number) => (view: DataView) => {
    for (let i = 0; i < 64; i++) view.setFloat32(4 * i, i % 16 < 3 ? value : 0, true);
  };
  for (const section of ['values/0', 'values/1', 'activities/0']) {
    for (const value of [3e38, 1e30, -3e38]) {
      if (!(headerOf(bytes).sections as { name: string }[]).some(({ name }) => name === section)) continue;
      const seen = await engine.reopen(withSection(section, huge(value)));
      for (const ask of [
        async () => (await seen.explain(0, 1)).layers.map(({ share }) => share),
        async () => seen.block(0, 1),
        async () => [await seen.similarity(0, 1)],
        async () => (await seen.matrix()).data,
        // Infinite where influences cancel, but never undefined.
        async () => (await seen.uncertainty()).map((value) => (Math.abs(value) === Infinity ? 0 : value)),
        async () => seen.density('soft', { of: randomInputs(2, [1, 6]) }),
      ]) {
        const numbers = await ask().catch((error) => {
          expect(error).toMatchObject({ name: 'NetkinError', code: 'input' });
          return [];
        });
        expect(
          Array.from(numbers).filter((number) => Number.isNaN(number) || Math.abs(number) === Infinity),
        ).toEqual([]);
      }
    }
  }
});

it('an index may begin at any byte of a larger buffer, and lie in shared memory', async () => {
  const expected = (await (await engine.reopen(bytes)).matrix()).data;
  for (const start of [1, 8, 64]) {
    const larger = new Uint8Array(bytes.length + start);
    larger.set(bytes, start);
    for (const given of [larger.subarray(start), Buffer.from(larger.buffer).subarray(start)])
      expect((await (await engine.reopen(given)).matrix()).data).toEqual(expected);
  }
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  expect((await (await engine.reopen(shared)).matrix()).data).toEqual(expected);
});
