/** Linear layers, normalisation and pooling on float64, each with its derivative. Images are height × width × channels. */
import { count, type Tape, type Value } from './tape.js';

/** x [..., in] · kernel [in, out] + bias [out]. */
export function dense(tape: Tape, x: Value, kernel: Value, bias: Value | undefined): Value {
  const [left, right] = kernel.shape;
  const rows = x.data.length / left;
  const y = tape.value([...x.shape.slice(0, -1), right]);
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < right; o++) {
      let sum = bias ? bias.data[o] : 0;
      for (let i = 0; i < left; i++) sum += x.data[r * left + i] * kernel.data[i * right + o];
      y.data[r * right + o] = sum;
    }
  }
  tape.step(() => {
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < right; o++) {
        const slope = y.slope[r * right + o];
        if (bias) bias.slope[o] += slope;
        for (let i = 0; i < left; i++) {
          kernel.slope[i * right + o] += slope * x.data[r * left + i];
          x.slope[r * left + i] += slope * kernel.data[i * right + o];
        }
      }
    }
  });
  return y;
}

/** How a window moves along one axis. */
interface Axis {
  readonly out: number;
  readonly before: number;
  readonly stride: number;
}

export type Padding = 'same' | 'valid';

function axis(extent: number, window: number, stride: number, padding: Padding): Axis {
  if (padding === 'valid') return { out: Math.floor((extent - window) / stride) + 1, before: 0, stride };
  const out = Math.ceil(extent / stride);
  return { out, before: Math.floor(Math.max((out - 1) * stride + window - extent, 0) / 2), stride };
}

/** Visits (output cell, input cell, window cell) for every cell of every window that lies inside the image. */
function eachCell(
  image: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  padding: Padding,
  visit: (to: number, from: number, cell: number) => void,
): [number, number] {
  const [height, width] = image;
  const rows = axis(height, window[0], strides[0], padding);
  const columns = axis(width, window[1], strides[1], padding);
  for (let r = 0; r < rows.out; r++) {
    for (let c = 0; c < columns.out; c++) {
      for (let v = 0; v < window[0]; v++) {
        for (let h = 0; h < window[1]; h++) {
          const y = r * rows.stride - rows.before + v;
          const x = c * columns.stride - columns.before + h;
          if (y < 0 || y >= height || x < 0 || x >= width) continue;
          visit(r * columns.out + c, y * width + x, v * window[1] + h);
        }
      }
    }
  }
  return [rows.out, columns.out];
}

/** x [h, w, in] with a filter [fh, fw, in, out]. */
export function convolution(
  tape: Tape,
  x: Value,
  filter: Value,
  bias: Value | undefined,
  strides: readonly number[],
  padding: Padding,
): Value {
  const [, , inner, outer] = filter.shape;
  const extents = eachCell(x.shape, filter.shape, strides, padding, () => {});
  const y = tape.value([...extents, outer]);
  for (let i = 0; i < y.data.length; i++) y.data[i] = bias ? bias.data[i % outer] : 0;
  eachCell(x.shape, filter.shape, strides, padding, (to, from, cell) => {
    for (let i = 0; i < inner; i++) {
      for (let o = 0; o < outer; o++) {
        y.data[to * outer + o] += x.data[from * inner + i] * filter.data[(cell * inner + i) * outer + o];
      }
    }
  });
  tape.step(() => {
    if (bias)
      y.slope.forEach((slope, i) => {
        bias.slope[i % outer] += slope;
      });
    eachCell(x.shape, filter.shape, strides, padding, (to, from, cell) => {
      for (let i = 0; i < inner; i++) {
        for (let o = 0; o < outer; o++) {
          const slope = y.slope[to * outer + o];
          filter.slope[(cell * inner + i) * outer + o] += slope * x.data[from * inner + i];
          x.slope[from * inner + i] += slope * filter.data[(cell * inner + i) * outer + o];
        }
      }
    });
  });
  return y;
}

/** Max or average pooling; an average counts only the cells inside the image. */
export function pool(
  tape: Tape,
  x: Value,
  kind: 'max' | 'average',
  window: readonly number[],
  strides: readonly number[],
  padding: Padding,
): Value {
  const channels = x.shape[2];
  const cells: number[][] = [];
  const extents = eachCell(x.shape, window, strides, padding, (to, from) => {
    cells[to] ??= [];
    cells[to].push(from);
  });
  const y = tape.value([...extents, channels]);
  const chosen = new Int32Array(y.data.length);
  cells.forEach((inside, to) => {
    for (let c = 0; c < channels; c++) {
      const values = inside.map((from) => x.data[from * channels + c]);
      const largest = Math.max(...values);
      chosen[to * channels + c] = inside[values.indexOf(largest)];
      y.data[to * channels + c] =
        kind === 'max' ? largest : values.reduce((a, b) => a + b, 0) / values.length;
    }
  });
  tape.step(() => {
    cells.forEach((inside, to) => {
      for (let c = 0; c < channels; c++) {
        const slope = y.slope[to * channels + c];
        if (kind === 'max') x.slope[chosen[to * channels + c] * channels + c] += slope;
        else for (const from of inside) x.slope[from * channels + c] += slope / inside.length;
      }
    });
  });
  return y;
}

/** y = x · scale + offset along one axis, scale = gamma / sqrt(variance + epsilon). */
export function normalise(
  tape: Tape,
  x: Value,
  own: {
    gamma?: Value | undefined;
    beta?: Value | undefined;
    mean: Value;
    variance: Value;
    epsilon: number;
    axis: number;
  },
): Value {
  const { gamma, beta, mean, variance, epsilon } = own;
  const after = count(x.shape.slice(own.axis + 1));
  const channel = (i: number) => Math.floor(i / after) % mean.data.length;
  const inverse = variance.data.map((value) => 1 / Math.sqrt(value + epsilon));
  const y = tape.value(x.shape);
  const centred = x.data.map((value, i) => (value - mean.data[channel(i)]) * inverse[channel(i)]);
  for (let i = 0; i < y.data.length; i++) {
    y.data[i] = centred[i] * (gamma?.data[channel(i)] ?? 1) + (beta?.data[channel(i)] ?? 0);
  }
  tape.step(() => {
    y.slope.forEach((slope, i) => {
      const c = channel(i);
      if (gamma) gamma.slope[c] += slope * centred[i];
      if (beta) beta.slope[c] += slope;
      x.slope[i] += slope * inverse[c] * (gamma?.data[c] ?? 1);
    });
  });
  return y;
}

/** y = x where positive, else alpha · x; alpha is repeated along its axes of extent 1. */
export function slopes(tape: Tape, x: Value, alpha: Value): Value {
  const place = Int32Array.from({ length: count(x.shape) }, (_, i) => {
    let rest = i;
    let index = 0;
    let stride = 1;
    for (let a = x.shape.length - 1; a >= 0; a--) {
      if (alpha.shape[a] > 1) index += (rest % x.shape[a]) * stride;
      stride *= alpha.shape[a];
      rest = Math.floor(rest / x.shape[a]);
    }
    return index;
  });
  const y = tape.value(
    x.shape,
    x.data.map((value, i) => (value > 0 ? value : alpha.data[place[i]] * value)),
  );
  tape.step(() => {
    y.slope.forEach((slope, i) => {
      const positive = x.data[i] > 0;
      x.slope[i] += positive ? slope : slope * alpha.data[place[i]];
      if (!positive) alpha.slope[place[i]] += slope * x.data[i];
    });
  });
  return y;
}
