/**
 * What a bundle holds in place of `@tensorflow/tfjs` (node/bundle.mjs): the core with every gradient and method, and
 * layers. The cpu and webgl backends, graph models and data sets stay outside: netkin computes on wasm only.
 */
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import { env } from '@tensorflow/tfjs-core';

export * from '@tensorflow/tfjs-core';
export * from '@tensorflow/tfjs-layers';

// tfjs knows browsers and Node by their globals; its part for Node needs `require`, so bundles are without it.
env().platform ??= {
  fetch: (path, options) => fetch(path, options),
  now: () => performance.now(),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
  isTypedArray: (value): value is Float32Array => ArrayBuffer.isView(value) && !(value instanceof DataView),
};
