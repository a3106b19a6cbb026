/** D11: one class against the others, or against one of them: of each input, of all, given or drawn. */
import type * as tf from '@tensorflow/tfjs';
import { type Contrast, type OpenOptions, type OutputChoice, open, type Perspective } from 'netkin';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { contrast, exact, logProbabilities, mixed, traces } from '../oracle/kernels.js';
import { type Jacobians, jacobians } from '../oracle/network.js';
import { noise, startWasm } from '../oracle/random.js';
import { build, given, type Specimen } from '../oracle/zoo.js';
import { distance } from './measure.js';

const CLASSES = 4;
let specimen: Specimen;
let model: tf.LayersModel;
let set: Jacobians;

beforeAll(async () => {
  await startWasm();
  specimen = build('CNN with max-pool and softmax, d = 4');
  model = specimen.model;
  set = jacobians(model, specimen.inputs);
});

afterAll(() => model.dispose());

const predicted = (x: number) => set.values[x].indexOf(Math.max(...set.values[x]));
const drawn = (seed: number, below: number) => {
  const next = noise(seed);
  return Array.from({ length: set.size }, () => Math.floor(((next() + 1) / 2) * below));
};

async function seen(output: OutputChoice, options: OpenOptions = {}): Promise<Perspective> {
  await using engine = await open(model, { threads: 0, check: false, ...options, output });
  return await engine.perspective(given(specimen));
}

const matrix = async (perspective: Perspective) => (await perspective.matrix()).data;

/** k^C by the definition: class `of(x)` against `against(x)`, or against the mean of the others. */
const wanted = (of: (x: number) => number, against?: (x: number) => number) =>
  traces(exact(mixed(set, (x) => [contrast(CLASSES, of(x), against?.(x))])).correlation).flat();

describe('a contrast is that of the twin', () => {
  const ids = () => drawn(3, CLASSES);
  const others = () => ids().map((id, x) => (id + 1 + (x % 3)) % CLASSES);
  test.each<[string, () => Contrast, (x: number) => number, ((x: number) => number)?]>([
    ['of one class for all inputs', () => ({ contrast: 2 }), () => 2],
    ['of the predicted class', () => ({ contrast: 'predicted' }), (x) => predicted(x)],
    ['of a class for each input', () => ({ contrast: ids() }), (x) => ids()[x]],
    ['of one class against one', () => ({ contrast: 3, adversary: 1 }), () => 3, () => 1],
    [
      'of each input’s class against each input’s adversary',
      () => ({ contrast: Int32Array.from(ids()), adversary: others() }),
      (x) => ids()[x],
      (x) => others()[x],
    ],
    [
      'of one class against each input’s adversary',
      () => ({ contrast: 3, adversary: Uint8Array.from(drawn(4, 3)) }),
      () => 3,
      (x) => drawn(4, 3)[x],
    ],
  ])('%s', async (_, choice, of, against) => {
    const perspective = await seen(choice());
    expect([perspective.outputs, perspective.compared]).toEqual([1, null]);
    expect(distance(await matrix(perspective), wanted(of, against))).toBeLessThan(5e-6);
  });

  it("'contrast' is that of the predicted class", async () => {
    expect(await matrix(await seen('contrast'))).toEqual(await matrix(await seen({ contrast: 'predicted' })));
  });
});

describe('of log-probabilities, the twin', () => {
  test('gives the contrasts of the logits, c against the mean and c against a (D11)', () => {
    const logarithms = logProbabilities(set);
    for (const [of, against] of [[0], [2], [1, 3], [3, 0]] as const) {
      const mix = () => [contrast(CLASSES, of, against)];
      const [one, other] = [mixed(set, mix), mixed(logarithms, mix)];
      for (let x = 0; x < set.size; x++) {
        const length = Math.hypot(...one.rows[x][0]);
        const apart = one.rows[x][0].map((value, p) => value - other.rows[x][0][p]);
        expect(Math.hypot(...apart) / length).toBeLessThan(1e-12);
      }
      const [k, same] = [one, other].map((rows) => traces(exact(rows).correlation).flat());
      expect(distance(k, same)).toBeLessThan(1e-12);
    }
  });
});

describe('sampled adversaries', () => {
  const sampled = (contrastOf: Contrast['contrast'], options: OpenOptions = {}) =>
    seen({ contrast: contrastOf, adversary: 'sampled' }, options);

  /** The adversary of each input: the only one whose contrast has this norm. */
  async function adversaries(of: (x: number) => number, perspective: Perspective): Promise<number[]> {
    const { data } = perspective.selfKernels;
    return Array.from(data, (norm, x) => {
      const row = (a: number) => mixed(set, () => [contrast(CLASSES, of(x), a)]).rows[x][0];
      const away = [0, 1, 2, 3].map((a) =>
        a === of(x) ? Infinity : Math.abs(row(a).reduce((sum, g) => sum + g * g, 0) / norm - 1),
      );
      const best = away.indexOf(Math.min(...away));
      expect(away[best]).toBeLessThan(1e-4);
      return best;
    });
  }

  it('are other classes, every one of them, and give the similarities of these', async () => {
    const perspective = await sampled('predicted', { seed: 1 });
    const found = await adversaries(predicted, perspective);
    expect(found.filter((a, x) => a === predicted(x))).toEqual([]);
    expect(
      distance(
        await matrix(perspective),
        wanted(predicted, (x) => found[x]),
      ),
    ).toBeLessThan(5e-6);
    const against2 = await adversaries(() => 2, await sampled(2, { seed: 1 }));
    expect([...new Set(against2)].sort()).toEqual([0, 1, 3]);
  });

  it('are the same for the same seed, others for another', async () => {
    const first = await matrix(await sampled('predicted', { seed: 7 }));
    expect(await matrix(await sampled('predicted', { seed: 7 }))).toEqual(first);
    expect(await matrix(await sampled('predicted', { seed: 8 }))).not.toEqual(first);
    expect(await matrix(await sampled('predicted'))).toEqual(
      await matrix(await sampled('predicted', { seed: 0 })),
    );
  });

  it('do not depend on batches, nor on rows that are captured again', async () => {
    const first = await matrix(await sampled('predicted', { seed: 7 }));
    for (const batch of [1, 5, 16])
      expect(await matrix(await sampled('predicted', { seed: 7, batch }))).toEqual(first);
  });
});

