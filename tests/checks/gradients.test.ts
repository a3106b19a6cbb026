/**
 * D1: gradients of the outputs, one row for each input and output. The float64 twin differentiates as finite differences
 * of its own forward pass do; that the engine captures the twin's gradients is the audit of tests/network (layers,
 * operations), and that a batch does not change a bit tests/similarity/invariance.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate, type Jacobians, jacobians } from '../oracle/network.js';
import { noise, startWasm } from '../oracle/random.js';
import { movedWeights } from '../oracle/theorems.js';
import { build, type Specimen, specimens } from '../oracle/zoo.js';
import { printErrors, within } from '../similarity/measure.js';

beforeAll(startWasm);
afterAll(printErrors);

/** Steps along a direction of unit length: small enough to stay between the kinks in at least one. */
const STEPS = [4e-3, 1e-3, 2e-4];
/** Parameters looked at one by one, spread over all of them. */
const ONE_BY_ONE = 150;

/** (f(θ + h u) − f(θ − h u)) / 2h of every output at one input. */
function central({ model, inputs }: Specimen, index: number, direction: Float64Array, h: number): number[] {
  const [above, below] = [h, -h].map((step) =>
    evaluate(model, movedWeights(model, direction, step), inputs, index),
  );
  return above.map((value, c) => (value - below[c]) / (2 * h));
}

/** Central differences extrapolated twice, error O(h^6). */
function extrapolated(specimen: Specimen, index: number, direction: Float64Array, h: number): number[] {
  const [wide, middle, narrow] = [4, 2, 1].map((scale) => central(specimen, index, direction, scale * h));
  return narrow.map((value, c) => {
    const fine = (4 * value - middle[c]) / 3;
    const coarse = (4 * middle[c] - wide[c]) / 3;
    return (16 * fine - coarse) / 15;
  });
}

const total = ({ parameters }: Jacobians) => parameters.reduce((sum, { size }) => sum + size, 0);

describe('D1: the gradients of the twin', () => {
  it.each(specimens)('along a random direction are those of finite differences: %s', (name) => {
    const specimen = build(name);
    const set = jacobians(specimen.model, specimen.inputs);
    for (const index of [0, 3]) {
      const drawn = Float64Array.from({ length: total(set) }, noise(index + 77));
      const length = Math.sqrt(drawn.reduce((sum, value) => sum + value * value, 0));
      const direction = drawn.map((value) => value / length);
      const measured = STEPS.map((step) => extrapolated(specimen, index, direction, step));
      set.rows[index].forEach((row, c) => {
        const slope = row.reduce((sum, value, p) => sum + value * direction[p], 0);
        const errors = measured.map((values) => Math.abs(values[c] - slope));
        within('D1 slope along a direction', name, Math.min(...errors) / Math.max(1, Math.abs(slope)), 1e-9);
      });
    }
    specimen.model.dispose();
  });

  it.each(specimens)('parameter by parameter are central differences within 1e-6: %s', (name) => {
    const specimen = build(name);
    const set = jacobians(specimen.model, specimen.inputs);
    const all = total(set);
    const count = Math.min(all, ONE_BY_ONE);
    const largest = set.rows[1].map((row) => row.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
    for (let k = 0; k < count; k++) {
      const p = Math.floor((k * all) / count);
      const direction = new Float64Array(all);
      direction[p] = 1;
      central(specimen, 1, direction, 1e-5).forEach((slope, c) => {
        const error = Math.abs(slope - set.rows[1][c][p]) / largest[c];
        within('D1 slope of a parameter / largest', name, error, 1e-6);
      });
    }
    expect(set.rows[1].length).toBe(set.outputs);
    specimen.model.dispose();
  });
});
