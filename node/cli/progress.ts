/** The progress bar: stage, share done, rate and time left, on stderr, only where somebody watches. */
import type { SingleBar } from 'cli-progress';
import type { Progress } from '../../src/index.js';
import { isQuiet } from './terminal.js';

const STEPS = 1000; // finer than the bar is wide

export interface ProgressBar {
  /** Inputs that the stages run through, for the rate. */
  inputs: number;
  readonly report: (progress: Progress) => void;
  stop(): void;
}

/** A bar that draws itself from its first report on; none without a terminal that can move its cursor, or with --quiet. */
export async function progressBar(): Promise<ProgressBar> {
  if (isQuiet() || !process.stderr.isTTY || process.env.TERM === 'dumb')
    return { inputs: 0, report: () => {}, stop: () => {} };
  const { default: library } = await import('cli-progress');
  let bar: SingleBar | null = null;
  let current = '';
  let started = 0;
  const result: ProgressBar = {
    inputs: 0,
    report: ({ stage, done }) => {
      if (stage !== current) {
        result.stop();
        current = stage;
        started = Date.now();
        bar = new library.SingleBar(
          {
            stream: process.stderr,
            format: drawn,
            hideCursor: true,
            clearOnComplete: true,
            barsize: 24,
            etaBuffer: 40,
          },
          library.Presets.shades_classic,
        );
        bar.start(STEPS, 0, { stage, rate: '' });
      }
      const seconds = (Date.now() - started) / 1000;
      const rate =
        seconds > 0.2 && result.inputs > 0 ? `${short((result.inputs * done) / seconds)} inputs/s` : '';
      bar?.update(Math.floor(done * STEPS), { stage, rate });
      if (done >= 1) result.stop();
    },
    stop: () => {
      bar?.stop();
      bar = null;
      current = '';
    },
  };
  return result;
}

const drawn = '{stage} {bar} {percentage} %  {rate}  {eta_formatted} left';

function short(rate: number): string {
  return rate >= 100 ? String(Math.round(rate)) : rate.toPrecision(2);
}
