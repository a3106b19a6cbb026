/** netkin for workerd: Cloudflare Workers and what imports wasm files as compiled modules. */

import { edgeOpen } from '../edge.js';
import kernel from './kernel.wasm';
import tfjs from './tfjs.wasm';

export * from '../edge.js';

export const open = edgeOpen({ kernel, tfjs });
