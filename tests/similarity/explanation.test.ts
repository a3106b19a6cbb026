/** D7: what layers and activities add to a similarity, and what each layer sees by itself, against the float64 twin. */
import * as tf from '@tensorflow/tfjs';
import { type Explained, type NdArray, open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activityShares, layerSimilarities, shares, whitened } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { build, given, specimens } from '../oracle/zoo.js';
import { printErrors, within } from './measure.js';

beforeAll(startWasm);
afterAll(printErrors);

const EVERY = 1e6; // activities
const [I, J] = [2, 5];

/** Inputs I and J. */
const pair = ({ shape, data }: NdArray): NdArray => {
  const length = data.length / shape[0]!;
  const of = (input: number) => [...data.slice(input * length, (input + 1) * length)];
  return { shape: [2, ...shape.slice(1)], data: Float32Array.from([...of(I), ...of(J)]) };
};

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe.each(specimens)('%s', (name) => {
  it('tells shares of activities and similarities of layers as the definitions do', async () => {
    const specimen = build(name);
    await using engine = await open(specimen.model);
    const seen = await engine.perspective(given(specimen));
    const found = await seen.explain(I, J, { similarities: true, activities: EVERY });
    const set = jacobians(specimen.model, specimen.inputs.map(pair));
    const [wanted, alone] = [activityShares(set, 0, 1), layerSimilarities(set, 0, 1)];
    for (const { layer, share, similarity, activities } of found.layers) {
      within(
        'D7 similarity of a layer',
        `${name}, ${layer}`,
        Math.abs(similarity! - alone.get(layer)!),
        1e-5,
      );
      within('D7 sum of activities', layer, Math.abs(sum(activities!.map((of) => of.share)) - share), 5e-7);
      const own = set.parameters.filter((parameter) => parameter.layer === layer);
      expect(activities!.length).toBe(own.flatMap((parameter) => wanted.get(parameter.name)!).length);
      for (const { parameter, index, tap, share, values, weight } of activities!) {
        const truth = wanted.get(parameter)![index ?? 0]!;
        within('D7 share of an activity', `${name}, ${parameter} ${index}`, Math.abs(share - truth), 2e-6);
        if (values) expect(weight! * values[0] * values[1]).toBeCloseTo(share, 12);
        if (!tap) continue;
        const shape = set.parameters.find((entry) => entry.name === parameter)!.shape;
        const [columns, channels] = [shape.at(-3)!, shape.at(-2)!];
        expect((tap.row * columns + tap.column) * channels + tap.channel).toBe(index);
      }
      const sizes = activities!.map((activity) => Math.abs(activity.share));
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    }
    // An input from outside, and several at once, are told the same.
    const one = specimen.inputs.length === 1 ? pair(specimen.inputs[0]!) : null;
    if (one) {
      const first = { shape: [1, ...one.shape.slice(1)], data: one.data.slice(0, one.data.length / 2) };
      const [outside] = await seen.explain(first, [J, 0], { similarities: true, activities: EVERY });
      expectClose(outside!, found);
    }
    specimen.model.dispose();
  });
});

function expectClose(one: Explained, other: Explained): void {
  expect(one.layers.map(({ layer }) => layer)).toEqual(other.layers.map(({ layer }) => layer));
  one.layers.forEach((layer, at) => {
    const twin = other.layers[at]!;
    expect(layer.similarity!).toBeCloseTo(twin.similarity!, 5);
    expect(layer.activities!.length).toBe(twin.activities!.length);
    layer.activities!.forEach(({ share }, rank) => {
      expect(share).toBeCloseTo(twin.activities![rank]!.share, 5);
    });
  });
}

