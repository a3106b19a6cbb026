/** ml-matrix, brought in when it is needed first: networks that are compared by one function do without. */
import { awaited, type Work } from '../work.js';
import type * as Decompositions from './decompositions.js';

export type LinearAlgebra = typeof Decompositions;

let loaded: LinearAlgebra | undefined;

export function* linearAlgebra(): Work<LinearAlgebra> {
  loaded ??= yield* awaited(import('./decompositions.js'));
  return loaded;
}
