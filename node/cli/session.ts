/** What verbs have in common: files read, model opened, inputs captured, progress shown. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { agreement, LEAST_AGREEMENT } from '../../src/agreement.js';
import type { NdArray } from '../../src/array.js';
import { NetkinError, refuse } from '../../src/errors.js';
import type { PixelRange } from '../../src/format/image-inputs.js';
import type { Labels as LabelFile } from '../../src/format/labels.js';
import type { Engine, OpenOptions, Perspective, Watch } from '../../src/index.js';
import type { Examples, Inputs } from '../../src/inputs.js';
import { type Labels, labelTable } from '../../src/labels.js';
import {
  describeError,
  indexOptions,
  isIndex,
  readIndexInput,
  refuseIndex,
  refuseNamed,
} from './index-input.js';
import {
  asInputs,
  type Files,
  filesOf,
  fitInputs,
  holdsPixels,
  type InputFile,
  readInputFile,
  readLabels,
} from './inputs.js';
import { interruption } from './interruption.js';
import { assertCombination, type CommonOptions, openOptions } from './options.js';
import { byPlace, outputText } from './parse.js';
import { type ProgressBar, progressBar } from './progress.js';
import { decimal, plural } from './table.js';
import { note } from './terminal.js';

export interface Session extends AsyncDisposable {
  readonly engine: Engine;
  readonly bar: ProgressBar;
  /** For the engine's long calls: progress bar and Ctrl-C. */
  readonly watch: Watch;
}

/**
 * Opens a model.
 * @param model path of a tfjs model.json, or of a folder that holds one
 * @param own options that follow from something else than the command line
 * @param labels the class of each input, where the options ask for it
 */
export async function openSession(
  model: string,
  options: CommonOptions,
  own: OpenOptions = {},
  labels: NdArray | null = null,
): Promise<Session> {
  if (process.env.NETKIN_DEBUG !== '1') silenceLibraries();
  const bar = await progressBar();
  const { open } = await import('../index.js');
  if (!options.check) note('the self-check of gradients was skipped (--no-check)');
  const engine = await open(await modelPath(model), { ...openOptions(options, labels), ...own });
  const session = {
    engine,
    bar,
    watch: { signal: interruption, progress: bar.report },
    [Symbol.asyncDispose]: async () => {
      bar.stop();
      await engine[Symbol.asyncDispose]();
    },
  };
  await yieldToSignals();
  return session;
}

/** What a verb works on. */
export interface View extends Session {
  readonly seen: Perspective;
  /** Of INPUTS, where they come from a folder. */
  readonly files: Files;
  /** Set where the caller named LABELS or --labels, or where an index has them. */
  readonly labels: LabelFile | null;
  /** The second set of inputs, of --against or --queries. */
  readonly others: { readonly size: number; readonly inputs: Inputs; readonly files: Files } | null;
}

export interface ViewRequest {
  readonly model: string;
  readonly inputs: string;
  /** LABELS, where the verb takes them. */
  readonly labels?: string | undefined;
  /** Whether nothing can be done without labels. */
  readonly needsLabels?: boolean;
  readonly others?: string | undefined;
  readonly options: CommonOptions;
  /** Looks at the number of inputs before anything is captured. */
  readonly assertSize?: (size: number) => void;
}

/**
 * Reads all files first, then opens the model, checks shapes and labels, and captures INPUTS last; an index is opened
 * in their place.
 */
