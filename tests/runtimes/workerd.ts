/** workerd, the runtime of Cloudflare Workers: serves a worker that imports dist/edge. */
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { serve } from '../edge/workerd.js';
import { bundle, importing } from './bundle.js';
import { type Driver, inTime } from './driver.js';
import type { Examination } from './inside/examine.js';
import { material } from './material.js';

const { version } = createRequire(import.meta.url)('workerd/package.json') as { version: string };

export const workerd: Driver = {
  name: 'workerd',
  async run() {
    const worker = await bundle('edge', { plugins: [importing('./index.js')] });
    const served = await serve(new TextDecoder().decode(worker), new Map());
    try {
      const examination = await inTime('workerd did not answer', request(served.url));
      // It prints what nobody caught, and the remark of the second tfjs, the user's own.
      const faults = served
        .said()
        .split('\n')
        .filter((line) => line !== '' && !/^Platform \w+ has/.test(line));
      return { ...examination, version, faults };
    } finally {
      await served.stop();
    }
  },
};

async function request(address: string): Promise<Examination> {
  const form = new FormData();
  for (const [path, content] of await material()) {
    form.set(path, new Blob([new Uint8Array(content)]), basename(path));
  }
  const response = await fetch(address, { method: 'POST', body: form });
  if (response.ok) return (await response.json()) as Examination;
  throw new Error(`The worker in workerd failed: ${await response.text()}`);
}
