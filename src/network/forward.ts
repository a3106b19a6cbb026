/** Forward kernels that tfjs-wasm 4.22.0 has wrong: handed other operands, or refused. */
import { refuse } from '../errors.js';
import { type RunKernel, tf } from './tfjs.js';

/**
 * Runs a forward kernel, around three that tfjs-wasm 4.22.0 has wrong. A convolution whose 'same' padding would have
 * to be negative (filter smaller than stride) and slopes that do not run along the last axes are handed operands for
 * which it is right; batch normalisation along another axis than the last is refused.
 */
export function runForward(
  run: RunKernel,
  layer: string,
  kernel: string,
  inputs: tf.NamedTensorMap,
  attributes?: object,
): ReturnType<RunKernel> {
  assertRoom(layer, kernel, inputs, attributes);
  if (kernel === 'Conv2D' || kernel === 'FusedConv2D') {
    const { strides, pad, dilations } = attributes as unknown as tf.Conv2DAttrs;
    const [height, width] = inputs.filter.shape;
    const [down, across] = [strides, strides].flat();
    if (pad === 'same' && (height < down || width < across)) {
      const x = inputs.x.shape as [number, number, number, number];
      const filter = inputs.filter.shape as [number, number, number, number];
      const { padInfo } = tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad);
      const explicit = [
        [0, 0],
        [padInfo.top, padInfo.bottom],
        [padInfo.left, padInfo.right],
        [0, 0],
      ];
      return run(kernel, inputs, { ...attributes, pad: explicit });
    }
  }
  if (kernel === 'FusedBatchNorm' && inputs.mean.size !== inputs.mean.shape.at(-1)) {
    refuse(
      'unsupported',
      `Layer '${layer}': op FusedBatchNorm: statistics that do not run along the last axis (batch normalisation of another axis, layer normalisation) have no rule yet.`,
    );
  }
  if (kernel === 'Prelu') {
    const { x, alpha } = inputs;
    const own = alpha.shape.slice(alpha.shape.findIndex((extent) => extent > 1));
    const last = x.shape.slice(x.rank - own.length);
    if (alpha.size > 1 && own.some((extent, axis) => extent !== last[axis])) {
      const slopes = run('Add', { a: alpha, b: tf.zeros(x.shape.slice(1)) }) as tf.Tensor;
      return run(kernel, { x, alpha: slopes }, attributes);
    }
  }
  return run(kernel, inputs, attributes);
}

/** tfjs computes with negative sizes, and beyond its heap, where a window is larger than the image. */
function assertRoom(layer: string, kernel: string, inputs: tf.NamedTensorMap, attributes?: object): void {
  const { x, filter } = inputs;
  const { filterSize, pad } = (attributes ?? {}) as { filterSize?: number | [number, number]; pad?: unknown };
  const pools = kernel === 'MaxPool' || kernel === 'AvgPool';
  if (pad !== 'valid' || (!pools && kernel !== 'Conv2D' && kernel !== 'FusedConv2D')) return;
  const window = pools ? [filterSize!].flat() : filter.shape;
  const [height, width = height] = window;
  const [, tall, wide] = x.shape;
  if (height <= tall && width <= wide) return;
  refuse(
    'input',
    `Layer '${layer}': images of ${tall} × ${wide} are smaller than its window of ${height} × ${width}.`,
  );
}
