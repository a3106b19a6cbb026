/**
 * Max and average pooling. tfjs-wasm's own MaxPoolGrad is wrong where a window's maximum is not positive, and its
 * AvgPoolGrad divides by cells outside the image: both are ours, on tfjs's heap.
 */
import type { Kernel } from '../../kernel/kernel.js';
import type { RecordedNode } from '../recorder.js';
import { address, tf, uninitialised } from '../tfjs.js';
import type { Rule } from './rule.js';

type PoolAttributes = {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: 'same' | 'valid' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
};

/** dx of a max or average pool, as a tensor info on tfjs's heap. */
export function poolGradient(
  kind: 'max' | 'average',
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  attributes: PoolAttributes,
  kernels: Kernel,
): tf.TensorInfo {
  const shape = x.shape as [number, number, number, number];
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const dx = uninitialised(shape);
  const window = [
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  ] as const;
  if (kind === 'max') kernels.maxPoolGrad(address(x), address(dy), address(dx), ...window);
  else kernels.avgPoolGrad(address(dy), address(dx), ...window);
  return dx;
}

function pool(kind: 'max' | 'average'): Rule {
  return {
    backward(node: RecordedNode, dy, walk) {
      const x = node.inputs.x!;
      walk.send(x, () => {
        const dx = poolGradient(kind, x, dy, node.attributes as PoolAttributes, walk.kernels);
        return tf.engine().makeTensorFromTensorInfo(dx);
      });
    },
  };
}

export const maxPool = pool('max');
export const averagePool = pool('average');
