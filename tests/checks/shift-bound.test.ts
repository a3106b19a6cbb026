/**
 * D22: |f(x) − f(x′)| ≤ ‖w_L‖ √(k^I(x,x) + k^I(x′,x′) − 2 k^I(x,x′)) for every output that is linear in the weights w_L
 * of its last layer, f = w_L · a + b: those weights have the gradient a, so ‖g(x) − g(x′)‖ ≥ ‖a(x) − a(x′)‖. Sharing
 * before the last layer, or of it (dense at every position, then the mean), changes nothing. It is Theorem 1 with numbers.
 */
import type * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jacobians, readWeights } from '../oracle/network.js';
import { startWasm } from '../oracle/random.js';
import { build, given, specimens } from '../oracle/zoo.js';
import { magnitude, printErrors, within } from '../similarity/measure.js';

beforeAll(startWasm);
afterAll(printErrors);

/** ‖w_L‖ of every output: the columns of the last dense kernel. */
function lastNorms(model: tf.LayersModel): number[] {
  const { weights } = readWeights(model);
  const { shape, data } = weights.findLast(({ name }) => /dense.*\/kernel$/.test(name))!;
  const d = shape[1];
  return Array.from({ length: d }, (_, c) => Math.hypot(...data.filter((_, i) => i % d === c)));
}

const size = (name: string) => {
  const { model, inputs } = build(name);
  model.dispose();
  return inputs[0].shape[0];
};

describe('D22: outputs differ by no more than ‖w_L‖ times the distance of the gradients', () => {
  it('looks at more than 2000 pairs', () => {
    const pairs = specimens.map(size).map((n) => (n * (n - 1)) / 2);
    expect(pairs.reduce((sum, value) => sum + value)).toBeGreaterThan(2000);
  });

  it.each(specimens)('in float64: every pair and output of %s', (name) => {
    const { model, inputs } = build(name);
    const { rows, values, size: n } = jacobians(model, inputs);
    lastNorms(model).forEach((norm, c) => {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < i; j++) {
          const apart = Math.sqrt(rows[i][c].reduce((sum, g, p) => sum + (g - rows[j][c][p]) ** 2, 0));
          const ratio = Math.abs(values[i][c] - values[j][c]) / (norm * apart);
          within('D22 float64: |f − f′| / bound', name, ratio, 1);
        }
      }
    });
    model.dispose();
  });

  it.each(specimens)('in the engine: every pair of the first output of %s', async (name) => {
    const specimen = build(name);
    await using engine = await open(specimen.model, { output: [0] });
    const seen = await engine.perspective(given(specimen));
    const { data: inner } = await seen.matrix({ kernel: 'inner' });
    const [norm] = lastNorms(specimen.model);
    const [n, d] = [seen.size, seen.logits.length / seen.size];
    const rounding = 1e-6 * magnitude(inner);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const square = inner[i * n + i] + inner[j * n + j] - 2 * inner[i * n + j] + rounding;
        const ratio = Math.abs(seen.logits[i * d] - seen.logits[j * d]) / (norm * Math.sqrt(square));
        within('D22 engine: |f − f′| / bound', name, ratio, 1);
      }
    }
    specimen.model.dispose();
  });
});
