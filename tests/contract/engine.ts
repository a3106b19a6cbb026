/** What an engine says of its network, and what its options do. */
import { type Claim, classifier, cosine, linear, points } from './claim.js';
import { expect } from './expect.js';

export const engineClaims: readonly Claim[] = [
  {
    name: 'an engine describes the network: inputs, outputs, parameters, plan and check',
    async run({ engine }) {
      const { inputs, outputs, compared, parameters, terms, unused, check } = engine.network;
      expect(inputs.map(({ shape }) => shape)).toEqual([[2]]);
      expect(outputs.map(({ size, lookedThrough }) => [size, lookedThrough])).toEqual([[1, null]]);
      expect(compared).toBe(1);
      expect(parameters.map(({ name, shape, size }) => [name, shape, size])).toEqual([
        ['line/kernel', [2, 1], 2],
        ['line/bias', [1], 1],
      ]);
      expect(terms.flatMap((term) => term.parameters).sort()).toEqual(['line/bias', 'line/kernel']);
      expect(unused).toEqual([]);
      expect(check?.layers).toEqual(['line']);
    },
  },
  {
    name: 'an engine gives a final softmax up for its logits, and says so',
    async run(stage) {
      const odds = classifier(stage, 3);
      await using opened = await stage.open(odds);
      expect(opened.network.outputs[0].lookedThrough).toEqual({ layer: 'odds', kind: 'softmax' });
      const seen = await opened.perspective(points);
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 4; j++) expect(await seen.similarity(i, j)).toBeCloseTo(cosine(i, j), 6);
      odds.dispose();
    },
  },
  {
    name: 'an engine runs the network forward, and says what a set would cost',
    async run({ engine }) {
      const { shape, data } = await engine.outputs(points);
      expect(shape).toEqual([4, 1]);
      expect([...data]).toEqual([3, -1, 2, -6]);
      expect(await engine.plan(points)).toMatchObject({ inputs: 4, fits: true, held: true });
    },
  },
  {
    name: 'an engine compares the parameters and the outputs that were chosen, no others',
    async run(stage) {
      const model = linear(stage, 2, 2, [1, 2, 3, 4]);
      await using kernelOnly = await stage.open(model, {
        parameters: (name) => name.endsWith('kernel'),
        output: [1],
      });
      expect(kernelOnly.network.terms.flatMap((term) => term.parameters)).toEqual(['line/kernel']);
      const seen = await kernelOnly.perspective(points);
      expect([seen.outputs, seen.compared]).toEqual([1, [1]]);
      // Without the bias, (1, 0) and (0, 1) have nothing in common.
      expect(await seen.similarity(0, 1)).toBe(0);
      expect(await seen.similarity(0, 2)).toBeCloseTo(Math.SQRT1_2, 6);
      model.dispose();
    },
  },
  {
    name: 'an engine estimates where a precision is given: as well as it says, the same for the same seed',
    async run(stage) {
      // 16 numbers stand for a gradient of 40.
      const long = linear(stage, 40, 1, Array(40).fill(1));
      const waves = { shape: [3, 40], data: Float32Array.from({ length: 120 }, (_, i) => Math.sin(i * i)) };
      const matrices: Float32Array[] = [];
      for (const options of [{}, { precision: 16, seed: 1 }, { precision: 16, seed: 1, batch: 2 }] as const) {
        await using opened = await stage.open(long, options);
        const { precision, deviation, terms } = opened.network;
        expect(precision).toBe(options.precision ?? 'exact');
        expect(terms[0].kind).toBe(precision === 'exact' ? 'materialised' : 'sketched');
        expect(terms[0].forms.sketched).toEqual(
          precision === 'exact' ? null : { multiplyAdds: 16, bytes: 64 },
        );
        expect(deviation).toBeLessThan(precision === 'exact' ? 1e-9 : Math.sqrt(3 / 16));
        matrices.push((await (await opened.perspective(waves)).matrix()).data);
      }
      const [exact, one, two] = matrices;
      expect(two).toEqual(one);
      expect(one).not.toEqual(exact);
      for (let at = 0; at < 9; at++) expect(Math.abs(one[at] - exact[at])).toBeLessThan(at % 4 ? 0.8 : 1e-6);
      long.dispose();
    },
  },
];
