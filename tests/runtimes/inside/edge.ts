/** The script of an edge runtime: a request brings the images and the model's files as a form. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { examine } from './examine.js';

async function answer(request: Request): Promise<Response> {
  const form = await request.formData();
  const bytes = async (name: string) => new Uint8Array(await (form.get(name) as File).arrayBuffer());
  const model = new Map<string, Uint8Array>();
  for (const name of ['model.json', 'weights.bin']) model.set(name, await bytes(`model/${name}`));
  const pixels = new Float32Array((await bytes('images.bin')).buffer);
  await tf.setBackend('cpu');
  return Response.json(await examine({ open, tf }, (options) => open(model, options), pixels));
}

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return await answer(request);
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  },
};
