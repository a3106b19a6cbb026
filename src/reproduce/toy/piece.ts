/** One piece of the toy experiment from its start, or from where it was, to its numbers. */
import type { Engine } from '../../engine.js';
import { NetkinError } from '../../errors.js';
import type { RegressionState } from '../../network/regression.js';
import type { tf } from '../../network/tfjs.js';
import type { OpenOptions } from '../../options.js';
import { run, type Watch } from '../../watch.js';
import { type DenoisingResult, type DensityResult, measureDenoising, measureDensity } from './measuring.js';
import { pieceSteps, type ToyOptions, type ToyPiece } from './protocol.js';
import { ToyTraining } from './training.js';

/** What a piece came to so far; `seconds` of work, over all its sittings. */
export type Standing = { readonly seconds: number } & (
  | { readonly stage: 'training'; readonly state: RegressionState }
  | { readonly stage: 'density'; readonly result: DensityResult }
  | { readonly stage: 'denoising'; readonly result: DenoisingResult }
);

export interface Tools {
  readonly kernel: WebAssembly.Module;
  readonly open: (model: tf.LayersModel, options: OpenOptions) => Promise<Engine>;
  /** Keeps a standing for later; called between two steps. */
  readonly keep: (standing: Standing) => void;
}

/** How much work may be lost, in milliseconds. */
const KEEP_EVERY = 500;
/** Share of measuring in the progress of a piece. */
const MEASURING = 0.1;

/**
 * Computes a piece. tfjs has to be running.
 * @param before where it was left
 * @throws NetkinError 'aborted' after keeping what is done
 */
export async function computePiece(
  { kernel, open, keep }: Tools,
  piece: ToyPiece,
  options: ToyOptions,
  before: Standing | null,
  { signal, progress }: Watch,
): Promise<Standing> {
  if (before && before.stage !== 'training') return before;
  const started = Date.now();
  const seconds = () => (before?.seconds ?? 0) + (Date.now() - started) / 1000;
  const heard = signal && { signal };
  const span = pieceSteps(piece, options) > 0 ? 1 - MEASURING : 0;
  const report = (done: number) => progress?.({ stage: 'toy', done });

  using training = new ToyTraining(kernel, piece, options);
  if (before) training.restore(before.state);
  const keepTraining = () => keep({ stage: 'training', seconds: seconds(), state: training.state });
  let kept = Date.now();
  try {
    await run('the training', training.train(), {
      ...heard,
      progress: ({ done }) => {
        report(span * done);
        if (Date.now() - kept < KEEP_EVERY) return;
        keepTraining();
        kept = Date.now();
      },
    });
    // Measuring can be stopped, too.
    if (span > 0) keepTraining();
  } catch (error) {
    if (error instanceof NetkinError && error.code === 'aborted') keepTraining();
    throw error;
  }

  await using engine = await open(training.model, { threads: 1 });
  const { inputs, targets, noise } = training;
  const watch: Watch = { ...heard, progress: ({ done }) => report(span + (1 - span) * done) };
  const standing: Standing = noise
    ? {
        stage: 'denoising',
        result: await measureDenoising(engine, inputs, targets, noise, watch),
        seconds: seconds(),
      }
    : { stage: 'density', result: await measureDensity(engine, inputs, targets, watch), seconds: seconds() };
  keep(standing);
  return standing;
}
