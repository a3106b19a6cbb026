/** What each tfjs layer computes, by class name, in terms of the oracle's operations. */
import { activate, elu, leaky, softmax } from './activations.js';
import { convolution, dense, normalise, type Padding, pool, slopes } from './operations.js';
import { count, gathered, pairwise, pointwise, reshaped, type Tape, type Value } from './tape.js';

/** The parts of a layer's configuration that the oracle reads. */
export interface LayerSettings {
  readonly activation?: string;
  readonly strides?: number | number[];
  readonly padding?: string | number[][];
  readonly poolSize?: number | number[];
  readonly epsilon?: number;
  readonly alpha?: number;
  readonly maxValue?: number;
  readonly targetShape?: number[];
  readonly dims?: number[];
  readonly axis?: number;
  readonly size?: number[];
  readonly cropping?: number[][];
  readonly [other: string]: unknown;
}

export interface LayerContext {
  readonly settings: LayerSettings;
  weight(name: string): Value | undefined;
  /** Whether the layer ends the network, so that its softmax is looked through. */
  readonly looksThrough: boolean;
}

export type LayerRule = (tape: Tape, operands: Value[], context: LayerContext) => Value;

/** A layer made for a test that brings its own oracle. */
export interface OracleLayer {
  readonly oracle?: LayerRule;
}

const pair = (value: number | number[] | undefined): number[] => [value ?? 1, value ?? 1].flat().slice(0, 2);
const first = (value: number | number[] | undefined): number => [value ?? 1].flat()[0];
const asImage = (x: Value) => reshaped(x, [1, ...x.shape]);

const denseLayer: LayerRule = (tape, [x], { settings, weight }) =>
  activate(tape, dense(tape, x, weight('kernel')!, weight('bias')), settings.activation ?? 'linear');

const image: LayerRule = (tape, [x], { settings, weight }) => {
  const made = convolution(
    tape,
    x,
    weight('kernel')!,
    weight('bias'),
    pair(settings.strides),
    settings.padding as Padding,
  );
  return activate(tape, made, settings.activation ?? 'linear');
};

const series: LayerRule = (tape, [x], { settings, weight }) => {
  const filter = weight('kernel')!;
  const strides = [1, first(settings.strides)];
  const wide = reshaped(filter, [1, ...filter.shape]);
  const made = convolution(tape, asImage(x), wide, weight('bias'), strides, settings.padding as Padding);
  return activate(tape, reshaped(made, made.shape.slice(1)), settings.activation ?? 'linear');
};

const pooled =
  (kind: 'max' | 'average', rank: 1 | 2): LayerRule =>
  (tape, [x], { settings }) => {
    const padding = settings.padding as Padding;
    const window = rank === 2 ? pair(settings.poolSize) : [1, first(settings.poolSize)];
    const strides =
      rank === 2
        ? pair(settings.strides ?? settings.poolSize)
        : [1, first(settings.strides ?? settings.poolSize)];
    if (rank === 2) return pool(tape, x, kind, window, strides, padding);
    const made = pool(tape, asImage(x), kind, window, strides, padding);
    return reshaped(made, made.shape.slice(1));
  };

const whole =
  (kind: 'max' | 'average'): LayerRule =>
  (tape, [x]) => {
    const channels = x.shape[x.shape.length - 1];
    const cells = count(x.shape) / channels;
    return reshaped(pool(tape, reshaped(x, [cells, 1, channels]), kind, [cells, 1], [1, 1], 'valid'), [
      channels,
    ]);
  };

const folded =
  (
    f: (a: number, b: number) => number,
    slopesOf: (a: number, b: number) => readonly [number, number],
  ): LayerRule =>
  (tape, operands) =>
    operands.reduce((a, b) => pairwise(tape, a, b, f, slopesOf));

const sum = folded(
  (a, b) => a + b,
  () => [1, 1],
);

/** Joins along the last axis. */
const joined: LayerRule = (tape, operands) => {
  const widths = operands.map(({ shape }) => shape[shape.length - 1]);
  const width = widths.reduce((a, b) => a + b, 0);
  const y = tape.value([...operands[0].shape.slice(0, -1), width]);
  const each = (visit: (to: number, operand: Value, from: number) => void) => {
    for (let row = 0; row < y.data.length / width; row++) {
      let start = 0;
      operands.forEach((operand, o) => {
        for (let i = 0; i < widths[o]; i++) visit(row * width + start + i, operand, row * widths[o] + i);
        start += widths[o];
      });
    }
  };
  each((to, operand, from) => {
    y.data[to] = operand.data[from];
  });
  tape.step(() =>
    each((to, operand, from) => {
      operand.slope[from] += y.slope[to];
    }),
  );
  return y;
};

