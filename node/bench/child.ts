/** One measurement of {@link benchScaling} in a process of its own: its memory is that of nothing else. */
import { readFile, writeFile } from 'node:fs/promises';
import { readIdx } from '../../src/format/idx.js';
import type { DensityKind } from '../../src/similarity/density.js';
import { open, ready } from '../index.js';
import { interleave, ofProcessor, seconds } from './measure.js';
import { build, OUTPUT, SMALL } from './networks.js';

export interface ChildTask {
  readonly measure: 'soft' | 'top' | 'hard';
  /** An IDX file of images of 28 × 28 bytes. */
  readonly file: string;
  readonly inputs: number;
  readonly threads: number;
}

export interface ChildAnswer {
  /** From images to the result. */
  readonly seconds: number;
  /** Of one forward pass over the same images, in batches; where it is the measure. */
  readonly forward?: number;
  /** Resident bytes before: Node, tfjs, images, model. */
  readonly before: number;
  /** The most resident bytes up to the result. */
  readonly peak: number;
}

/** The engine's default, and what the goal allows. */
const MEMORY = 2 ** 30;
const NEIGHBOURS = 10;
const HARD: DensityKind = { hard: 0.9 };
const ROUNDS = 3;

async function measure({ measure, file, inputs, threads }: ChildTask): Promise<ChildAnswer> {
  await ready();
  const data = await bytes(file, inputs);
  const images = { shape: [inputs, 28, 28, 1], data, divisor: 255 };
  const model = build(SMALL);
  const engine = await open(model, { output: [OUTPUT], threads, memory: MEMORY });
  await forgetPeak();
  const before = await resident('VmRSS');
  const work = async () => {
    using seen = await engine.perspective(images);
    if (measure === 'top') await seen.nearestOthers(NEIGHBOURS);
    else await seen.density(measure === 'soft' ? 'soft' : HARD);
  };
  const first = await seconds(work, measure);
  const peak = await resident('VmHWM');
  if (measure !== 'soft') return { seconds: first, before, peak };
  const forward = async () => void (await engine.outputs(images));
  const times = await interleave(ofProcessor({ forward, soft: work }), ROUNDS);
  return { seconds: times.get('soft')!, forward: times.get('forward')!, before, peak };
}

/** The first images; the rest of the file is gone afterwards. */
async function bytes(file: string, inputs: number): Promise<Uint8Array> {
  const { data } = readIdx(new Uint8Array(await readFile(file)), file);
  return (data as Uint8Array).slice(0, inputs * 784);
}

/** What reading the file took must not count: it is given back, and the peak starts anew. */
async function forgetPeak(): Promise<void> {
  (globalThis as { gc?: () => void }).gc?.();
  // ArrayBuffers are freed by a thread of their own.
  await new Promise((resume) => setTimeout(resume, 200));
  await writeFile('/proc/self/clear_refs', '5').catch(() => undefined);
}

/** From Linux; elsewhere the most that the process had so far. */
async function resident(field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kibibytes = new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1];
  return 1024 * (kibibytes === undefined ? process.resourceUsage().maxRSS : Number(kibibytes));
}

const task = JSON.parse(process.argv[2]!) as ChildTask;
for (const method of ['log', 'info', 'warn', 'error'] as const) console[method] = () => {};
const answer = await measure(task).catch((error: Error) => ({ error: error.message }));
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
