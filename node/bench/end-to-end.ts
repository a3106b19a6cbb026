/** The whole path from images to the matrix of all pairs k^C, of one logit, beside every peer on the same numbers. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import type { NdArray } from '../../src/array.js';
import type { Engine } from '../../src/engine.js';
import type { tf } from '../../src/network/tfjs.js';
import type { OpenOptions } from '../../src/options.js';
import type { Watch } from '../../src/watch.js';
import { gradientLoop, LOOPED, matrixProduct } from './gradient-loop.js';
import { interleave, ofProcessor, seconds, type Work, warmUp } from './measure.js';
import {
  type BenchNetwork,
  build,
  CONVOLUTIONAL,
  handOver,
  LARGE,
  OUTPUT,
  parameterCount,
  SMALL,
} from './networks.js';
import type { PeerName, Peers } from './peers.js';
import type { BenchRow } from './rows.js';

export type Open = (model: tf.LayersModel, options: OpenOptions) => Promise<Engine>;

export const OURS = 'netkin';
export const OURS_WIDE = 'netkin, 256 bits';
export const TFJS = 'tfjs, a gradient per image';
export const PEERS: Readonly<Record<PeerName, string>> = {
  loop: 'PyTorch, a gradient per image',
  hooks: 'PyTorch, hooks + einsum',
  vmap: 'PyTorch, vmap(grad)',
  structured: 'PyTorch, structured by hand',
};

/**
 * Differences of k^C up to which a peer has computed the same: the root of the mean square, and the largest. A relu or a
 * pool on its edge tips over with the last bit of float32, which moves the few pairs of that image by 2e-4 or so.
 */
const SAME = 1e-5;
const TIPPED = 1e-3;
/** Bytes of gradient rows beyond which peers that write them out take minutes, or more memory than there is. */
const LARGEST_ROWS = 3e9;
/** Rows, their pieces and what autograd keeps, in units of the rows. */
const COPIES = 3;

export interface EndToEndOptions {
  readonly size: number;
  readonly rounds: number;
  readonly wide: boolean;
  /** Where weights, images and results are handed over. */
  readonly folder: string;
  /** Python for each number of threads, where there is one. */
  readonly peers: ReadonlyMap<number, Peers>;
  readonly watch: Watch;
}

export interface EndToEnd {
  readonly rows: readonly BenchRow[];
  /** Peers that were left out, and why. */
  readonly left: readonly string[];
}

export function taskOf({ name }: BenchNetwork, size: number): string {
  return `${name}, ${size} images`;
}

export async function benchEndToEnd(
  open: Open,
  images: NdArray<Float32Array>,
  options: EndToEndOptions,
): Promise<EndToEnd> {
  const { size, peers, folder } = options;
  const file = join(folder, 'images');
  await writeFile(file, images.data.subarray(0, 2 * size * 784));
  for (const peer of peers.values()) await peer.ask({ do: 'images', file, shape: [2 * size, 28, 28, 1] });
  const rows: BenchRow[] = [];
  const left: string[] = [];
  for (const network of [SMALL, LARGE, CONVOLUTIONAL]) {
    const found: BenchRow[] = [];
    const model = build(network);
    const request = await handOver(network, model, folder);
    for (const peer of peers.values()) await peer.ask(request);
    for (const threads of [1, 2]) {
      const chosen = { output: [OUTPUT], threads: threads === 1 ? 0 : threads };
      const engine = await open(model, chosen);
      const wide = options.wide ? await open(model, { ...chosen, wide: true }) : null;
      try {
        // The larger set first: an engine starts its workers once it has met enough work.
        for (const inputs of [2 * size, size]) {
          const setting = { ...options, network, model, threads, inputs, engine, wideEngine: wide };
          const measured = await benchSetting(images, setting);
          found.push(...measured.rows);
          left.push(...measured.left);
        }
      } finally {
        await engine.dispose();
        await wide?.dispose();
      }
    }
    model.dispose();
    rows.push(...found.sort((a, b) => a.inputs! - b.inputs! || a.threads - b.threads));
  }
  return { rows, left: [...new Set(left)] };
}

