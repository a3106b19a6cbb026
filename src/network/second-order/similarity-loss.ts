/**
 * The exact gradient of a loss that depends on how similar inputs are to the network itself (method, section 6):
 *
 *     total = loss of the outputs + sign · weight · mean over the sets of S
 *
 * For S(g(x_1), …, g(x_N)) of per-example gradients, dS/dθ = Σ_x H(x) u(x), u(x) = ∂S/∂g(x): one forward pass, one walk
 * back for g, and a tangent pass forward and back, together about three ordinary steps.
 */
import { refuse } from '../../errors.js';
import { type Kernel, wasmKernel } from '../../kernel/kernel.js';
import type { PairCount } from '../../similarity/enforce.js';
import { sideBySide, splitSeed } from '../network.js';
import { assertUsable, listParameters, type Parameter } from '../parameters.js';
import { type Pass, withPass } from '../pass.js';
import { assertChoice, functionCount, type OutputChoice, seeds } from '../selection.js';
import { reachable } from '../terms.js';
import { tf, tfjsMemory } from '../tfjs.js';
import { type FirstOrder, firstOrder, type Seed } from './factors.js';
import { assertSecondOrder, moveForward, walkInMotion } from './hessian.js';
import { mix } from './mixing.js';

/**
 * - `'repel'`: similarity is a cost, as in the published code (sign +1);
 * - `'attract'`: similarity is wanted, as the published text asks (sign −1).
 */
export type Enforcement = 'repel' | 'attract';

/** What shall be similar, and how much that counts. */
export interface SimilarityRequest {
  /** Pairs of examples by their place in the batch: S = k^C, averaged over the pairs. Or give `sets`. */
  readonly pairs?: readonly (readonly [number, number])[];
  /**
   * Sets of examples by their place in the batch: S = ‖mean ĝ‖², the mean of k^C over all pairs of the set, own pairs
   * included. Linear time: a set of any size costs as much as its examples.
   */
  readonly sets?: readonly (readonly number[])[];
  /** One function of the network: the contrast of a class (given for each example, or the predicted one), or one output. */
  readonly output: 'contrast' | { readonly contrast: ArrayLike<number> } | readonly [number];
  readonly mode: Enforcement;
  /** How much the term counts, ≥ 0. */
  readonly weight: number;
}

/** A loss of what the model gives, batch × outputs; differentiated once, by tfjs. */
export type OutputLoss = (...outputs: tf.Tensor[]) => tf.Scalar;

export interface SimilarityGradient {
  /** Mean over the sets of S. */
  readonly similarity: number;
  /** S of each set, or k^C of each pair, in the order given. */
  readonly similarities: Float64Array;
  /** Examples in sets whose gradient is zero: they are similar to nothing and send nothing back. */
  readonly zeros: number;
  /** The value of the caller's own loss, 0 without one. */
  readonly loss: number;
  /** loss + sign · weight · similarity. */
  readonly total: number;
  /** d total / d parameter by the variable's name, for `optimizer.applyGradients`; the caller's to dispose. */
  readonly gradients: tf.NamedTensorMap;
}

/** Examples in the order in which they are computed: sets one after the other, then those in no set. */
interface Order {
  /** The example at each place. */
  readonly examples: readonly number[];
  /** Sizes of the sets, then ones. */
  readonly sizes: readonly number[];
  readonly sets: number;
}

export class SimilarityLoss {
  readonly #model: tf.LayersModel;
  readonly #kernels: Kernel;
  readonly #parameters: readonly Parameter[];

  /** @param model stays the caller's; its trainable weights are what gradients are taken of */
  constructor(kernelModule: WebAssembly.Module, model: tf.LayersModel) {
    assertUsable(model);
    this.#model = model;
    this.#parameters = listParameters(model);
    this.#kernels = wasmKernel(kernelModule, tfjsMemory());
  }

