/** What tfjs makes of a saved model. The same file runs on the whole of tfjs in Node and on what the edge has of it. */
import { wasmKernel } from '../../../src/kernel/kernel.js';
import { loadLayersModel } from '../../../src/network/load.js';
import { applyModel } from '../../../src/network/pass.js';
import { installRepairs } from '../../../src/network/repairs.js';
import { abandonTape, tf, tfjsMemory } from '../../../src/network/tfjs.js';

/** A saved model and what to feed it. */
export interface Trial {
  readonly model: string;
  /** Base64. */
  readonly weights: string;
  /** One per model input. */
  readonly inputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
}

/** Shape and bits (base64) of each tensor, or what the error said. */
export type Answer = readonly string[] | string;

export interface Answers {
  readonly outputs: Answer;
  /** Of the sum of squares of all outputs, for every trainable weight. */
  readonly gradients: Answer;
}

/** Answers to every trial, with netkin's repairs of tfjs's gradients; tfjs has been started. */
export async function tryAll(
  kernel: WebAssembly.Module,
  trials: Readonly<Record<string, Trial>>,
): Promise<Record<string, Answers>> {
  const undo = installRepairs(wasmKernel(kernel, tfjsMemory()));
  const answers: Record<string, Answers> = {};
  for (const [name, trial] of Object.entries(trials)) answers[name] = await tried(trial);
  undo();
  return answers;
}

async function tried({ model, weights, inputs }: Trial): Promise<Answers> {
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
  const topology = new TextEncoder().encode(model);
  const loaded = await loadLayersModel(topology, 'model.json', async () => bytes).catch(
    (error: Error) => error.message,
  );
  if (typeof loaded === 'string') return { outputs: loaded, gradients: loaded };
  const given = () => inputs.map(({ shape, data }) => tf.tensor([...data], [...shape]));
  const variables = loaded.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const answers = {
    outputs: answer(() => applyModel(loaded, given())),
    gradients: answer(() => {
      const x = given();
      const { grads } = tf.variableGrads(() => {
        const flat = tf.concat(applyModel(loaded, x).map((output) => tf.reshape(output, [-1])));
        return tf.sum(tf.mul(flat, flat)) as tf.Scalar;
      }, variables);
      return variables.map(({ name }) => grads[name]);
    }),
  };
  loaded.dispose();
  return answers;
}

function answer(compute: () => tf.Tensor[]): Answer {
  let found: Answer = [];
  try {
    tf.tidy(() => {
      found = compute().map((tensor) => {
        const { buffer, byteOffset, byteLength } = tensor.dataSync();
        const bits = Array.from(new Uint8Array(buffer, byteOffset, byteLength), (byte) =>
          String.fromCharCode(byte),
        );
        return `${tensor.shape.join(' × ')}: ${btoa(bits.join(''))}`;
      });
    });
  } catch (error) {
    abandonTape();
    return (error as Error).message;
  }
  return found;
}