interface Setting extends EndToEndOptions {
  readonly network: BenchNetwork;
  readonly model: tf.LayersModel;
  readonly threads: number;
  readonly inputs: number;
  readonly engine: Engine;
  readonly wideEngine: Engine | null;
}

async function benchSetting(images: NdArray<Float32Array>, setting: Setting): Promise<EndToEnd> {
  const { network, model, threads, inputs, size, rounds, watch, engine, wideEngine } = setting;
  const batch = { shape: [inputs, 28, 28, 1], data: images.data.subarray(0, inputs * 784) };
  const matrix = async (from: Engine) => {
    using seen = await from.perspective(batch);
    return (await seen.matrix()).data;
  };
  const task = taskOf(network, inputs);
  const stage = `${task}, ${threads === 1 ? '1 thread' : `${threads} threads`}`;
  const expected = await matrix(engine);
  if (wideEngine) await matrix(wideEngine);
  const checked = await checkPeers(setting, stage, expected);
  const cases: Record<string, Work> = { [OURS]: () => matrix(engine) };
  if (wideEngine?.wide) cases[OURS_WIDE] = () => matrix(wideEngine);
  const loops = network === SMALL && threads === 1 && inputs === size;
  const looped = Math.min(inputs, LOOPED);
  if (loops) cases[TFJS] = () => gradientLoop(model, batch.data, looped);
  await warmUp(cases);
  const own = threads === 1 ? ofProcessor(cases) : cases;
  const times = await interleave({ ...own, ...checked.cases }, rounds, stage, watch, checked.first);
  if (loops) {
    const product = matrixProduct(inputs, parameterCount(model));
    times.set(TFJS, (times.get(TFJS)! * inputs) / looped + product);
  }
  return {
    rows: Array.from(times, ([by, time]) => ({ task, by, threads, seconds: time, inputs })),
    left: checked.left,
  };
}

interface Checked {
  readonly cases: Record<string, Work>;
  /** Seconds of the run that was checked. */
  readonly first: ReadonlyMap<string, number>;
  readonly left: string[];
}

/** Every peer once; only those that find the same matrix take part. */
async function checkPeers(setting: Setting, stage: string, expected: Float32Array): Promise<Checked> {
  const { network, model, threads, inputs, folder, peers, watch } = setting;
  const python = peers.get(threads);
  const checked: Checked = { cases: {}, first: new Map(), left: [] };
  const first = new Map<string, number>();
  const bytes = inputs * parameterCount(model) * 4;
  const tooLarge = bytes > LARGEST_ROWS || bytes * COPIES > freemem();
  for (const peer of python?.hello.peers ?? []) {
    if (tooLarge && peer !== 'structured') continue;
    const request = { do: 'gram', peer, network: network.name, size: inputs, output: OUTPUT };
    const save = join(folder, `matrix-${threads}`);
    try {
      first.set(PEERS[peer], await seconds(() => python!.ask({ ...request, save }), stage, watch));
      const found = new Float32Array(new Uint8Array(await readFile(save)).buffer);
      const { mean, largest } = difference(found, expected);
      if (!(mean <= SAME && largest <= TIPPED))
        throw new Error(
          `differs by ${mean.toExponential(1)} in the mean, at most ${largest.toExponential(1)}`,
        );
      checked.cases[PEERS[peer]] = () => python!.ask(request);
    } catch (error) {
      if (watch.signal?.aborted) throw error;
      checked.left.push(`${PEERS[peer]} for ${network.name}: ${(error as Error).message}`);
    } finally {
      await rm(save, { force: true });
    }
  }
  return { ...checked, first };
}

/** NaN where a number is none. */
function difference(found: Float32Array, expected: Float32Array) {
  let [sum, largest] = [found.length === expected.length ? 0 : Number.NaN, 0];
  for (let at = 0; at < expected.length; at++) {
    const gap = Math.abs(expected[at]! - found[at]!);
    sum += gap * gap;
    if (gap > largest) largest = gap;
  }
  return { mean: Math.sqrt(sum / expected.length), largest };
}
