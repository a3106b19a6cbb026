/**
 * D12 and D13: N_τ(x) = #{x′ : k^C ≥ τ}, N_S(x) = Σ k^C and N_α⁺(x) = Σ_{k > 0} k^α are one family, ∫₀¹ N_τ dτ = N₁⁺; N_S
 * by one sum of whitened gradients, N_S(x) = ⟨Ĝ(x), Σ Ĝ(x′)⟩ / d, is the sum over all pairs, in linear time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Arena } from '../../src/kernel/arena.js';
import type { Kernel } from '../../src/kernel/kernel.js';
import { plainKernel } from '../../src/kernel/plain.js';
import { dotsWithSum } from '../../src/similarity/density.js';
import { reserveRows, type Variant, view } from '../../src/similarity/rows.js';
import type { BlockSource, Kind } from '../../src/similarity/source.js';
import { finished } from '../../src/work.js';
import { exact, hard, power, soft, traces, whitened } from '../oracle/kernels.js';
import { type Jacobians, jacobians } from '../oracle/network.js';
import { noise, startWasm } from '../oracle/random.js';
import { build } from '../oracle/zoo.js';
import { distance, printErrors, within } from '../similarity/measure.js';

beforeAll(startWasm);
afterAll(printErrors);

describe.each(['MLP, d = 1', 'MLP, d = 3, tanh', 'CNN with max-pool and softmax, d = 4', 'siamese, d = 2'])(
  '%s',
  (name) => {
    let set: Jacobians;
    let k: number[][];

    beforeAll(() => {
      const { model, inputs } = build(name);
      set = jacobians(model, inputs);
      model.dispose();
      k = traces(exact(set).correlation);
    });

    it('D12: ∫₀¹ N_τ dτ = N₁⁺ within 1e-9; N_τ falls with τ; each input counts itself (float64)', () => {
      const first = power(k, 1);
      // N_τ is constant between neighbouring values of k, so the integral is a finite sum of its values there.
      k.forEach((row, i) => {
        const steps = [0, ...row.filter((value) => value > 0 && value < 1).sort((a, b) => a - b), 1];
        let integral = 0;
        let before = Infinity;
        for (let step = 1; step < steps.length; step++) {
          const middle = (steps[step - 1] + steps[step]) / 2;
          const [count] = hard([row], middle);
          expect(count).toBeLessThanOrEqual(before);
          // k(x, x) is 1 but for the last digits.
          if (middle < 1 - 1e-12) expect(count).toBeGreaterThanOrEqual(1);
          before = count;
          integral += count * (steps[step] - steps[step - 1]);
        }
        within('D12 float64: ∫ N_τ dτ − N₁⁺', name, Math.abs(integral - first[i]), 1e-9);
        expect(row[i]).toBeCloseTo(1, 8);
      });
    });

    it('D13: N_S by one sum is N_S by all pairs, within 1e-10 relative (float64)', () => {
      const rows = set.rows.map(whitened);
      const sums = rows[0].map((row, c) =>
        Float64Array.from(row, (_, p) => rows.reduce((sum, outputs) => sum + outputs[c][p], 0)),
      );
      const linear = rows.map(
        (outputs) =>
          outputs.reduce(
            (total, row, c) => total + row.reduce((sum, value, p) => sum + value * sums[c][p], 0),
            0,
          ) / set.outputs,
      );
      within('D13 float64: N_S', name, distance(linear, soft(k)) / set.size, 1e-10);
    });
  },
);

/** Rows of N inputs on a kernel that counts what it is asked to do. */
function counted(size: number) {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const arena = new Arena(memory);
  const plain = plainKernel(memory);
  const calls: Record<string, number> = {};
  const kernel = new Proxy(plain, {
    get: (target, name: keyof Kernel & string) => {
      const call = target[name] as (...parameters: number[]) => unknown;
      return (...parameters: number[]) => {
        calls[name] = (calls[name] ?? 0) + 1;
        return call(...parameters);
      };
    },
  });
  const term = { layer: 'l', parameters: ['l/kernel'], rule: 'dense', kind: 'factored', size: 12 } as const;
  const shape = { terms: [{ ...term, positions: 2, left: 4, right: 3 }], outputs: 2 };
  const site = { kernel, arena, executor: null, screening: 'never' } as const;
  const rows = reserveRows(site, shape, 0, size);
  const next = noise(size);
  arena.floats(rows.activities[0], size * 8).forEach((_, i, all) => {
    all[i] = next();
  });
  arena.floats(rows.values[0], size * 12).forEach((_, i, all) => {
    all[i] = next();
  });
  const source: BlockSource = {
    ...shape,
    site,
    size,
    inputBytes: 0,
    loadBytes: 0,
    *rows(_: Kind, first: number, last: number): Generator<number, Variant, void> {
      return view(rows, first, last);
    },
  };
  const used = arena.used;
  const found = finished(dotsWithSum({ source, kind: 'white' }, { source, kind: 'white' }));
  expect(arena.used).toBe(used);
  expect(found.length).toBe(size);
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

it('D13: four times the inputs take 3 to 6 times the kernel calls, not 16', () => {
  for (const size of [64, 512]) {
    const ratio = counted(4 * size) / counted(size);
    expect(ratio).toBeGreaterThan(3);
    expect(ratio).toBeLessThan(6);
  }
});
