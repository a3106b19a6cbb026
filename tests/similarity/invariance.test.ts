/** Same bits whatever the batch, the order of calls, or the way in which a result is asked for. */
import { type OpenOptions, open, type Perspective } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, startWasm } from '../oracle/random.js';
import { build, given, specimens } from '../oracle/zoo.js';
import { distance } from './measure.js';

beforeAll(startWasm);

const bits = (values: {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

/** Everything a perspective says, as bits. */
async function everything(seen: Perspective): Promise<Record<string, string>> {
  const labels = {
    shape: [seen.size, seen.logits.length / seen.size],
    data: randomInputs(3, [seen.logits.length]).data,
  };
  const result: Record<string, string> = { logits: bits(seen.logits) };
  for (const kernel of ['correlation', 'inner', 'influence'] as const) {
    result[`${kernel} matrix`] = bits((await seen.matrix({ kernel })).data);
    result[`${kernel} blocks`] = bits((await seen.blocks({ kernel })).data);
  }
  for (const kind of ['soft', { hard: 0.5 }, { power: 2 }] as const) {
    result[`density ${JSON.stringify(kind)}`] = bits(await seen.density(kind));
  }
  const denoised = await seen.denoise(labels);
  result.denoised = bits(denoised.labels) + bits(denoised.factor) + bits(denoised.shift);
  result.uncertainty = bits(await seen.uncertainty());
  const { indices, similarities } = await seen.nearest(undefined, 5);
  result.nearest = bits(indices) + bits(similarities);
  return result;
}

describe('D1: the batch size does not change a bit', () => {
  it.each(specimens)('of %s', async (name) => {
    const specimen = build(name);
    const ask = async (options: OpenOptions) => {
      await using engine = await open(specimen.model, { ...options, check: false });
      return everything(await engine.perspective(given(specimen)));
    };
    const whole = await ask({ batch: specimen.inputs[0].shape[0] });
    for (const batch of [1, 7, 64]) expect(await ask({ batch })).toEqual(whole);
    expect(await ask({})).toEqual(whole);
    specimen.model.dispose();
  });

  it('nor does the size of the set change the bits of a pair', async () => {
    const specimen = build('CNN with max-pool and softmax, d = 4');
    await using engine = await open(specimen.model);
    const { shape, data } = specimen.inputs[0];
    const part = { shape: [5, ...shape.slice(1)], data: data.subarray(0, (data.length / shape[0]) * 5) };
    const few = (await (await engine.perspective(part)).matrix()).data;
    const all = (await (await engine.perspective(specimen.inputs[0])).matrix()).data;
    for (let i = 0; i < 5; i++)
      for (let j = 0; j < 5; j++) expect(few[i * 5 + j]).toBe(all[i * shape[0] + j]);
    specimen.model.dispose();
  });
});

describe('calls made together', () => {
  it.each(['MLP, d = 3, tanh', 'shared convolution and PReLU, d = 2'])(
    'on %s give the same bits as one after the other',
    async (name) => {
      const specimen = build(name);
      await using engine = await open(specimen.model);
      const calls = (seen: Perspective): (() => Promise<unknown>)[] => [
        () => seen.density('soft'),
        () => seen.nearest(3, 4),
        () => seen.matrix(),
        () => seen.block(1, 20),
        () => seen.explain(2, 19),
        () => seen.matrix({ kernel: 'influence' }),
        () => seen.density({ hard: 0.4 }),
        () => seen.against(given(specimen)),
        () => seen.blocks({ kernel: 'influence' }),
        () => seen.density({ power: 3 }),
        () => seen.similarity(4, 5),
        () => seen.uncertainty(),
        () => seen.nearest(given(specimen), 3),
        () => seen.matrix({ kernel: 'inner' }),
      ];
      const alone = await engine.perspective(given(specimen));
      const sequential: unknown[] = [];
      for (const call of calls(alone)) sequential.push(await call());
      const together = await engine.perspective(given(specimen));
      expect(await Promise.all(calls(together).map((call) => call()))).toEqual(sequential);
      expect(
        await Promise.all(
          calls(together)
            .reverse()
            .map((call) => call()),
        ),
      ).toEqual(sequential.reverse());
      specimen.model.dispose();
    },
  );

  it('on two perspectives of one engine do not disturb each other', async () => {
    const specimen = build('MLP, d = 3, tanh');
    await using engine = await open(specimen.model, { batch: 3 });
    const other = randomInputs(9, [19, 4]);
    const [one, two] = await Promise.all([engine.perspective(specimen.inputs[0]), engine.perspective(other)]);
    const [first, second] = await Promise.all([one.matrix(), two.matrix()]);
    expect(first).toEqual(await (await engine.perspective(specimen.inputs[0])).matrix());
    expect(second).toEqual(await (await engine.perspective(other)).matrix());
    specimen.model.dispose();
  });

  it.each(specimens)('against the set itself give the matrix of %s', async (name) => {
    const specimen = build(name);
    await using engine = await open(specimen.model);
    const seen = await engine.perspective(given(specimen));
    for (const kernel of ['correlation', 'inner', 'influence'] as const) {
      const [own, other] = [await seen.matrix({ kernel }), await seen.against(given(specimen), { kernel })];
      const most = Math.max(...own.data.map(Math.abs));
      expect(distance(other.data, own.data) / most).toBeLessThan(1e-6);
    }
    specimen.model.dispose();
  });
});
