/** The oracle itself: its reverse mode against its own forward pass, by central differences extrapolated twice. */
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate, jacobians, readWeights } from './network.js';
import { noise, startWasm } from './random.js';
import { build, type Specimen, specimens } from './zoo.js';

beforeAll(startWasm);

/** Steps along a direction of unit length: small enough to stay between the kinks in at least one. */
const STEPS = [4e-3, 1e-3, 2e-4];

/** The slope of every output along a direction in weight space, error O(h^6). */
function slopes(
  { model, inputs }: Specimen,
  index: number,
  direction: ReadonlyMap<string, Float64Array>,
  h: number,
): number[] {
  const { weights } = readWeights(model);
  const at = (step: number) => {
    const moved = weights.map((weight) => {
      const along = direction.get(weight.name);
      return { ...weight, data: weight.data.map((value, i) => value + step * (along?.[i] ?? 0)) };
    });
    return evaluate(model, moved, inputs, index);
  };
  const central = (h: number) => {
    const [above, below] = [at(h), at(-h)];
    return above.map((value, c) => (value - below[c]) / (2 * h));
  };
  const [wide, middle, narrow] = [central(4 * h), central(2 * h), central(h)];
  return narrow.map((value, c) => {
    const fine = (4 * value - middle[c]) / 3;
    const coarse = (4 * middle[c] - wide[c]) / 3;
    return (16 * fine - coarse) / 15;
  });
}

describe('the oracle', () => {
  it.each(specimens)('differentiates %s as finite differences do', (name) => {
    const specimen = build(name);
    const exact = jacobians(specimen.model, specimen.inputs);
    for (const index of [0, 3]) {
      const next = noise(index + 77);
      const direction = new Map(
        exact.parameters.map(({ name: parameter, size }) => [
          parameter,
          Float64Array.from({ length: size }, next),
        ]),
      );
      const length = Math.sqrt(
        [...direction.values()].flatMap((values) => [...values]).reduce((sum, v) => sum + v * v, 0),
      );
      for (const values of direction.values())
        values.forEach((value, i) => {
          values[i] = value / length;
        });
      const measured = STEPS.map((step) => slopes(specimen, index, direction, step));
      exact.rows[index].forEach((row, c) => {
        let slope = 0;
        for (const { name: parameter, offset } of exact.parameters) {
          direction.get(parameter)!.forEach((value, i) => {
            slope += value * row[offset + i];
          });
        }
        const errors = measured.map((values) => Math.abs(values[c] - slope));
        expect(Math.min(...errors)).toBeLessThan(1e-9 * Math.max(1, Math.abs(slope)));
      });
    }
    specimen.model.dispose();
  });
});