  /**
   * The term, the caller's loss, and the gradient of their sum. The network runs in inference mode: no dropout, and
   * fixed statistics in batch normalisation.
   * @param inputs one tensor for each input of the model, batch × input shape; the caller's
   * @throws NetkinError 'usage' for a request without meaning, 'unsupported' for an op without second derivative, by
   * name, 'input' where a gradient is not finite
   */
  gradient(
    inputs: tf.Tensor | tf.Tensor[],
    request: SimilarityRequest,
    loss?: OutputLoss,
  ): SimilarityGradient {
    const given = [inputs].flat();
    const batch = given[0].shape[0] ?? 0;
    const order = orderOf(request, batch);
    const count: PairCount = request.pairs ? 'distinct' : 'all';
    if (!(request.weight >= 0 && request.weight < Infinity))
      refuse('usage', `weight is ${request.weight}: give a number that is not negative.`);
    const sign = request.mode === 'attract' ? -1 : 1;
    let report: Omit<SimilarityGradient, 'gradients'> | undefined;
    const gradients = tf.tidy(() => {
      const sorted = inOrder(order, batch)
        ? given
        : given.map((tensor) => tf.gather(tensor, [...order.examples]));
      return withPass(this.#model, this.#parameters, sorted, (pass) => {
        const { nodes, first } = this.#first(pass, chosen(request.output, order));
        const scale = (sign * request.weight) / order.sets;
        const mixed = mix(first.factors, order.sizes, count, scale, this.#kernels);
        const motion = moveForward(pass.trace, nodes, mixed.direction, this.#kernels);
        const own = loss ? lossSeeds(loss, pass.results, order, batch) : { value: 0, seeds: [] };
        const all = loss ? reachable(pass.trace, pass.results) : nodes;
        const found = walkInMotion(motion, all, first, own.seeds);
        const similarities = mixed.values.slice(0, order.sets);
        const similarity = similarities.reduce((sum, value) => sum + value / order.sets, 0);
        report = {
          similarity,
          similarities,
          zeros: mixed.zero.reduce((sum, zero) => sum + zero, 0),
          loss: own.value,
          total: own.value + sign * request.weight * similarity,
        };
        return Object.fromEntries(
          this.#parameters.map((parameter) => [
            (parameter.variable as tf.Variable).name,
            found.get(parameter) ?? tf.zeros([...parameter.shape]),
          ]),
        );
      });
    });
    return { ...report!, gradients };
  }

  #first({ trace, heads }: Pass, choice: OutputChoice): { nodes: Pass['trace']['nodes']; first: FirstOrder } {
    assertChoice(choice, heads);
    const outputs = sideBySide(heads, trace.examples);
    if (functionCount(choice, 'output', outputs.length / trace.examples) !== 1)
      refuse(
        'usage',
        'The similarity of several outputs at once cannot be enforced yet: name one output, or a contrast.',
      );
    const nodes = reachable(
      trace,
      heads.map((head) => head.tensor),
    );
    assertSecondOrder(nodes);
    const [seed] = seeds(choice, 'output', heads, outputs, 0);
    const started = splitSeed(seed, heads).map(({ tensor, values }) => ({
      tensor,
      values: tf.tensor(values, tensor.shape),
    }));
    return { nodes, first: firstOrder(trace, nodes, started, this.#kernels) };
  }
}

function orderOf({ pairs, sets }: SimilarityRequest, batch: number): Order {
  if ((pairs === undefined) === (sets === undefined)) refuse('usage', 'Give either pairs or sets.');
  const groups = (pairs ?? sets)!;
  if (groups.length === 0) refuse('usage', `There is no ${pairs ? 'pair' : 'set'} to compare.`);
  const inSets = new Set<number>();
  for (const group of groups) {
    if (group.length < 2 || (pairs && group.length !== 2))
      refuse(
        'usage',
        `${pairs ? 'A pair has 2 examples' : 'A set has at least 2 examples'}, not ${group.length}.`,
      );
    for (const example of group) {
      if (!Number.isInteger(example) || example < 0 || example >= batch)
        refuse('usage', `Example ${example} is not in the batch, which has examples 0 to ${batch - 1}.`);
      inSets.add(example);
    }
  }
  const rest = [...Array(batch).keys()].filter((example) => !inSets.has(example));
  return {
    examples: [...groups.flat(), ...rest],
    sizes: [...groups.map(({ length }) => length), ...rest.map(() => 1)],
    sets: groups.length,
  };
}

function inOrder({ examples }: Order, batch: number): boolean {
  return examples.length === batch && examples.every((example, place) => example === place);
}

/** The choice with its classes in the order of computation. */
function chosen(output: SimilarityRequest['output'], { examples }: Order): OutputChoice {
  if (typeof output !== 'object' || !('contrast' in output)) return output;
  return { contrast: examples.map((example) => output.contrast[example]) };
}

/** The caller's loss of the outputs in the batch's own order, and its gradient where the walk starts. */
function lossSeeds(
  loss: OutputLoss,
  results: readonly tf.Tensor[],
  order: Order,
  batch: number,
): { value: number; seeds: Seed[] } {
  const sorted = inOrder(order, batch);
  const places = Array.from({ length: batch }, (_, example) => order.examples.indexOf(example));
  const outputs = results.map((result) => (sorted ? result : tf.gather(result, places)));
  const { value, grads } = tf.valueAndGrads(loss)(outputs);
  const seeds = grads.map((gradient, i) => {
    if (sorted) return { tensor: results[i], values: gradient };
    // An example that stands in several sets counts once in the loss: its other places get zeros.
    const none = tf.zeros([1, ...gradient.shape.slice(1)]);
    const rows = order.examples.map((example, place) => (places[example] === place ? example : batch));
    return { tensor: results[i], values: tf.gather(tf.concat([gradient, none]), rows) };
  });
  return { value: value.dataSync()[0], seeds };
}
