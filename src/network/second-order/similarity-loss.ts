/**
 * The exact gradient of a loss that depends on how similar inputs are to the network itself (method, section 6):
 *
 *     total = loss of the outputs + sign · weight · mean over the sets of S
 *
 * For S(g(x_1), …, g(x_N)) of per-example gradients, dS/dθ = Σ_x H(x) u(x), u(x) = ∂S/∂g(x): one forward pass, one walk
 * back for g, and a tangent pass forward and back, together less than three ordinary steps.
 */
import { refuse } from '../../errors.js';
import { type Kernel, wasmKernel } from '../../kernel/kernel.js';
import { sideBySide, splitSeed } from '../network.js';
import { assertUsable, listParameters, type Parameter } from '../parameters.js';
import { type Pass, withPass } from '../pass.js';
import { assertChoice, functionCount, type SettledChoice, seeds } from '../selection.js';
import { reachable } from '../terms.js';
import { floats, tf, tfjsMemory } from '../tfjs.js';
import { checkDirection } from './directional-check.js';
import { type FirstOrder, firstOrder } from './factors.js';
import { holdingSides, notingSides, type Sides } from './frozen-sides.js';
import { assertSecondOrder, moveForward, walkInMotion } from './hessian.js';
import { type Mixed, mix } from './mixing.js';
import { lossSeeds, type OutputLoss } from './output-loss.js';
import { type Order, orderedOutput, orderOf, type SimilarityRequest } from './request.js';

export interface SimilarityGradient {
  /** Mean over the sets of S. */
  readonly similarity: number;
  /** S of each set, or k^C of each pair, in the order given. */
  readonly similarities: Float64Array;
  /** Places in sets whose gradient is zero: they are similar to nothing and send nothing back. */
  readonly zeros: number;
  /** The value of the caller's own loss, 0 without one. */
  readonly loss: number;
  /** loss + sign · weight · similarity. */
  readonly total: number;
  /** d total / d parameter by the variable's name, for `optimizer.applyGradients`; the caller's to dispose. */
  readonly gradients: tf.NamedTensorMap;
}

/** The network at one batch, before anything moves. */
interface Still {
  readonly pass: Pass;
  readonly order: Order;
  readonly nodes: Pass['trace']['nodes'];
  readonly first: FirstOrder;
  readonly mixed: Mixed;
  readonly similarities: Float64Array;
  readonly similarity: number;
}

/** No parameter moves. */
const NOWHERE = { rows: () => undefined, forwards: () => undefined, backwards: () => undefined };

