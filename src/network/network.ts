/**
 * A trained network as netkin sees it: inputs in, factors of parameter gradients out. Everything that touches
 * tfjs's global state (the recorder, perturbed weights) happens between two lines of one synchronous call.
 */
import { elements, type NdArray } from '../array.js';
import type { OutputSpec } from '../ending.js';
import { refuse } from '../errors.js';
import { type Kernel, wasmKernel } from '../kernel/kernel.js';
import type { FactorBatch, Term } from '../plan.js';
import type { Precision } from '../precision.js';
import { activities, backward } from './backward.js';
import type { Checker, CheckReport } from './check.js';
import type { Head } from './head.js';
import { assertUsable, listParameters, type Parameter, type ParameterFilter } from './parameters.js';
import { withPass } from './pass.js';
import { assertChoice, functionCount, type Objective, type SettledChoice, seeds } from './selection.js';
import { reachable, type TracedTerm, termsOf } from './terms.js';
import { tf, tfjsMemory } from './tfjs.js';
import type { Trace } from './trace.js';

/** One input of the model. */
export interface InputSpec {
  readonly name: string;
  /** Shape of one example; null where the model takes any extent. */
  readonly shape: readonly (number | null)[];
}

/** Factors and outputs of a run of inputs. */
export interface Captured {
  readonly batch: FactorBatch;
  /** Values of the heads (logits), inputs × outputs. */
  readonly outputs: Float32Array;
}

interface Seen {
  readonly trace: Trace;
  readonly heads: readonly Head[];
  readonly outputs: Float32Array;
}

export class Network {
  readonly inputs: readonly InputSpec[];
  readonly parameters: readonly Parameter[];
  readonly model: tf.LayersModel;
  /** What the terms are captured for. */
  readonly precision: Precision;
  readonly #kernelModule: WebAssembly.Module;
  #kernels: Kernel | undefined;
  /** Which of the pass's softmax kernels are final and looked through. */
  #finalSoftmaxes: ReadonlySet<number> = new Set();

  constructor(
    model: tf.LayersModel,
    kernelModule: WebAssembly.Module,
    chosen?: ParameterFilter,
    precision: Precision = 'exact',
  ) {
    if (typeof model.apply !== 'function' || !Array.isArray(model.layers)) {
      refuse('unsupported', 'Only tfjs layers models are supported so far; graph models have no rules yet.');
    }
    this.model = model;
    this.#kernelModule = kernelModule;
    this.precision = precision;
    assertUsable(model);
    this.parameters = listParameters(model, chosen);
    this.inputs = model.inputs.map((input, i) => ({
      name: model.inputNames[i] ?? input.name, // tfjs fills inputNames for functional models only
      shape: input.shape.slice(1),
    }));
  }