describe('an MLP', () => {
  const units = [6, 5, 2];
  const make = () => {
    const model = tf.sequential({
      layers: units.map((size, l) =>
        tf.layers.dense({
          units: size,
          activation: l < 2 ? 'tanh' : 'linear',
          ...(l === 0 && { inputShape: [4] }),
        }),
      ),
    });
    randomise(model, 91);
    return model;
  };
  const inputs = randomInputs(92, [7, 4]);

  it('D7: k^C is Σ_i λ_i a_i(x) a_i(x′), λ = b(x)·b(x′), within 1e-12 in float64; the engine tells these λ and a', async () => {
    const model = make();
    const set = jacobians(model, [inputs]);
    await using engine = await open(model);
    const { layers, similarity } = await (await engine.perspective(inputs)).explain(I, J, {
      activities: EVERY,
    });
    const rows = [I, J].map((input) => whitened(set.rows[input]!));
    const total: number[] = [];
    model.layers.forEach((layer, l) => {
      // What enters the layer is what a network ending before it says; b is the gradient by the bias.
      const before =
        l > 0 &&
        tf.model({ inputs: model.inputs, outputs: model.layers[l - 1]!.output as tf.SymbolicTensor });
      const activities = [I, J].map((input) =>
        before
          ? [...jacobians(before, [inputs]).values[input]!]
          : [...inputs.data.slice(input * 4, input * 4 + 4)],
      );
      const bias = set.parameters.find(({ name }) => name === `${layer.name}/bias`)!;
      const b = rows.map((gradients) =>
        gradients.flatMap((row) => [...row.subarray(bias.offset, bias.offset + bias.size)]),
      );
      const weight = sum(b[0]!.map((value, at) => value * b[1]![at]!)) / set.outputs;
      const terms = activities[0]!.map((a, at) => weight * a * activities[1]![at]!);
      const own = sum(terms) + weight;
      within('D7 float64: Σ λ a a′', layer.name, Math.abs(own - shares(set, I, J).get(layer.name)!), 1e-12);
      total.push(own);
      const told = layers.find((entry) => entry.layer === layer.name)!.activities!;
      expect(told.length).toBe(terms.length + 1);
      for (const { index, parameter, weight: found, values } of told) {
        expect(parameter).toBe(`${layer.name}/${index === null ? 'bias' : 'kernel'}`);
        within('D7 engine: λ', layer.name, Math.abs(found! - weight), 2e-6);
        const of = index === null ? [1, 1] : activities.map((row) => row[index]!);
        values!.forEach((value, x) => {
          within('D7 engine: a', layer.name, Math.abs(value - of[x]!), 1e-6);
        });
      }
    });
    within('D7 engine: Σ shares', 'MLP', Math.abs(sum(total) - similarity), 2e-6);
    model.dispose();
  });

  it('tells the same of each of many inputs as of one', async () => {
    const model = make();
    await using engine = await open(model);
    const seen = await engine.perspective(randomInputs(95, [40, 4]));
    const others = Array.from({ length: 40 }, (_, input) => input);
    const details = { similarities: true, activities: 3 };
    const found = await seen.explain(I, others, details);
    for (const j of [0, 15, 16, 39]) expect(found[j]).toEqual(await seen.explain(I, j, details));
    model.dispose();
  });

  it('lists as many activities as wanted, the largest shares, and nothing that was not asked for', async () => {
    const model = make();
    await using engine = await open(model);
    const seen = await engine.perspective(inputs);
    const all = await seen.explain(I, J, { activities: EVERY });
    const few = await seen.explain(I, J, { activities: 2 });
    expect(few.layers.map(({ activities }) => activities)).toEqual(
      all.layers.map(({ activities }) => activities!.slice(0, 2)),
    );
    expect(few.layers.every((layer) => !('similarity' in layer))).toBe(true);
    const plain = await seen.explain(I, J);
    expect(plain.layers.every((layer) => Object.keys(layer).join() === 'layer,share')).toBe(true);
    await expect(seen.explain(I, J, { activities: -1 })).rejects.toThrow(/activities/);
    // A layer's similarity is what a perspective on its parameters alone says.
    const { layers } = await seen.explain(I, J, { similarities: true });
    await using hidden = await open(model, {
      parameters: (name) => name.startsWith(`${model.layers[1]!.name}/`),
    });
    const own = await (await hidden.perspective(inputs)).similarity(I, J);
    expect(layers[1]!.similarity!).toBeCloseTo(own, 6);
    model.dispose();
  });

  it('has no activities where a layer is sketched', async () => {
    const model = randomise(
      tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [9, 9, 3], filters: 8, kernelSize: 3, activation: 'tanh' }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2 }),
        ],
      }),
      93,
    );
    await using engine = await open(model, { precision: 16, seed: 1 });
    const seen = await engine.perspective(randomInputs(94, [3, 9, 9, 3]));
    const sketched = engine.network.terms.filter(({ kind }) => kind === 'sketched').map(({ layer }) => layer);
    expect(sketched.length).toBeGreaterThan(0);
    const { layers } = await seen.explain(0, 1, { similarities: true, activities: 3 });
    for (const { layer, activities, similarity } of layers) {
      expect(activities === null).toBe(sketched.includes(layer));
      expect(Math.abs(similarity!)).toBeLessThanOrEqual(1);
    }
    model.dispose();
  });
});
