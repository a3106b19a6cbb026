/** netkin for Vercel's edge functions, which hand a compiled module over for `?module`. */

import { edgeOpen } from '../edge.js';
import kernel from './kernel.wasm?module';
import tfjs from './tfjs.wasm?module';

export * from '../edge.js';

export const open = edgeOpen({ kernel, tfjs });