/** Runs the model, and may change what its kernels compute. */
type Around = <Result>(body: () => Result) => Result;

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
    return this.#still(inputs, request, ({ pass, order, nodes, first, mixed, ...found }) => {
      const motion = moveForward(pass.trace, nodes, mixed.direction, this.#kernels);
      const own = loss ? lossSeeds(loss, pass, order.examples) : { value: 0, seeds: [] };
      const all = loss ? reachable(pass.trace, pass.results) : nodes;
      const gradients = walkInMotion(motion, all, first, own.seeds);
      return {
        ...found,
        zeros: mixed.zero.reduce((sum, zero) => sum + zero, 0) / order.outputs,
        loss: own.value,
        total: own.value + order.factor * found.similarity,
        gradients: this.#named(gradients),
      };
    });
  }

  /** The caller's loss and its gradient alone, by the same walk: what `gradient` gives where the weight is 0, for less. */
  lossGradient(
    inputs: tf.Tensor | tf.Tensor[],
    loss: OutputLoss,
  ): Pick<SimilarityGradient, 'loss' | 'gradients'> {
    const given = [inputs].flat();
    let value = 0;
    const gradients = tf.tidy(() =>
      withPass(this.#model, this.#parameters, given, (pass) => {
        const own = lossSeeds(loss, pass, [...Array(pass.trace.examples).keys()]);
        value = own.value;
        const still = {
          trace: pass.trace,
          kernels: this.#kernels,
          direction: NOWHERE,
          tangent: () => undefined,
        };
        const nothing = { gradients: new Map(), factors: new Map() };
        return this.#named(walkInMotion(still, reachable(pass.trace, pass.results), nothing, own.seeds));
      }),
    );
    return { loss: value, gradients };
  }

  /** By the names of the variables; zeros where a parameter has no influence. */
  #named(gradients: ReadonlyMap<Parameter, tf.Tensor>): tf.NamedTensorMap {
    return Object.fromEntries(
      this.#parameters.map((parameter) => [
        (parameter.variable as tf.Variable).name,
        gradients.get(parameter) ?? tf.zeros([...parameter.shape]),
      ]),
    );
  }

  /** Mean over the sets of S, without its gradient. */
  similarity(inputs: tf.Tensor | tf.Tensor[], request: SimilarityRequest): number {
    return this.#still(inputs, request, ({ similarity }) => similarity);
  }

  /**
   * Compares the slope of the similarity with finite differences, along one direction in the weights of each layer: worth
   * its time once before a training run.
   * @throws NetkinError 'check' naming the layer and its ops where the slope is not confirmed
   */
  check(inputs: tf.Tensor | tf.Tensor[], request: SimilarityRequest): void {
    const alone = { ...request, mode: 'repel', weight: 1 } as const;
    const sides: Sides = [];
    const ops = new Map<string, Set<string>>();
    const held: Around = (body) => holdingSides(sides, body);
    try {
      this.#still(
        inputs,
        alone,
        ({ nodes, similarity }) => {
          for (const node of nodes) ops.set(node.layer, (ops.get(node.layer) ?? new Set()).add(node.kernel));
          return similarity;
        },
        (body) => notingSides(sides, body),
      );
      checkDirection({
        parameters: this.#parameters,
        value: () => this.#still(inputs, alone, ({ similarity }) => similarity, held),
        gradient: () =>
          tf.tidy(() => {
            const { gradients } = this.gradient(inputs, alone);
            return this.#parameters.map(({ variable }) =>
              floats(gradients[(variable as tf.Variable).name]).slice(),
            );
          }),
        ops: (layer) => [...(ops.get(layer) ?? [])],
      });
    } finally {
      tf.dispose(sides);
    }
  }

  #still<Value extends SimilarityGradient | number>(
    inputs: tf.Tensor | tf.Tensor[],
    request: SimilarityRequest,
    use: (still: Still) => Value,
    around?: Around,
  ): Value {
    const given = [inputs].flat();
    const order = orderOf(request, given[0].shape[0] ?? 0, widthOf(this.#model));
    let result: Value;
    // tfjs looks for tensors in what a tidy returns: only the gradients may be found.
    tf.tidy(() => {
      const sorted = order.asGiven ? given : given.map((tensor) => tf.gather(tensor, [...order.examples]));
      result = withPass(
        this.#model,
        this.#parameters,
        sorted,
        (pass) => {
          const { nodes, first } = this.#first(pass, orderedOutput(request.output, order), order);
          const mixed = mix(first.factors, order, this.#kernels);
          const similarities = mixed.values.slice(0, order.sets);
          const similarity = similarities.reduce((sum, value) => sum + value / order.sets, 0);
          return use({ pass, order, nodes, first, mixed, similarities, similarity });
        },
        around,
      );
      return typeof result === 'object' ? result.gradients : {};
    });
    return result!;
  }

  #first(
    { trace, heads }: Pass,
    choice: SettledChoice,
    { outputs: compared }: Order,
  ): { nodes: Pass['trace']['nodes']; first: FirstOrder } {
    assertChoice(choice, heads);
    const outputs = sideBySide(heads, trace.examples);
    const width = outputs.length / trace.examples;
    if (functionCount(choice, 'output', width) !== compared)
      refuse(
        'usage',
        "The similarity of some outputs cannot be enforced: name one, a contrast, or 'logits' for all.",
      );
    const nodes = reachable(
      trace,
      heads.map((head) => head.tensor),
    );
    assertSecondOrder(nodes);
    const all = seeds(choice, 'output', heads, outputs, 0);
    // With several functions, those of one example stand one after the other.
    const seed = Float32Array.from(outputs, (_, at) => all[Math.floor(at / width) % compared][at]);
    const started = splitSeed(seed, heads).map(({ tensor, values }) => ({
      tensor,
      values: tf.tensor(values, tensor.shape),
    }));
    return { nodes, first: firstOrder(trace, nodes, started, this.#kernels) };
  }
}

/** Outputs of a model for one example. */
function widthOf({ outputs }: tf.LayersModel): number {
  return outputs.reduce(
    (sum, { shape }) => sum + shape.slice(1).reduce<number>((size, extent) => size * (extent ?? 1), 1),
    0,
  );
}
