/** The audit of windows: convolutions and pools of every stride, padding and size that fits, against float64. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { startWasm } from '../oracle/random.js';
import { auditError } from './fixture.js';

beforeAll(startWasm);

const { layers } = tf;
type Symbol = tf.SymbolicTensor;

function ending(x: Symbol, y: Symbol): tf.LayersModel {
  const flat = layers.flatten().apply(y) as Symbol;
  return tf.model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(flat) as Symbol });
}

/**
 * tfjs-wasm's own forward convolution is wrong where 'same' padding would have to be negative (filter smaller than
 * stride, not 1 × 1); faults.test.ts holds that case.
 */
function tfjsIsWrong(window: readonly number[], strides: readonly number[], padding: string): boolean {
  return (
    padding === 'same' &&
    window.some((extent, axis) => extent < strides[axis]) &&
    window.some((extent) => extent > 1)
  );
}

/** An image, a window that fits into it, strides and padding. */
const geometry = fc
  .record({ height: fc.integer({ min: 1, max: 8 }), width: fc.integer({ min: 1, max: 8 }) })
  .chain(({ height, width }) =>
    fc.record({
      height: fc.constant(height),
      width: fc.constant(width),
      window: fc.tuple(
        fc.integer({ min: 1, max: Math.min(4, height) }),
        fc.integer({ min: 1, max: Math.min(4, width) }),
      ),
      strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      padding: fc.constantFrom('same' as const, 'valid' as const),
      channels: fc.integer({ min: 1, max: 5 }),
      filters: fc.integer({ min: 1, max: 9 }),
      bias: fc.boolean(),
      seed: fc.integer({ min: 1, max: 1e6 }),
    }),
  );

const runs = { numRuns: 40, seed: 7 };

describe('gradients agree with float64', () => {
  it('of two convolutions, the second being the one varied', () => {
    fc.assert(
      fc.property(geometry, ({ height, width, window, strides, padding, channels, filters, bias, seed }) => {
        fc.pre(!tfjsIsWrong(window, strides, padding));
        const x = tf.input({ shape: [height, width, 2] });
        const first = layers
          .conv2d({ filters: channels, kernelSize: 1, activation: 'tanh' })
          .apply(x) as Symbol;
        const conv = layers.conv2d({ filters, kernelSize: window, strides, padding, useBias: bias });
        expect(auditError(ending(x, conv.apply(first) as Symbol), seed, 3)).toBeLessThan(1e-5);
      }),
      runs,
    );
  });

  it.each(['max', 'average'] as const)('of %s pools over values of both signs', (kind) => {
    fc.assert(
      fc.property(geometry, ({ height, width, window, strides, padding, channels, seed }) => {
        const x = tf.input({ shape: [height, width, 2] });
        const first = layers.conv2d({ filters: channels, kernelSize: 1 }).apply(x) as Symbol;
        const options = { poolSize: window, strides, padding };
        const pool = kind === 'max' ? layers.maxPooling2d(options) : layers.averagePooling2d(options);
        expect(auditError(ending(x, pool.apply(first) as Symbol), seed, 3)).toBeLessThan(1e-5);
      }),
      runs,
    );
  });

  it('of conv1d and 1d pools', () => {
    fc.assert(
      fc.property(
        geometry,
        fc.boolean(),
        ({ height, window, strides, padding, channels, filters, seed }, max) => {
          fc.pre(!tfjsIsWrong([window[0]], [strides[0]], padding));
          const x = tf.input({ shape: [height, 2] });
          const conv = layers.conv1d({
            filters: channels,
            kernelSize: window[0],
            strides: strides[0],
            padding,
          });
          const pool = (max ? layers.maxPooling1d : layers.averagePooling1d)({
            poolSize: 2,
            strides: 1,
            padding: 'same',
          });
          const dense = layers.dense({ units: filters, activation: 'tanh' });
          const y = dense.apply(pool.apply(conv.apply(x)) as Symbol) as Symbol;
          expect(auditError(ending(x, y), seed, 3)).toBeLessThan(1e-5);
        },
      ),
      runs,
    );
  });

  it('of pools whose window is larger than the image, padded', () => {
    for (const pool of [layers.maxPooling2d, layers.averagePooling2d]) {
      const x = tf.input({ shape: [3, 2, 2] });
      const first = layers.conv2d({ filters: 3, kernelSize: 1 }).apply(x) as Symbol;
      const y = pool({ poolSize: 5, strides: 1, padding: 'same' }).apply(first) as Symbol;
      expect(auditError(ending(x, y), 3)).toBeLessThan(1e-5);
    }
  });

  it('of a convolution whose filter is larger than the image, padded', () => {
    const x = tf.input({ shape: [3, 2, 2] });
    const first = layers.conv2d({ filters: 3, kernelSize: 1 }).apply(x) as Symbol;
    const y = layers.conv2d({ filters: 2, kernelSize: [5, 4], padding: 'same' }).apply(first) as Symbol;
    expect(auditError(ending(x, y), 3)).toBeLessThan(1e-5);
  });
});
