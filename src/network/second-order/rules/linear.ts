/** Kernels that are linear in their operands: the kernel itself carries tangents forward, and nothing bends. */
import { refuse } from '../../../errors.js';
import type { RecordedNode } from '../../recorder.js';
import { rules } from '../../rules/index.js';
import { floats, tf, tfjsEngine, uninitialisedTensor } from '../../tfjs.js';
import type { SecondRule } from './rule.js';

/** Runs a node's kernel on the tangents of its operands; operands that stand still give zeros. */
export function linear(attributes: (own: RecordedNode['attributes']) => object = (own) => own): SecondRule {
  return {
    tangent(node, motion) {
      const operands = Object.entries(node.inputs);
      if (!operands.some(([, x]) => motion.tangent(x))) return undefined;
      const moved = Object.fromEntries(
        operands.map(([name, x]) => [name, x && (motion.tangent(x) ?? tf.zerosLike(x))]),
      );
      // Concat takes a list, which the recorder kept by place.
      const inputs = node.kernel === 'Concat' ? Object.values(moved) : moved;
      return tfjsEngine().runKernel(
        node.kernel,
        inputs as tf.NamedTensorMap,
        attributes(node.attributes),
      ) as tf.Tensor;
    },
  };
}

/** What one example's operand gives where dy = 1 is what that operand's largest (or smallest) cells get. */
export const extreme = (attribute: string): SecondRule => ({
  tangent(node, motion) {
    const x = node.inputs.x!;
    const tangent = motion.tangent(x);
    if (!tangent) return undefined;
    let chosen: tf.Tensor | undefined;
    rules[node.kernel].backward(node, tf.onesLike(node.outputs[0]), {
      ...motion,
      send: (_, gradient) => {
        chosen = gradient();
      },
      row: () => {},
      weight: () => refuse('unsupported', `Op ${node.kernel} takes a weight.`),
    });
    const axes = node.attributes[attribute] as number | number[] | undefined;
    const picked = tf.sum(tf.mul(tangent, chosen!), axes);
    return tf.reshape(picked, node.outputs[0].shape);
  },
});

type Window = {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: 'same' | 'valid' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
};

/** The tangent of the first largest cell of each window, the one to which the gradient goes. */
export const maxPool: SecondRule = {
  tangent(node, motion) {
    const x = node.inputs.x!;
    const tangent = motion.tangent(x);
    if (!tangent) return undefined;
    const { filterSize, strides, pad, dimRoundingMode } = node.attributes as Window;
    const shape = x.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const result = uninitialisedTensor(node.outputs[0].shape);
    const [values, moved, target] = [floats(x), floats(tangent), floats(result)];
    const { inChannels: channels, inHeight, inWidth, padInfo } = info;
    let to = 0;
    for (let example = 0; example < info.batchSize; example++) {
      for (let row = 0; row < info.outHeight; row++) {
        const top = row * info.strideHeight - padInfo.top;
        for (let column = 0; column < info.outWidth; column++) {
          const left = column * info.strideWidth - padInfo.left;
          for (let channel = 0; channel < channels; channel++) {
            let best = -1;
            for (let y = Math.max(top, 0); y < Math.min(top + info.filterHeight, inHeight); y++) {
              for (let z = Math.max(left, 0); z < Math.min(left + info.filterWidth, inWidth); z++) {
                const place = ((example * inHeight + y) * inWidth + z) * channels + channel;
                if (best < 0 || values[place] > values[best]) best = place;
              }
            }
            target[to++] = moved[best];
          }
        }
      }
    }
    return result;
  },
};
