/** Convolutions over NHWC images; conv1d reaches tfjs as an image of height 1. */
import { refuse } from '../../errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { RecordedNode } from '../recorder.js';
import { address, floats, tf, uninitialisedTensor } from '../tfjs.js';
import type { Trace } from '../trace.js';
import { broadcastRow } from './broadcast.js';
import { type Rule, refuseNode, type WeightUse } from './rule.js';

export type ConvolutionGeometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;
type Attributes = {
  strides: [number, number];
  pad: 'same' | 'valid' | number;
  dataFormat: 'NHWC' | 'NCHW';
  dilations: [number, number];
};

export function geometry(node: RecordedNode): ConvolutionGeometry {
  const { strides, pad, dataFormat, dilations } = node.attributes as Attributes;
  if (dataFormat !== 'NHWC') refuseNode(node, `data format ${dataFormat} has no rule; use channels last.`);
  const x = node.inputs.x!.shape as [number, number, number, number];
  const filter = node.inputs.filter!.shape as [number, number, number, number];
  const info = tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad, undefined, false);
  if (info.dilationHeight !== 1 || info.dilationWidth !== 1) refuseNode(node, 'dilation has no rule yet.');
  return info;
}

/** The patches that the filter sees, examples × positions × (height · width · channels), zeros outside the image. */
function patches(x: tf.Tensor, info: ConvolutionGeometry): Float32Array {
  const values = x.dataSync();
  const { filterHeight, filterWidth, inChannels, inHeight, inWidth, outHeight, outWidth } = info;
  const width = filterHeight * filterWidth * inChannels;
  const result = new Float32Array(info.batchSize * outHeight * outWidth * width);
  let to = 0;
  for (let example = 0; example < info.batchSize; example++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        for (let fy = 0; fy < filterHeight; fy++) {
          const y = row * info.strideHeight - info.padInfo.top + fy;
          for (let fx = 0; fx < filterWidth; fx++) {
            const z = column * info.strideWidth - info.padInfo.left + fx;
            if (y >= 0 && y < inHeight && z >= 0 && z < inWidth) {
              const from = ((example * inHeight + y) * inWidth + z) * inChannels;
              for (let channel = 0; channel < inChannels; channel++)
                result[to + channel] = values[from + channel];
            }
            to += inChannels;
          }
        }
      }
    }
  }
  return result;
}

function use(node: RecordedNode, trace: Trace): WeightUse | undefined {
  const { x, filter } = node.inputs;
  const parameter = trace.parameter(filter);
  if (trace.parameter(x)) refuseNode(node, 'a parameter takes the place of the image.');
  if (!parameter) return undefined;
  if (!x || !trace.isData(x)) refuseNode(node, 'a weight is applied to something that is no activity.');
  const info = geometry(node);
  if (info.batchSize !== trace.examples) refuseNode(node, 'its batch axis does not hold the examples.');
  return {
    node,
    parameter,
    bias: trace.parameter(node.inputs.bias),
    positions: info.outHeight * info.outWidth,
    left: info.filterHeight * info.filterWidth * info.inChannels,
    right: info.outChannels,
    activities: () => patches(x, info),
    products: (dy, kernels) => {
      const result = uninitialisedTensor([trace.examples, parameter.size]);
      const image = info.inHeight * info.inWidth * info.inChannels * 4;
      const back = info.outHeight * info.outWidth * info.outChannels * 4;
      for (let example = 0; example < trace.examples; example++) {
        filterGradient(
          info,
          1,
          address(x) + example * image,
          address(dy) + example * back,
          address(result) + example * parameter.size * 4,
          kernels,
        );
      }
      return result;
    },
  };
}

/** dw = sum over `batch` examples and positions of x · dy, on tfjs's heap. */
export function filterGradient(
  info: ConvolutionGeometry,
  batch: number,
  x: number,
  dy: number,
  dw: number,
  kernels: Kernel,
): void {
  kernels.convolutionFilterGradient(
    x,
    dy,
    dw,
    batch,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.outChannels,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    info.padInfo.top,
    info.padInfo.left,
  );
}

export const convolution: Rule = {
  weights: (node, trace) => [use(node, trace)].filter((found) => found !== undefined),
  rows: ['bias'],
  backward(node, dy, walk) {
    const { x, filter } = node.inputs;
    if (walk.trace.isData(filter)) refuseNode(node, 'a filter that depends on the inputs has no rule.');
    const activation = node.attributes.activation ?? 'linear';
    if (activation !== 'linear')
      refuse('unsupported', `Layer '${node.layer}': fused activation '${activation}' was not unfused.`);
    walk.row(walk.trace.parameter(node.inputs.bias), () =>
      broadcastRow(node, dy, node.inputs.bias!, walk.trace),
    );
    const found = use(node, walk.trace);
    if (found) walk.weight(found, dy);
    walk.send(x, () => inputGradient(node, dy as tf.Tensor4D, filter as tf.Tensor4D));
  },
};

/** The node's convolution of other images with another filter, of the same shapes but for the number of images. */
export function convolve(node: RecordedNode, x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const { padInfo, strideHeight, strideWidth } = geometry(node);
  return tf.conv2d(
    x,
    filter,
    [strideHeight, strideWidth],
    [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ],
  );
}

/** dx of the node for any number of images in dy, and any filter of its shape. */
export function inputGradient(node: RecordedNode, dy: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const info = geometry(node);
  if (turns(info)) return turnedConvolution(dy, filter, info);
  const { strides, pad } = node.attributes as Attributes;
  const shape = [dy.shape[0], ...node.inputs.x!.shape.slice(1)] as [number, number, number, number];
  return tf.conv2dTranspose(dy, filter, shape, strides, pad);
}

/** Whether {@link turnedConvolution} gives dx: stride 1, and no padding beyond the filter. */
export function turns({
  strideHeight,
  strideWidth,
  filterHeight,
  filterWidth,
  padInfo,
}: ConvolutionGeometry): boolean {
  const inside = padInfo.top < filterHeight && padInfo.left < filterWidth;
  return (
    strideHeight === 1 &&
    strideWidth === 1 &&
    inside &&
    padInfo.bottom < filterHeight &&
    padInfo.right < filterWidth
  );
}

/** The filter turned by 180° with its channels swapped; tfjs's own Reverse takes longer than the convolution. */
function turn(filter: tf.Tensor4D): tf.Tensor4D {
  const [height, width, inner, outer] = filter.shape;
  const turned = uninitialisedTensor([height, width, outer, inner]) as tf.Tensor4D;
  const [from, to] = [floats(filter), floats(turned)];
  const cells = height * width;
  for (let cell = 0; cell < cells; cell++) {
    const source = (cells - 1 - cell) * inner * outer;
    let at = cell * inner * outer;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) to[at++] = from[source + i * outer + o];
    }
  }
  return turned;
}

/**
 * dx of a convolution with stride 1 is itself a convolution, of dy with the filter turned by 180° and its channels
 * swapped, which tfjs-wasm runs several times faster than its own Conv2DBackpropInput.
 */
export function turnedConvolution(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  { filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth, padInfo }: ConvolutionGeometry,
): tf.Tensor4D {
  const top = filterHeight - 1 - padInfo.top;
  const left = filterWidth - 1 - padInfo.left;
  const turned = turn(filter);
  return tf.conv2d(dy, turned, 1, [
    [0, 0],
    [top, inHeight - outHeight + filterHeight - 1 - top],
    [left, inWidth - outWidth + filterWidth - 1 - left],
    [0, 0],
  ]);
}
