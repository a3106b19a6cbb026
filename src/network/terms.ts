/** From a trace to the terms of the Gram matrix: which parameter is used where, and in what form it is kept. */
import type { Term } from '../plan.js';
import { capturedKind, type Precision } from '../precision.js';
import type { Parameter } from './parameters.js';
import type { RecordedNode } from './recorder.js';
import { rules } from './rules/index.js';
import { refuseNode, type WeightUse } from './rules/rule.js';
import type { Trace } from './trace.js';

/** A term with the places of the trace that feed it. */
export interface TracedTerm extends Term {
  readonly uses: readonly WeightUse[];
  readonly parameter: Parameter;
  /** The bias folded into the factors as a constant activity 1, and the nodes that add it. */
  readonly bias: Parameter | undefined;
}

/** Where one parameter is used. */
export interface Uses {
  readonly weights: WeightUse[];
  /** Nodes where the parameter acts as a row (bias, scale, slope). */
  readonly rows: RecordedNode[];
}

/** The nodes that the outputs depend on through parameters, last first. */
export function reachable(trace: Trace, heads: readonly { id: number }[]): RecordedNode[] {
  const wanted = new Set(heads.map((head) => head.id));
  const reached: RecordedNode[] = [];
  for (const node of [...trace.nodes].reverse()) {
    if (!node.outputs.some((output) => wanted.has(output.id) && trace.carries(output))) continue;
    if (!rules[node.kernel]) refuseNode(node, 'netkin has no rule for it and does not guess.');
    if (node.outputs.length > 1) refuseNode(node, 'kernels with several outputs have no rule.');
    reached.push(node);
    for (const input of Object.values(node.inputs)) if (input && trace.carries(input)) wanted.add(input.id);
  }
  return reached;
}

export function collectUses(trace: Trace, nodes: readonly RecordedNode[]): Map<Parameter, Uses> {
  const uses = new Map<Parameter, Uses>();
  const of = (parameter: Parameter) => {
    const known = uses.get(parameter) ?? { weights: [], rows: [] };
    uses.set(parameter, known);
    return known;
  };
  // Forward order, so that positions of a shared weight are laid out as the network meets them.
  for (const node of [...nodes].reverse()) {
    const rule = rules[node.kernel];
    const weights = rule.weights?.(node, trace) ?? [];
    for (const use of weights) of(use.parameter).weights.push(use);
    for (const [name, input] of Object.entries(node.inputs)) {
      const parameter = trace.parameter(input);
      if (!parameter || weights.some((use) => use.parameter === parameter)) continue;
      if (!rule.rows?.includes(name))
        refuseNode(node, `parameter '${parameter.name}' stands where no rule expects one.`);
      of(parameter).rows.push(node);
    }
  }
  return uses;
}

/** The bias that is added to a weight's output and nowhere else; it then shares the weight's b. */
function biasOf(use: WeightUse, trace: Trace): { parameter: Parameter; node: RecordedNode } | undefined {
  if (use.bias) return { parameter: use.bias, node: use.node };
  let output = use.node.outputs[0];
  for (;;) {
    const consumers = trace.consumers.get(output.id) ?? [];
    if (consumers.length !== 1) return undefined;
    const [node] = consumers;
    if (node.kernel === 'Reshape') {
      output = node.outputs[0];
      continue;
    }
    if (node.kernel !== 'Add' && node.kernel !== 'AddV2') return undefined;
    const added = trace.parameter(node.inputs.b) ? node.inputs.b : node.inputs.a;
    const parameter = trace.parameter(added);
    // Only a bias along the output's last axis has the weight's own b.
    const along = added?.shape.at(-1) === use.right && node.outputs[0].shape.at(-1) === use.right;
    return parameter && along ? { parameter, node } : undefined;
  }
}

/** A bias folds into its weight's factors only if the two are always used together. */
function foldedBias(uses: Uses, all: ReadonlyMap<Parameter, Uses>, trace: Trace): Parameter | undefined {
  const found = uses.weights.map((use) => biasOf(use, trace));
  const bias = found[0]?.parameter;
  if (!bias || bias.size !== uses.weights[0].right) return undefined;
  if (found.some((entry) => entry?.parameter !== bias)) return undefined;
  const own = all.get(bias);
  if (!own || own.weights.length > 0 || own.rows.length !== found.length) return undefined;
  return own.rows.every((node) => found.some((entry) => entry?.node === node)) ? bias : undefined;
}

/** Lists the terms of a trace as they are captured, in the order in which the network meets their parameters. */
export function termsOf(
  trace: Trace,
  nodes: readonly RecordedNode[],
  outputs: number,
  precision: Precision,
): TracedTerm[] {
  const all = collectUses(trace, nodes);
  const folded = new Set<Parameter>();
  const terms: TracedTerm[] = [];
  for (const [parameter, uses] of all) {
    const [use] = uses.weights;
    if (!use) continue;
    if (uses.rows.length > 0)
      refuseNode(use.node, `parameter '${parameter.name}' is used as a matrix and as a row.`);
    const positions = uses.weights.reduce((sum, { positions }) => sum + positions, 0);
    const kind = capturedKind({ positions, left: use.left, right: use.right }, outputs, precision);
    const bias = kind === 'factored' ? foldedBias(uses, all, trace) : undefined;
    if (bias) folded.add(bias);
    const factors = { positions, left: use.left + (bias ? 1 : 0), right: use.right };
    terms.push({
      layer: parameter.layer,
      parameters: bias ? [parameter.name, bias.name] : [parameter.name],
      rule: use.node.kernel === 'Conv2D' || use.node.kernel === 'FusedConv2D' ? 'convolution' : 'dense',
      kind,
      ...(kind === 'factored' ? factors : { positions: 1, left: 0, right: parameter.size }),
      size: parameter.size + (bias?.size ?? 0),
      factors,
      uses: uses.weights,
      parameter,
      bias,
    });
  }
  for (const [parameter, uses] of all) {
    if (uses.weights.length > 0 || folded.has(parameter)) continue;
    terms.push({
      layer: parameter.layer,
      parameters: [parameter.name],
      rule: rowRule(uses.rows[0].kernel),
      kind: 'materialised',
      positions: 1,
      left: 0,
      right: parameter.size,
      size: parameter.size,
      uses: [],
      parameter,
      bias: undefined,
    });
  }
  return terms;
}

function rowRule(kernel: string): string {
  if (kernel === 'FusedBatchNorm') return 'normalisation';
  if (kernel === 'Prelu') return 'slope';
  return kernel === 'Multiply' || kernel === 'RealDiv' ? 'scale' : 'bias';
}
