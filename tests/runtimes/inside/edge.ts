/** The script of an edge runtime: a request brings the images and the model's files as a form. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { examine } from './examine.js';

async function answer(request: Request): Promise<Response> {
  const form = await request.formData();
  const bytes = (name: string) => (form.get(name) as File).arrayBuffer();
  await tf.setBackend('cpu');
  const { modelTopology, weightsManifest } = JSON.parse(await (form.get('model/model.json') as File).text());
  const weightSpecs = weightsManifest[0].weights as tf.io.WeightsManifestEntry[];
  const weightData = await bytes('model/weights.bin');
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  const pixels = new Float32Array(await bytes('images.bin'));
  return Response.json(await examine({ open, tf }, () => open(model), pixels));
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
