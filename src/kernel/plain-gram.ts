/**
 * The Gram and linear-time kernels as plain loops in float64. Formulas stand in kernel.ts.
 */
import { type GramKernel, LANES, type LinearKernel, type Pointer } from './kernel.js';
import { Views } from './views.js';

/** Σ_k left_k,i right_k,j of two panels, each starting at an element of its view. */
export function dot(
  left: Float32Array,
  leftStart: number,
  right: Float32Array,
  rightStart: number,
  length: number,
): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += left[leftStart + k * LANES]! * right[rightStart + k * LANES]!;
  return sum;
}

export function plainGram(memory: WebAssembly.Memory): GramKernel {
  const views = new Views(memory);

  /** (i, j) ↦ Σ_t Σ_t' (a_ti · a'_t'j)(b_ti · b'_t'j) */
  function outerDot(
    leftA: Pointer,
    rightA: Pointer,
    aLength: number,
    leftB: Pointer,
    rightB: Pointer,
    bLength: number,
    positions: number,
  ): (i: number, j: number) => number {
    const aSize = aLength * LANES;
    const bSize = bLength * LANES;
    const a = views.floats(leftA, positions * aSize);
    const otherA = views.floats(rightA, positions * aSize);
    const b = views.floats(leftB, positions * bSize);
    const otherB = views.floats(rightB, positions * bSize);
    return (i, j) => {
      const term = (t: number, other: number) =>
        dot(a, t * aSize + i, otherA, other * aSize + j, aLength) *
        dot(b, t * bSize + i, otherB, other * bSize + j, bLength);
      let sum = 0;
      for (let t = 0; t < positions; t++) {
        sum += term(t, t);
        // (t, t') meets (t', t) before the sum, so that swapping left and right changes no bit.
        for (let other = t + 1; other < positions; other++) sum += term(t, other) + term(other, t);
      }
      return sum;
    };
  }

  return {
    pack(source, rows, length, stride, panel) {
      const from = views.floats(source, rows === 0 ? 0 : (rows - 1) * stride + length);
      const to = views.floats(panel, length * LANES);
      for (let k = 0; k < length; k++) {
        for (let lane = 0; lane < LANES; lane++) {
          to[k * LANES + lane] = lane < rows ? from[lane * stride + k]! : 0;
        }
      }
    },

    addGram(a, b, length, tile) {
      const left = views.floats(a, length * LANES);
      const right = views.floats(b, length * LANES);
      const target = views.doubles(tile, LANES * LANES);
      for (let i = 0; i < LANES; i++) {
        for (let j = 0; j < LANES; j++) target[i * LANES + j]! += dot(left, i, right, j, length);
      }
    },

    addOuterGram(leftA, rightA, aLength, leftB, rightB, bLength, positions, _scratch, tile) {
      const value = outerDot(leftA, rightA, aLength, leftB, rightB, bLength, positions);
      const target = views.doubles(tile, LANES * LANES);
      for (let i = 0; i < LANES; i++) {
        for (let j = 0; j < LANES; j++) target[i * LANES + j]! += value(i, j);
      }
    },

    laneDots(left, right, length, out) {
      const a = views.floats(left, length * LANES);
      const b = views.floats(right, length * LANES);
      const target = views.doubles(out, LANES);
      for (let lane = 0; lane < LANES; lane++) target[lane]! += dot(a, lane, b, lane, length);
    },

    mixLanes(source, target, outputs, length, weights) {
      const plane = length * LANES;
      const from = views.floats(source, outputs * plane);
      const to = views.floats(target, outputs * plane);
      const weight = views.doubles(weights, outputs * outputs * LANES);
      for (let c = 0; c < outputs; c++) {
        for (let at = 0; at < plane; at++) {
          let sum = 0;
          for (let other = 0; other < outputs; other++) {
            sum += weight[(c * outputs + other) * LANES + (at % LANES)]! * from[other * plane + at]!;
          }
          to[c * plane + at] = sum;
        }
      }
    },

    storeTile(tile, scale, target, stride, rows, columns, transposed, transposedStride) {
      if (rows === 0 || columns === 0) return;
      const from = views.doubles(tile, LANES * LANES);
      const to = views.floats(target, (rows - 1) * stride + columns);
      const across =
        transposed === 0 ? to : views.floats(transposed, (columns - 1) * transposedStride + rows);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const value = from[i * LANES + j]! * scale;
          to[i * stride + j] = value;
          if (transposed !== 0) across[j * transposedStride + i] = value;
        }
      }
    },

    settle(values, rows, columns, stride, most) {
      for (let r = 0; r < rows; r++) {
        const row = views.floats(values + r * stride * 4, columns);
        for (let c = 0; c < columns; c++) {
          if (!Number.isFinite(row[c]!)) return r * stride + c;
          row[c] = Math.max(-most, Math.min(most, row[c]!));
        }
      }
      return -1;
    },
  };
}

export function plainLinear(memory: WebAssembly.Memory): LinearKernel {
  const views = new Views(memory);
  return {
    addOuterSum(a, aLength, b, bLength, lanes, sum) {
      const left = views.floats(a, aLength * LANES);
      const right = views.floats(b, bLength * LANES);
      const target = views.doubles(sum, aLength * bLength);
      for (let k = 0; k < aLength; k++) {
        for (let m = 0; m < bLength; m++) {
          let total = 0;
          for (let lane = 0; lane < lanes; lane++) {
            total += left[k * LANES + lane]! * right[m * LANES + lane]!;
          }
          target[k * bLength + m]! += total;
        }
      }
    },

    outerSumDots(a, aLength, b, bLength, sum, out) {
      const left = views.floats(a, aLength * LANES);
      const right = views.floats(b, bLength * LANES);
      const weights = views.doubles(sum, aLength * bLength);
      const target = views.doubles(out, LANES);
      for (let lane = 0; lane < LANES; lane++) {
        let total = 0;
        for (let k = 0; k < aLength; k++) {
          let inner = 0;
          for (let m = 0; m < bLength; m++) inner += weights[k * bLength + m]! * right[m * LANES + lane]!;
          total += left[k * LANES + lane]! * inner;
        }
        target[lane]! += total;
      }
    },

    addRowSum(row, length, sum) {
      const from = views.floats(row, length * LANES);
      const target = views.doubles(sum, length);
      for (let k = 0; k < length; k++) {
        let total = 0;
        for (let lane = 0; lane < LANES; lane++) total += from[k * LANES + lane]!;
        target[k]! += total;
      }
    },

    rowSumDots(row, length, sum, out) {
      const from = views.floats(row, length * LANES);
      const weights = views.doubles(sum, length);
      const target = views.doubles(out, LANES);
      for (let lane = 0; lane < LANES; lane++) {
        let total = 0;
        for (let k = 0; k < length; k++) total += from[k * LANES + lane]! * weights[k]!;
        target[lane]! += total;
      }
    },
  };
}
