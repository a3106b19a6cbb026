/** The verbs in the order of the help: each module adds one to the program. */
import type { Command } from 'commander';
import * as bench from './bench.js';
import * as demo from './demo.js';
import * as denoise from './denoise.js';
import * as density from './density.js';
import * as explain from './explain.js';
import * as fit from './fit.js';
import * as index from './index-file.js';
import * as inspect from './inspect.js';
import * as matrix from './matrix.js';
import * as nearest from './nearest.js';
import * as report from './report.js';
import * as reproduce from './reproduce.js';
import * as serve from './serve.js';
import * as suspects from './suspects.js';

export const verbs: readonly ((program: Command) => void)[] = [
  demo.register,
  inspect.register,
  matrix.register,
  nearest.register,
  density.register,
  fit.register,
  denoise.register,
  suspects.register,
  explain.register,
  report.register,
  index.register,
  serve.register,
  reproduce.register,
  bench.register,
];