  /** Terms as they are captured, outputs and unused parameters, found by running one example. */
  describe(
    example: readonly NdArray<Float32Array>[],
    choice: SettledChoice,
    objective: Objective,
  ): { terms: Term[]; outputs: OutputSpec[]; functions: number; unused: string[] } {
    return this.#forward(example, ({ trace, heads, outputs }) => {
      assertChoice(choice, heads);
      const functions = functionCount(choice, objective, outputs.length / trace.examples);
      const terms = this.#terms(trace, heads, functions).terms;
      const covered = new Set(terms.flatMap((term) => term.parameters));
      return {
        terms: terms.map(({ uses: _, parameter: __, bias: ___, ...term }) => term),
        outputs: heads.map(({ size, classes, lookedThrough }) => ({ size, classes, lookedThrough })),
        functions,
        unused: this.parameters.map(({ name }) => name).filter((name) => !covered.has(name)),
      };
    });
  }

  /**
   * Factors of inputs `first`, `first + 1`, … of a set; `inputs` holds just these, one array per model input.
   * One forward pass, one backward pass per function.
   */
  capture(
    inputs: readonly NdArray<Float32Array>[],
    choice: SettledChoice,
    objective: Objective,
    first: number,
  ): Captured {
    return this.#forward(inputs, ({ trace, heads, outputs }) => {
      const started = seeds(choice, objective, heads, outputs, first);
      const { terms, nodes } = this.#terms(trace, heads, started.length);
      const right = started.map((seed) =>
        backward(trace, nodes, terms, splitSeed(seed, heads), this.#heapKernels(), first),
      );
      const batch = {
        inputs: trace.examples,
        terms: terms.map((term, i) => ({
          left: activities(term, trace.examples),
          right: right.map((perTerm) => perTerm[i]),
        })),
      };
      return { batch, outputs };
    });
  }

  /**
   * Compares captured gradients of two inputs with tfjs's own and with finite differences.
   * @param checker check.ts, which not every caller loads
   */
  check(inputs: readonly NdArray<Float32Array>[], checker: Checker): CheckReport {
    const width = this.outputs(inputs).length / inputs[0].shape[0];
    return checker.selfCheck(
      {
        parameters: this.parameters,
        captured: (pair, seed) => this.#gradients(pair, seed, checker),
        stock: (one, seed) =>
          checker.stockGradient(
            this.model,
            this.parameters,
            this.#finalSoftmaxes,
            this.#heapKernels(),
            one,
            seed,
          ),
        outputs: (given) => this.outputs(given),
      },
      inputs,
      width,
    );
  }

  /** Whole gradients of sum_o seed_o z_o, input by input: the factors multiplied out. */
  #gradients(
    inputs: readonly NdArray<Float32Array>[],
    seed: Float32Array,
    { multiplyOut }: Checker,
  ): Map<string, Float32Array>[] {
    return this.#forward(inputs, ({ trace, heads }) => {
      const { terms, nodes } = this.#terms(trace, heads, 1);
      const right = backward(trace, nodes, terms, splitSeed(seed, heads), this.#heapKernels());
      const left = terms.map((term) => activities(term, trace.examples));
      return Array.from({ length: trace.examples }, (_, example) => {
        const gradients = new Map<string, Float32Array>();
        for (const [i, term] of terms.entries()) multiplyOut(term, left[i], right[i], example, gradients);
        return gradients;
      });
    });
  }

  /** Stands for the present weights: another object in any place means that they were assigned anew. */
  weightsVersion(): object[] {
    return this.model.weights.map((weight) => weight.read().dataId as object);
  }

  /** Outputs of the heads, inputs × outputs, without gradients. */
  outputs(inputs: readonly NdArray<Float32Array>[]): Float32Array {
    return this.#forward(inputs, ({ outputs }) => outputs);
  }

  #terms(
    trace: Trace,
    heads: readonly Head[],
    functions: number,
  ): { terms: TracedTerm[]; nodes: Trace['nodes'] } {
    const nodes = reachable(
      trace,
      heads.map((head) => head.tensor),
    );
    const terms = termsOf(trace, nodes, functions, this.precision);
    if (terms.length === 0) refuse('model', 'No chosen parameter influences the chosen outputs.');
    return { terms, nodes };
  }

  #heapKernels(): Kernel {
    this.#kernels ??= wasmKernel(this.#kernelModule, tfjsMemory());
    return this.#kernels;
  }

  #forward<Value>(inputs: readonly NdArray<Float32Array>[], use: (seen: Seen) => Value): Value {
    const given = inputs.map((input) => tf.tensor(input.data, [...input.shape]));
    try {
      return withPass(this.model, this.parameters, given, ({ trace, heads }) => {
        // Kernels run in one order, so a final softmax is known again by its number among all of them.
        const softmaxes = trace.nodes.filter(({ kernel }) => kernel === 'Softmax');
        this.#finalSoftmaxes = new Set(
          heads.flatMap(({ softmax }) => (softmax ? [softmaxes.indexOf(softmax)] : [])),
        );
        return use({ trace, heads, outputs: sideBySide(heads, trace.examples) });
      });
    } finally {
      tf.dispose(given);
    }
  }
}

export function sideBySide(heads: readonly Head[], examples: number): Float32Array {
  const width = heads.reduce((sum, head) => sum + head.size, 0);
  const outputs = new Float32Array(examples * width);
  let offset = 0;
  for (const head of heads) {
    const values = head.tensor.dataSync();
    for (let example = 0; example < examples; example++) {
      for (let i = 0; i < head.size; i++)
        outputs[example * width + offset + i] = values[example * head.size + i];
    }
    offset += head.size;
  }
  return outputs;
}

export function splitSeed(
  seed: Float32Array,
  heads: readonly Head[],
): { tensor: tf.Tensor; values: Float32Array }[] {
  if (heads.length === 1) return [{ tensor: heads[0].tensor, values: seed }];
  const width = heads.reduce((sum, head) => sum + head.size, 0);
  let offset = 0;
  return heads.map((head) => {
    const examples = elements(head.tensor.shape) / head.size;
    const values = new Float32Array(examples * head.size);
    for (let example = 0; example < examples; example++) {
      const from = example * width + offset;
      values.set(seed.subarray(from, from + head.size), example * head.size);
    }
    offset += head.size;
    return { tensor: head.tensor, values };
  });
}
