/**
 * Products with a transposed matrix, as the gradients of a dense layer need them. tfjs-wasm 4.22.0 multiplies
 * untransposed single matrices with XNNPACK, and everything else ten times slower in plain loops: here Aᵀ B is
 * `outerSum`, and A Bᵀ transposes B first. Sums are taken in another order than tfjs's, in a fixed one.
 */
import type { Kernel } from '../kernel/kernel.js';
import { address, tf, uninitialised } from './tfjs.js';

const KERNEL = 'BatchMatMul';

/** Installs the faster products for the wasm backend; the returned function puts back what was there. */
export function installTransposedProducts(kernels: Kernel): () => void {
  const stock = tf.getKernel(KERNEL, 'wasm')!;
  tf.unregisterKernel(KERNEL, 'wasm');
  tf.registerKernel({
    kernelName: KERNEL,
    backendName: 'wasm',
    kernelFunc: (call) => {
      const [a, b] = [call.inputs.a!, call.inputs.b!];
      const { transposeA, transposeB } = call.attrs as unknown as tf.BatchMatMulAttrs;
      if (transposeA === transposeB || !isMatrix(a) || !isMatrix(b)) return stock.kernelFunc(call);
      if (transposeA) {
        const [positions, rows, columns] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
        const product = uninitialised([...a.shape.slice(0, -2), rows, columns]);
        kernels.outerSum(address(a), address(b), positions, rows, columns, address(product));
        return product;
      }
      const turned = tf.transpose(b as tf.Tensor, [...b.shape.keys()].slice(0, -2).concat(last(b)));
      try {
        const attrs = { ...call.attrs, transposeB: false };
        return stock.kernelFunc({ ...call, inputs: { a, b: turned }, attrs });
      } finally {
        turned.dispose();
      }
    },
  });
  return () => {
    tf.unregisterKernel(KERNEL, 'wasm');
    tf.registerKernel(stock);
  };
}

function isMatrix({ shape }: tf.TensorInfo): boolean {
  return shape.slice(0, -2).every((extent) => extent === 1);
}

/** The last two axes, exchanged. */
function last({ shape }: tf.TensorInfo): number[] {
  return [shape.length - 1, shape.length - 2];
}