describe('is refused', () => {
  const refused = async (output: unknown, code: string, reason: RegExp, options: OpenOptions = {}) => {
    const act = seen(output as Contrast, options);
    await expect(act).rejects.toMatchObject({ name: 'NetkinError', code });
    await expect(act).rejects.toThrow(reason);
  };
  const zeros = () => new Int32Array(set.size);

  it('a class that is its own adversary, by the number of the input', async () => {
    const adversary = zeros().fill(1);
    adversary[19] = 0;
    await refused({ contrast: zeros(), adversary }, 'input', /class of input 19 is its adversary, too \(0\)/);
    await refused({ contrast: 2, adversary: 2 }, 'input', /class of input 0 is its adversary/);
    const rival = predicted(0);
    await refused({ contrast: 'predicted', adversary: rival }, 'input', /class of input 0 is its adversary/);
  });

  it('a class that does not exist', async () => {
    await refused({ contrast: 4 }, 'usage', /^Contrast class is 4; classes run from 0 to 3\.$/);
    await refused({ contrast: 0.5 }, 'usage', /Contrast class is 0.5/);
    await refused({ contrast: 0, adversary: NaN }, 'usage', /Adversary class is NaN/);
    await refused({ contrast: zeros().fill(9, 5) }, 'input', /Contrast class of input 5 is 9/);
    await refused({ contrast: 1, adversary: [0, -1] }, 'input', /Adversary class of input 1 is -1/);
    await refused({ contrast: Array(27).fill(0.5) }, 'input', /Contrast class of input 0 is 0.5/);
  });

  it('an id that is no number, whatever it could be read as', async () => {
    const ids = (first: unknown) => Object.assign(Array<unknown>(set.size).fill(1), { 3: first });
    for (const odd of [null, '', '1', [], [2], true, undefined, new Date(0)]) {
      await refused({ contrast: ids(odd) }, 'input', /^Contrast class of input 3 is no number/);
      await refused(
        { contrast: 0, adversary: ids(odd) },
        'input',
        /^Adversary class of input 3 is no number/,
      );
    }
    await refused({ contrast: { length: 1e12 } }, 'input', /^Contrast class of input 0 is no number/);
    const large = BigInt64Array.from({ length: set.size }, () => 2n) as unknown as ArrayLike<number>;
    expect(await matrix(await seen({ contrast: large }))).toEqual(await matrix(await seen({ contrast: 2 })));
  });

  it('fewer ids than inputs, before anything is captured', async () => {
    await refused({ contrast: [0, 1] }, 'input', /There are 2 classes for the contrasts of 27 inputs/);
    await refused({ contrast: 0, adversary: [1] }, 'input', /There are 1 classes/);
  });

  it('what has another form', async () => {
    for (const odd of [{ contrast: 'sampled' }, { contrast: 1, adversary: 'predicted' }, { contrast: null }])
      await refused(odd, 'usage', /^Option output is an object of another form; give .*'predicted'/);
    await refused({ contrast: 1, opponent: 2 }, 'usage', /Option output/);
    await refused({ contrast: 1 }, 'usage', /compares the loss/, { of: 'loss' });
  });

  it('a network with one output', async () => {
    const line = build('MLP, d = 1');
    await expect(open(line.model, { output: { contrast: 0 } })).rejects.toThrow(/at least 2 outputs/);
    line.model.dispose();
  });
});

describe('inputs outside the set', () => {
  const compared = async (output: Contrast, look: (perspective: Perspective) => Promise<void>) => {
    await using engine = await open(model, { threads: 0, check: false, output });
    await look(await engine.perspective(given(specimen)));
  };

  test.each<Contrast>([{ contrast: 'predicted' }, { contrast: 1 }, { contrast: 1, adversary: 3 }])(
    'can be compared by %j, as if they were in it',
    async (output) => {
      await compared(output, async (perspective) => {
        expect(perspective.comparesOthers).toBe(true);
        const { data } = await perspective.against(given(specimen));
        // k(x, x) is computed here, and known there.
        expect(distance(data, await matrix(perspective))).toBeLessThan(1e-6);
      });
    },
  );

  it('are refused where class or adversary are each input’s own', async () => {
    const ids = Array.from({ length: set.size }, () => 0);
    for (const output of [
      { contrast: ids },
      { contrast: 'predicted', adversary: 'sampled' },
      { contrast: 1, adversary: ids },
    ] as const) {
      await compared(output, async (perspective) => {
        expect(perspective.comparesOthers).toBe(false);
        await expect(perspective.against(given(specimen))).rejects.toMatchObject({
          code: 'usage',
          message: expect.stringMatching(/sampled adversaries/),
        });
      });
    }
  });
});

it('ids are those of the moment when the model was opened', async () => {
  const ids = drawn(3, CLASSES);
  await using engine = await open(model, { threads: 0, check: false, output: { contrast: ids } });
  const before = await matrix(await engine.perspective(given(specimen)));
  ids.fill(0);
  expect(await matrix(await engine.perspective(given(specimen)))).toEqual(before);
});
