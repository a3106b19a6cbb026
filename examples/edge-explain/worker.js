// The edge function. Model and index are part of it: nothing is fetched, and nothing is compiled at run time.
import { explainer, open } from './index.js';
import model from './model.json';
import index from './train.netkin';
import weights from './weights.bin';

let handler;

/** In the first request: before it, edge functions may not wait for anything. */
async function start() {
  const files = new Map([
    ['model.json', new Uint8Array(model)],
    ['weights.bin', new Uint8Array(weights)],
  ]);
  // The index was made with this very model, as its fingerprint says; its gradients were checked then.
  const engine = await open(files, { output: 'contrast', check: false });
  return explainer(engine, await engine.reopen(new Uint8Array(index)));
}

export default {
  async fetch(request) {
    handler ??= await start();
    return handler(request);
  },
};
