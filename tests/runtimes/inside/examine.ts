/** Runs inside each runtime: every claim, then the measures of the images. What it returns is JSON. */
import type { Engine, OpenOptions } from 'netkin';
import { type Claim, type Environment, onStage, type Stage } from '../../contract/claim.js';
import { claims } from '../../contract/claims.js';
import { type Measure, measures } from '../../contract/measures.js';

export interface Examination {
  /** By the claim's name: null where it held, else why not. */
  readonly claims: Readonly<Record<string, string | null>>;
  /** Bytes in base64. */
  readonly measures: Readonly<Record<Measure, string>>;
}

/** A claim that hangs must not take the others with it. */
const CLAIM_SECONDS = 60;
const SIDE = 28;
const CLASSES = 10;

/** @param pixels n × 28 × 28, 0 to 1 */
export async function examine(
  environment: Environment,
  openClassifier: (options: OpenOptions) => Promise<Engine>,
  pixels: Float32Array,
): Promise<Examination> {
  const verdicts: Record<string, string | null> = {};
  await onStage(environment, async (stage) => {
    for (const claim of claims) verdicts[claim.name] = await verdict(claim, stage);
  });
  const size = pixels.length / SIDE ** 2;
  const images = { shape: [size, SIDE, SIDE, 1], data: pixels };
  const labels = Array.from({ length: size }, (_, i) => i % CLASSES);
  const found = Object.entries(await measures(openClassifier, images, labels));
  const encoded = found.map(([name, bytes]) => [name, base64(bytes)]);
  return { claims: verdicts, measures: Object.fromEntries(encoded) as Examination['measures'] };
}

async function verdict(claim: Claim, stage: Stage): Promise<string | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`No answer within ${CLAIM_SECONDS} seconds.`), CLAIM_SECONDS * 1000);
  });
  const done = claim.run(stage).then(
    () => null,
    (error) => (error instanceof Error ? `${error.message}\n${error.stack}` : String(error)),
  );
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
