/** What the edge bundle leaves out of tfjs is nothing that a model needs: the bits and the faults are those of all of it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { edgePlugins } from '../../node/bundle.mjs';
import { startWasm } from '../oracle/random.js';
import type { Found } from './inside/edge.js';
import { type Answer, type Answers, type Trial, tryAll } from './inside/trying.js';
import { type Served, serve } from './workerd.js';
import { absent, zoo } from './zoo.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const worker = `import { tryHere } from './probe.js';
import kernel from './kernel.wasm';
import tfjs from './tfjs.wasm';
import trials from './trials.json';
export default {
  async fetch() {
    try {
      return Response.json(await tryHere({ kernel, tfjs }, JSON.parse(new TextDecoder().decode(trials))));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};`;

/** Layers that tfjs 4.22.0 cannot run in a model, and an activation that it cannot load. */
const broken = ['resizing', 'resizing to the nearest', 'a random width', 'activation gelu_new'];

let trials: Record<string, Trial>;
let taken: { probe: string[]; netkin: string[] };
let served: Served;
let here: Record<string, Answers>;
let there: Record<string, Answers>;
let without: readonly string[];

beforeAll(async () => {
  await startWasm();
  trials = await zoo();
  const { outputFiles, metafile } = await build({
    entryPoints: { probe: join(root, 'tests/edge/inside/edge.ts'), netkin: join(root, 'web/edge.ts') },
    outdir: '.',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    plugins: edgePlugins,
  });
  const ofTfjs = (name: string) =>
    Object.entries(metafile.outputs[name].inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 && path.includes('@tensorflow') ? [path] : [],
    );
  taken = { probe: ofTfjs('probe.js'), netkin: ofTfjs('netkin.js') };
  const probe = outputFiles.find(({ path }) => path.endsWith('probe.js'))!;
  const files = new Map([
    ['probe.js', probe.contents],
    ['trials.json', new TextEncoder().encode(JSON.stringify(trials))],
  ]);
  served = await serve(worker, files);
  const response = await fetch(served.url);
  if (!response.ok) throw new Error(await response.text());
  ({ answers: there, without } = (await response.json()) as Found);
  here = await tryAll(new WebAssembly.Module(readFileSync(join(root, 'dist/kernel.wasm'))), trials);
});
afterAll(() => served?.stop());

const of = (all: Record<string, Answers>, part: keyof Answers) =>
  Object.entries(all).map(([name, answers]) => [name, answers[part]] as const);
const failing = (answers: (readonly [string, Answer])[]) =>
  answers.flatMap(([name, answer]) => (typeof answer === 'string' ? [name] : []));

it('every class that tfjs can load is among the models, but for a cell that no layer is saved with', () => {
  expect(absent(Object.values(trials))).toEqual(['ConvLSTM2DCell']);
});

it('every model answers with the bits of the whole tfjs, but for what that cannot run itself', () => {
  expect(of(there, 'outputs')).toEqual(of(here, 'outputs'));
  expect(failing(of(here, 'outputs'))).toEqual(broken);
});

it('gradients have those bits, or the same fault', () => {
  expect(of(there, 'gradients')).toEqual(of(here, 'gradients'));
  expect(failing(of(here, 'gradients')).filter((name) => !broken.includes(name))).toEqual([
    'convolution 1-D, dilated',
    'convolution 2-D, dilated',
    'transposed convolution 3-D',
    'separable convolution',
    'depthwise convolution',
    'batch normalisation of another axis',
    'threshold',
    'masked embedding',
    'embedding',
  ]);
});

it('these trials take no more of tfjs along than the edge bundle has', () => {
  expect(taken.probe.filter((path) => !taken.netkin.includes(path))).toEqual([]);
  expect(taken.netkin.length).toBeGreaterThan(300);
});

it('what is left out says so', () => {
  expect(without).toEqual([
    "netkin's edge bundle is without LayersModel.fit of tfjs.",
    "netkin's edge bundle is without the kernel TopK of tfjs.",
  ]);
});
