/** What the tests of reliability share: a small real network, and engines whose workers can be counted and killed. */
import * as tf from '@tensorflow/tfjs';
import type { Engine, OpenOptions } from 'netkin';
import type { LocalEngine } from '../../src/local/engine.js';
import type { RemoteEngine } from '../../src/remote/engine.js';
import type { RemoteWorker, Runtime } from '../../src/runtime.js';
import { randomInputs, randomise } from '../oracle/random.js';

export const SIZE = 900;
export const inputs = randomInputs(1, [SIZE, 12]);

export function network(): tf.LayersModel {
  const { layers } = tf;
  return randomise(
    tf.sequential({
      layers: [
        layers.dense({ inputShape: [12], units: 24, activation: 'tanh', name: 'hidden' }),
        layers.dense({ units: 8, activation: 'softmax', name: 'last' }),
      ],
    }),
    2,
  );
}

/** The built modules: those that the workers load. */
const built = (path: string) => import(new URL(`../../dist/${path}`, import.meta.url).href);

/** An engine in this thread whose workers can be counted. */
export async function openCounted(
  model: tf.LayersModel,
  options: OpenOptions,
): Promise<{ engine: Engine; alive: () => number; started: () => number }> {
  const { LocalEngine: Built } = (await built('src/local/engine.js')) as { LocalEngine: typeof LocalEngine };
  const { nodeRuntime } = (await built('node/runtime.js')) as { nodeRuntime: Runtime };
  let [started, ended] = [0, 0];
  const spawn = async () => {
    const worker = await nodeRuntime.spawn!();
    started += 1;
    worker.ended.then(() => {
      ended += 1;
    });
    return worker;
  };
  const engine = await Built.open(model, { ...nodeRuntime, spawn }, options);
  return { engine, alive: () => started - ended, started: () => started };
}

/** An engine in a worker of its own, and that worker. */
export async function openRemote(
  model: tf.LayersModel,
  options: OpenOptions = {},
): Promise<{ engine: Engine; worker: RemoteWorker }> {
  const { RemoteEngine: Built } = (await built('src/remote/engine.js')) as {
    RemoteEngine: typeof RemoteEngine;
  };
  const { nodeRuntime } = (await built('node/runtime.js')) as { nodeRuntime: Runtime };
  const workers: RemoteWorker[] = [];
  const spawn = async () => {
    const worker = await nodeRuntime.spawn!();
    workers.push(worker);
    return worker;
  };
  const engine = await Built.open(model, spawn, options);
  return { engine, worker: workers[0]! };
}

export const pause = (milliseconds: number) => new Promise((resume) => setTimeout(resume, milliseconds));

/** How a call ended: 'done', or the code of its error. */
export function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    ({ code }) => code,
  );
}
