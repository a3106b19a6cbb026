/**
 * Gradient kernels that tfjs-wasm 4.22.0 lacks (Conv2DBackpropFilter), has wrong (MaxPoolGrad, AvgPoolGrad) or slow
 * (Conv2DBackpropInput), replaced by ours while training or a self-check needs them. tfjs's registry is global: install, then undo.
 */
import type { Kernel } from '../kernel/kernel.js';
import { filterGradient, turnedConvolution, turns } from './rules/convolution.js';
import { poolGradient } from './rules/pool.js';
import { address, tf, uninitialised } from './tfjs.js';

type PoolAttributes = Parameters<typeof poolGradient>[3];

/** Installs the repaired kernels for the wasm backend; the returned function puts back what was there. */
export function installRepairs(kernels: Kernel): () => void {
  const stockInputGradient = tf.getKernel('Conv2DBackpropInput', 'wasm');
  const replacements: tf.KernelConfig[] = [
    {
      kernelName: 'MaxPoolGrad',
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) =>
        poolGradient('max', inputs.input!, inputs.dy!, attrs as unknown as PoolAttributes, kernels),
    },
    {
      kernelName: 'AvgPoolGrad',
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) =>
        poolGradient('average', inputs.input!, inputs.dy!, attrs as unknown as PoolAttributes, kernels),
    },
    {
      kernelName: 'Conv2DBackpropFilter',
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => {
        const { strides, pad, filterShape, dimRoundingMode } =
          attrs as unknown as tf.Conv2DBackpropFilterAttrs;
        const x = inputs.x!;
        const shape = x.shape as [number, number, number, number];
        const info = tf.backend_util.computeConv2DInfo(
          shape,
          filterShape,
          strides,
          1,
          pad,
          dimRoundingMode,
          false,
        );
        const dw = uninitialised(filterShape);
        filterGradient(info, info.batchSize, address(x), address(inputs.dy!), address(dw), kernels);
        return dw;
      },
    },
    {
      kernelName: 'Conv2DBackpropInput',
      backendName: 'wasm',
      kernelFunc: (call) => {
        const { strides, pad, inputShape, dimRoundingMode } =
          call.attrs as unknown as tf.Conv2DBackpropInputAttrs;
        const [dy, filter] = [call.inputs.dy as tf.Tensor4D, call.inputs.filter as tf.Tensor4D];
        const info = tf.backend_util.computeConv2DInfo(
          inputShape,
          filter.shape,
          strides,
          1,
          pad,
          dimRoundingMode,
          false,
        );
        if (!turns(info)) return stockInputGradient!.kernelFunc(call);
        return tf.tidy(() => turnedConvolution(dy, filter, info));
      },
    },
  ];
  const undo = replacements.map((replacement) => {
    const before = tf.getKernel(replacement.kernelName, 'wasm');
    if (before) tf.unregisterKernel(replacement.kernelName, 'wasm');
    tf.registerKernel(replacement);
    return () => {
      tf.unregisterKernel(replacement.kernelName, 'wasm');
      if (before) tf.registerKernel(before);
    };
  });
  return () => {
    for (const restore of undo) restore();
  };
}
