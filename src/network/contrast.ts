/** One class against the mean of the others, or against one of them: which classes, input by input (method, section 1). */
import { refuse } from '../errors.js';
import { stream, uniform } from '../random.js';
import { predictedClasses } from '../softmax.js';

export interface Contrast {
  /** The class c: one for all inputs, the predicted class of each, or a class id for every input of the set. */
  readonly contrast: number | 'predicted' | ArrayLike<number>;
  /**
   * The class a of z_c − z_a: one for all inputs, an id for every input of the set, or one of the other classes, drawn for
   * each input by the option `seed` and the input's place in the set. Default: the mean of all other logits.
   */
  readonly adversary?: number | 'sampled' | ArrayLike<number> | undefined;
}

/** Whether a value has the form of a {@link Contrast}; whether its classes exist, its network knows. */
export function isContrastChoice(value: unknown): value is Contrast {
  if (typeof value !== 'object' || value === null || !('contrast' in value)) return false;
  const { contrast, adversary, ...more } = value as { contrast: unknown; adversary?: unknown };
  const isClassOrIds = (given: unknown) =>
    typeof given === 'number' ||
    (typeof given === 'object' && Number.isInteger((given as ArrayLike<unknown> | null)?.length));
  return (
    (contrast === 'predicted' || isClassOrIds(contrast)) &&
    (adversary === undefined || adversary === 'sampled' || isClassOrIds(adversary)) &&
    Object.keys(more).length === 0
  );
}

/** A contrast with ids that are nobody else's, and what draws its adversaries; plain data. */
export interface SettledContrast {
  readonly contrast: number | 'predicted' | Float64Array;
  readonly adversary: number | Float64Array | { readonly seed: number } | null;
}

/** @throws NetkinError 'input' for ids that are no numbers */
export function settledContrast({ contrast, adversary }: Contrast, seed: number): SettledContrast {
  const own = (name: string, ids: ArrayLike<unknown>) => {
    // Found before anything is allocated: a list may claim any length.
    const wrong = Array.prototype.findIndex.call(
      ids,
      (id) => typeof id !== 'number' && typeof id !== 'bigint',
    );
    if (wrong >= 0) refuse('input', `${name} class of input ${wrong} is no number; give class ids.`);
    return Float64Array.from(ids as ArrayLike<number>, Number);
  };
  return {
    contrast: typeof contrast === 'object' ? own('Contrast', contrast) : contrast,
    adversary:
      adversary === 'sampled'
        ? { seed }
        : typeof adversary === 'object'
          ? own('Adversary', adversary)
          : (adversary ?? null),
  };
}

/** Whether a contrast is known of inputs outside the set, too. */
export function knownOfOthers({ contrast, adversary }: SettledContrast): boolean {
  return typeof contrast !== 'object' && (typeof adversary !== 'object' || adversary === null);
}

/** Refuses classes that do not exist. @param classes of the network */
export function assertClasses({ contrast, adversary }: SettledContrast, classes: number): void {
  for (const [name, given] of [
    ['Contrast', contrast],
    ['Adversary', adversary],
  ] as const) {
    const [code, ids] =
      given instanceof Float64Array ? (['input', given] as const) : (['usage', [given]] as const);
    const wrong = typeof ids[0] === 'number' ? ids.findIndex((id) => !isClass(id as number, classes)) : -1;
    if (wrong < 0) continue;
    const of = code === 'input' ? ` of input ${wrong}` : '';
    refuse(code, `${name} class${of} is ${ids[wrong]}; classes run from 0 to ${classes - 1}.`);
  }
}

/** Refuses ids for fewer inputs than there are. */
export function assertEnough({ contrast, adversary }: SettledContrast, size: number): void {
  for (const ids of [contrast, adversary]) {
    if (!(ids instanceof Float64Array) || ids.length >= size) continue;
    refuse(
      'input',
      `There are ${ids.length} classes for the contrasts of ${size} inputs; give one for each.`,
    );
  }
}

const ADVERSARIES = 0x61647665;

/**
 * d z / d output for inputs `first`, `first + 1`, … of the set: 1 at the class, −1 at its adversary, or −1 / (C − 1) at all
 * others.
 * @param outputs inputs × classes
 * @throws NetkinError 'input' where a class is its own adversary
 */
export function contrastSeed(
  { contrast, adversary }: SettledContrast,
  outputs: Float32Array,
  classes: number,
  first: number,
): Float32Array {
  const seed = new Float32Array(outputs.length).fill(adversary === null ? -1 / (classes - 1) : 0);
  const predicted = predictedClasses(outputs, classes);
  predicted.forEach((guess, example) => {
    const input = first + example;
    const of = contrast === 'predicted' ? guess : idOf(contrast, input);
    seed[example * classes + of] = 1;
    if (adversary === null) return;
    const against =
      typeof adversary === 'object' && 'seed' in adversary
        ? sampledClass(adversary.seed, input, of, classes)
        : idOf(adversary, input);
    if (against === of) {
      refuse(
        'input',
        `The contrast class of input ${input} is its adversary, too (${of}): z − z compares nothing. Leave the input out, or use adversary: 'sampled'.`,
      );
    }
    seed[example * classes + against] = -1;
  });
  return seed;
}

/** One of the classes but `of`, all equally likely. */
function sampledClass(seed: number, input: number, of: number, classes: number): number {
  const drawn = Math.floor(uniform(stream(seed, ADVERSARIES), input) * (classes - 1));
  return drawn < of ? drawn : drawn + 1;
}

function idOf(ids: number | Float64Array, input: number): number {
  return typeof ids === 'number' ? ids : ids[input];
}

function isClass(id: number, classes: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < classes;
}
