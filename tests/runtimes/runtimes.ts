/** Every runtime that netkin is tested in; the first one's results are what the others must equal. */
import { bun, bunWorker } from './bun.js';
import { chromium, chromiumPage } from './chromium.js';
import { deno, denoWorker } from './deno.js';
import type { Driver } from './driver.js';
import { firefox } from './firefox.js';
import { node, nodeWorker } from './node.js';
import { webkit } from './webkit.js';
import { workerd } from './workerd.js';

export const runtimes: readonly [Driver, ...Driver[]] = [
  node,
  nodeWorker,
  chromium,
  chromiumPage,
  firefox,
  webkit,
  workerd,
  deno,
  denoWorker,
  bun,
  bunWorker,
];