/** Moves a window of an image: `extent` cells starting at `start`, zeros outside. */
function cut(tape: Tape, x: Value, start: readonly number[], extent: readonly number[]): Value {
  const [height, width, channels] = x.shape;
  return gathered(tape, x, [...extent, channels], (i) => {
    const row = Math.floor(i / channels / extent[1]) + start[0];
    const column = (Math.floor(i / channels) % extent[1]) + start[1];
    if (row < 0 || row >= height || column < 0 || column >= width) return -1;
    return (row * width + column) * channels + (i % channels);
  });
}

export const layerRules: Readonly<Record<string, LayerRule>> = {
  Dense: denseLayer,
  TimeDistributed: denseLayer,
  Conv2D: image,
  Conv1D: series,
  BatchNormalization: (tape, [x], { settings, weight }) =>
    normalise(tape, x, {
      gamma: weight('gamma'),
      beta: weight('beta'),
      mean: weight('moving_mean')!,
      variance: weight('moving_variance')!,
      epsilon: settings.epsilon ?? 1e-3,
      axis: (settings.axis ?? -1) < 0 ? x.shape.length - 1 : settings.axis! - 1,
    }),
  PReLU: (tape, [x], { weight }) => slopes(tape, x, weight('alpha')!),
  LeakyReLU: (tape, [x], { settings }) =>
    pointwise(tape, x, leaky(settings.alpha ?? 0.3).f, leaky(settings.alpha ?? 0.3).slope),
  ELU: (tape, [x], { settings }) =>
    pointwise(tape, x, elu(settings.alpha ?? 1).f, elu(settings.alpha ?? 1).slope),
  ReLU: (tape, [x], { settings: { maxValue = Infinity } }) =>
    pointwise(
      tape,
      x,
      (v) => Math.min(Math.max(v, 0), maxValue),
      (v) => (v > 0 && v < maxValue ? 1 : 0),
    ),
  Softmax: (tape, [x], { looksThrough }) => (looksThrough ? x : softmax(tape, x)),
  Activation: (tape, [x], { settings }) => activate(tape, x, settings.activation ?? 'linear'),
  Dropout: (_, [x]) => x,
  Flatten: (_, [x]) => reshaped(x, [count(x.shape)]),
  Reshape: (_, [x], { settings }) => reshaped(x, settings.targetShape!),
  Permute: (tape, [x], { settings }) => {
    const order = settings.dims!.map((dim) => dim - 1);
    const shape = order.map((axis) => x.shape[axis]);
    const strides = x.shape.map((_, axis) => count(x.shape.slice(axis + 1)));
    return gathered(tape, x, shape, (i) => {
      let rest = i;
      let from = 0;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        from += (rest % shape[axis]) * strides[order[axis]];
        rest = Math.floor(rest / shape[axis]);
      }
      return from;
    });
  },
  ZeroPadding2D: (tape, [x], { settings }) => {
    const [[top, bottom], [left, right]] = settings.padding as number[][];
    return cut(tape, x, [-top, -left], [x.shape[0] + top + bottom, x.shape[1] + left + right]);
  },
  Cropping2D: (tape, [x], { settings }) => {
    const [[top, bottom], [left, right]] = settings.cropping!;
    return cut(tape, x, [top, left], [x.shape[0] - top - bottom, x.shape[1] - left - right]);
  },
  UpSampling2D: (tape, [x], { settings }) => {
    const [tall, wide] = settings.size!;
    const [height, width, channels] = x.shape;
    return gathered(tape, x, [height * tall, width * wide, channels], (i) => {
      const cell = Math.floor(i / channels);
      const row = Math.floor(Math.floor(cell / (width * wide)) / tall);
      const column = Math.floor((cell % (width * wide)) / wide);
      return (row * width + column) * channels + (i % channels);
    });
  },
  Add: sum,
  Average: (tape, operands, context) => {
    const total = sum(tape, operands, context);
    return pointwise(
      tape,
      total,
      (v) => v / operands.length,
      () => 1 / operands.length,
    );
  },
  Multiply: folded(
    (a, b) => a * b,
    (a, b) => [b, a],
  ),
  Maximum: folded(Math.max, (a, b) => (a >= b ? [1, 0] : [0, 1])),
  Minimum: folded(Math.min, (a, b) => (a <= b ? [1, 0] : [0, 1])),
  Concatenate: joined,
  MaxPooling2D: pooled('max', 2),
  AveragePooling2D: pooled('average', 2),
  MaxPooling1D: pooled('max', 1),
  AveragePooling1D: pooled('average', 1),
  GlobalMaxPooling2D: whole('max'),
  GlobalAveragePooling2D: whole('average'),
  GlobalMaxPooling1D: whole('max'),
  GlobalAveragePooling1D: whole('average'),
};
