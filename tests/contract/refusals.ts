/** What is refused, with an error that keeps its name, code and message wherever the engine runs. */
import type { ErrorCode, OpenOptions, Perspective } from 'netkin';
import { type Claim, classifier, points } from './claim.js';
import { expect } from './expect.js';

const inputs = [
  ['another width', { shape: [1, 3], data: new Float32Array(3) }],
  ['no input', { shape: [0, 2], data: new Float32Array(0) }],
  ['NaN', { shape: [1, 2], data: Float32Array.of(1, NaN) }],
  ['infinity', { shape: [1, 2], data: Float32Array.of(1, Infinity) }],
  ['too few numbers', { shape: [2, 2], data: new Float32Array(3) }],
] as const;

const options: readonly (readonly [string, OpenOptions])[] = [
  ['a batch of 0', { batch: 0 }],
  ['a batch of 1.5', { batch: 1.5 }],
  ['a negative memory', { memory: -1 }],
  ['a memory of 1 TiB', { memory: 2 ** 40 }],
  ['an output that does not exist', { output: [1] }],
  ['no output', { output: [] }],
  ['no parameter', { parameters: () => false }],
  ['a precision of 0', { precision: 0 }],
  ['a precision of 15', { precision: 15 }],
  ['a precision in words', { precision: 'most' as 'exact' }],
  ['half a seed', { seed: 0.5 }],
];

const calls = [
  ['an input that does not exist', 'similarity', [0, 4]],
  ['a negative input', 'block', [-1, 0]],
  ['more neighbours than inputs', 'nearest', [0, 5]],
  ['no neighbour', 'nearest', [0, 0]],
  ['a power of zero', 'density', [{ power: 0 }]],
  ['a threshold that is no number', 'density', [{ hard: NaN }]],
  ['an unknown kernel', 'matrix', [{ kernel: 'cosine' }]],
] as const;

/** Awaits an error of netkin's that says what is wrong. */
async function expectRefusal(call: Promise<unknown>, code: ErrorCode, message = /\S/): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'NetkinError', code });
  expect((error as Error).message).toMatch(message);
}

export const refusalClaims: readonly Claim[] = [
  ...inputs.map(
    ([what, given]): Claim => ({
      name: `an engine refuses inputs with ${what}`,
      run: ({ engine }) => expectRefusal(engine.perspective(given), 'input'),
    }),
  ),
  ...options.map(
    ([what, given]): Claim => ({
      name: `an engine refuses to open with ${what}`,
      run: ({ open, model }) => expectRefusal(open(model, given), 'usage'),
    }),
  ),
  {
    name: 'an engine refuses what does not fit its memory, and work after its end',
    async run({ open, model }) {
      await using small = await open(model, { memory: 100 });
      await expectRefusal(small.perspective(points), 'memory');
      const ended = await open(model);
      await ended.dispose();
      await ended.dispose();
      await expectRefusal(ended.perspective(points), 'usage', /disposed/);
    },
  },
  {
    name: 'a perspective refuses work after its end, its engine does not',
    async run({ engine }) {
      const held: Perspective[] = [];
      {
        using seen = await engine.perspective(points);
        await seen.matrix();
        held.push(seen);
      }
      await expectRefusal(held[0].matrix(), 'usage', /disposed/);
      expect((await engine.perspective(points)).size).toBe(4);
    },
  },
  {
    name: 'an engine for losses refuses inputs without labels',
    async run(stage) {
      const odds = classifier(stage, 3);
      await using opened = await stage.open(odds, { of: 'loss' });
      await expectRefusal(opened.perspective(points), 'usage', /labels/);
      expect((await opened.perspective(points, { labels: [0, 1, 2, 0] })).outputs).toBe(1);
      odds.dispose();
    },
  },
  ...calls.map(
    ([what, method, parameters]): Claim => ({
      name: `a perspective refuses ${what}`,
      async run({ engine }) {
        const seen = await engine.perspective(points);
        const call = Reflect.get(seen, method) as (...given: unknown[]) => Promise<unknown>;
        await expectRefusal(call.apply(seen, [...parameters]), 'usage');
      },
    }),
  ),
  {
    name: 'a perspective refuses labels of another length or another kind',
    async run({ engine }) {
      const seen = await engine.perspective(points);
      await expectRefusal(seen.denoise([1, 2, 3]), 'input', /3 labels for 4 inputs/);
      await expectRefusal(seen.suspects([1, 2, NaN, 4]), 'input', /Label 2 is NaN/);
      await expectRefusal(seen.denoise({ shape: [4, 1], data: new Float32Array(3) }), 'input');
    },
  },
  {
    name: 'a classifier refuses labels that are not its classes',
    async run(stage) {
      const odds = classifier(stage, 3);
      await using opened = await stage.open(odds);
      const seen = await opened.perspective(points);
      await expectRefusal(seen.suspects([0, 1, 2, 3]), 'input', /Label 3 is 3; class ids .* from 0 to 2/);
      await expectRefusal(seen.suspects([0, 0.5, 1, 2]), 'input', /Label 1 is 0.5/);
      await expectRefusal(seen.denoise([0, -1, 1, 2]), 'input', /Label 1 is -1/);
      const wide = { shape: [4, 2], data: new Float32Array(8) };
      await expectRefusal(seen.denoise(wide), 'input', /class ids or n × 3 targets/);
      odds.dispose();
    },
  },
  {
    name: 'the message of a refusal names what was given and what there is',
    async run({ engine, open, model }) {
      const seen = await engine.perspective(points);
      await expectRefusal(seen.similarity(0, 4), 'usage', /^Input 4 does not exist: .* 0 to 3\.$/);
      await expectRefusal(open(model, { batch: 1.5 }), 'usage', /^Option batch is 1.5; give a whole number/);
    },
  },
];
