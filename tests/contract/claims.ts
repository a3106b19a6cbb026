/** The whole contract. */
import type { Claim } from './claim.js';
import { engineClaims } from './engine.js';
import { indexClaims } from './index-file.js';
import { perspectiveClaims } from './perspective.js';
import { refusalClaims } from './refusals.js';
import { resultClaims } from './results.js';
import { watchingClaims } from './watching.js';

export const claims: readonly Claim[] = [
  ...engineClaims,
  ...perspectiveClaims,
  ...refusalClaims,
  ...watchingClaims,
  ...resultClaims,
  ...indexClaims,
];