export async function view(request: ViewRequest): Promise<View> {
  if (isIndex(request.inputs)) return reopen(request);
  if (request.needsLabels && request.labels === undefined)
    refuse(
      'usage',
      'LABELS is missing: give a file of labels, or in place of INPUTS an index that has them.',
    );
  const { options, assertSize } = request;
  const loaded = await load(request);
  const { session, examples, files, labels, others } = loaded;
  try {
    const { engine } = session;
    assertSize?.(examples.size);
    const otherExamples = others && (await fitInputs(others, engine.inputs, options.pixels));
    const seen = await capture(loaded, options);
    return {
      ...session,
      seen,
      files,
      labels,
      others: otherExamples && {
        size: otherExamples.size,
        inputs: asInputs(otherExamples, engine.inputs),
        files: others && filesOf(others),
      },
    };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** The second half of {@link view}. */
export async function capture(
  { session, examples, files, labels }: Loaded,
  options: CommonOptions,
): Promise<Perspective> {
  const { engine, bar, watch } = session;
  if (labels) assertLabels(labels.array, examples.size, engine);
  bar.inputs = examples.size;
  const seen = await engine.perspective(asInputs(examples, engine.inputs), {
    ...watch,
    ...(options.of === 'loss' && labels && { labels: labels.array }),
  });
  noteFlags(seen, files);
  noteDeviation(engine.network.deviation);
  return seen;
}

async function reopen({
  model,
  inputs,
  labels,
  needsLabels,
  others,
  options,
  assertSize,
}: ViewRequest): Promise<View> {
  const index = await readIndexInput(inputs);
  if (options.labels !== undefined)
    refuse(
      'usage',
      `--labels: the gradients of '${inputs}' were taken when it was made; leave the labels out.`,
    );
  const labelFile = labels === undefined ? null : await readLabels(labels, index);
  if (needsLabels && !labelFile && !index.facts.labels)
    refuse('usage', `'${inputs}' has no labels: name LABELS, too, or make the index with them.`);
  const otherFile = others === undefined ? null : await readInputFile(others);
  const { size, names } = index.facts;
  assertSize?.(size);
  const { output: _, ...rest } = options;
  const session = await openSession(model, rest, indexOptions(index, options));
  try {
    const { engine, bar, watch } = session;
    const range = options.pixels ?? index.facts.pixels ?? 'unit';
    const otherExamples = otherFile && (await fitInputs(otherFile, engine.inputs, range));
    bar.inputs = size;
    const seen = await engine.reopen(index.bytes, watch).catch((error) => refuseNamed(error, inputs));
    noteFlags(seen, names);
    noteDeviation(engine.network.deviation);
    if (seen.rowError) note(describeError(seen.rowError));
    const stored = seen.labels && { classes: seen.classes, columns: null, array: seen.labels };
    return {
      ...session,
      seen,
      files: names,
      labels: labelFile ?? stored,
      others: otherExamples && {
        size: otherExamples.size,
        inputs: asInputs(otherExamples, engine.inputs),
        files: otherFile && filesOf(otherFile),
      },
    };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

export interface Loaded {
  readonly session: Session;
  readonly examples: Examples;
  /** Of INPUTS, where they come from a folder. */
  readonly files: Files;
  readonly labels: LabelFile | null;
  /** How bytes of images were scaled; null where there were none. */
  readonly pixels: PixelRange | null;
  /** Read, not yet in the model's shape. */
  readonly others: InputFile | null;
}

/** The first half of {@link view}: nothing is captured yet. The caller disposes of the session. */
export async function load({ model, inputs, labels, others, options }: ViewRequest): Promise<Loaded> {
  assertCombination(options, labels !== undefined);
  if (isIndex(inputs)) refuseIndex(inputs);
  const file = await readInputFile(inputs);
  const otherFile = others === undefined ? null : await readInputFile(others);
  const labelPath = labels ?? options.labels;
  const labelFile = labelPath === undefined ? null : await readLabels(labelPath, file);
  const session = await openSession(model, options, {}, labelFile?.array);
  try {
    const examples = await fitInputs(file, session.engine.inputs, options.pixels);
    if (labelFile?.classes) noteClasses(labelFile.classes);
    const pixels = holdsPixels(file) ? (options.pixels ?? 'unit') : null;
    return { session, examples, files: filesOf(file), labels: labelFile, pixels, others: otherFile };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** A path to the file itself: MODEL may be the folder. */
export async function modelPath(model: string): Promise<string> {
  const found = await stat(model).catch(() => null);
  return found?.isDirectory() ? join(model, 'model.json') : model;
}

/** Labels that do not fit are refused before minutes of work; models of open extent are described only then. */
function assertLabels(labels: Labels, size: number, engine: Engine): void {
  if (engine.inputs.some(({ shape }) => shape.includes(null))) return;
  labelTable(labels, size, engine.network.outputs);
}

/** Folders are numbered as they are sorted; the network may have learnt another order. */
export function noteAgreement(labels: ArrayLike<number> | null, seen: Perspective, engine: Engine): void {
  const agreed = agreement(labels, seen.logits, engine.network.outputs);
  if (agreed === null || agreed >= LEAST_AGREEMENT) return;
  note(
    `the network predicts the label of only ${Math.round(100 * agreed)} % of the inputs: its outputs may stand in another order than the classes`,
  );
}

function noteClasses(classes: readonly string[]): void {
  const shown = classes.slice(0, 4).map((name, id) => `${id} = ${name}`);
  const more = classes.length > shown.length ? `, … ${classes.length - 1} = ${classes.at(-1)}` : '';
  note(`class names stand for outputs in sorted order: ${shown.join(', ')}${more}`);
}

function noteFlags({ flags, ranks, size, outputs }: Perspective, files: Files): void {
  const { zero, singular, nearlySingular } = flags;
  const say = (inputs: readonly number[], what: string) => {
    if (inputs.length === 0) return;
    const first = inputs.slice(0, 5).map((input) => (files ? `${input} (${files[input]})` : input));
    const named = `${first.join(', ')}${inputs.length > 5 ? ', …' : ''}`;
    note(`${inputs.length} of ${plural(size, 'input')} ${what}: ${named}`);
  };
  say(zero, 'with a zero gradient (similarity 0 to everything)');
  const found = singular.map((input) => ranks[input]!).sort((a, b) => a - b);
  const span = found[0] === found.at(-1) ? found[0] : `${found[0]} to ${found.at(-1)}`;
  say(singular, `with a singular self kernel of rank ${span} of ${outputs} (pseudo-inverse used)`);
  say(nearlySingular, 'with a nearly singular self kernel (less exact)');
}

function noteDeviation(deviation: number): void {
  if (deviation === 0) return;
  note(`similarities k are estimates, standard deviation up to ${decimal(deviation)} · (1 − k²)`);
}

/** Ctrl-C during a stretch that never gives way is heard here. */
async function yieldToSignals(): Promise<void> {
  await new Promise((resume) => setImmediate(resume));
  if (interruption.aborted) throw new NetkinError('aborted', 'Stopped while opening the model.');
}

/** tfjs greets and warns on the console, Node warns of what tfjs imports; neither is for our user. */
export function silenceLibraries(): void {
  process.noDeprecation = true;
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) console[method] = () => {};
}

/** Refuses comparing with inputs whose labels nobody knows. */
export function assertComparable(options: CommonOptions, option: string, path: string | undefined): void {
  if (path === undefined) return;
  if (options.of === 'loss')
    refuse('usage', `${option} cannot go with --of loss: the labels of those inputs are not known.`);
  const { output } = options;
  if (output && byPlace(output))
    refuse(
      'usage',
      `${option} cannot go with --output ${outputText(output)}: it is chosen input by input of the set.`,
    );
}
