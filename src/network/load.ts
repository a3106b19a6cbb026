/**
 * Reads a tfjs layers model from `model.json` and its weight files. The file comes from outside: names that leave
 * its folder, sizes that its bytes do not have and keys that would reach into prototypes are refused.
 */
import { elements } from '../array.js';
import { NetkinError, refuse } from '../errors.js';
import { tf } from './tfjs.js';

/** Reads one file that lies beside `model.json`. */
export type ReadSibling = (path: string) => Promise<Uint8Array>;

interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly tf.io.WeightsManifestEntry[];
}

const bytesPerValue: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};
const poison = new Set(['__proto__', 'constructor', 'prototype']);

function parse(bytes: Uint8Array, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), (key, item) => {
      if (poison.has(key))
        refuse('model', `'${name}' holds the key '${key}', which no model needs; refused.`);
      return item;
    });
  } catch (error) {
    if (error instanceof NetkinError) throw error;
    refuse(
      'model',
      `'${name}' is not a JSON file: ${(error as Error).message}. Expected a tfjs model.json.`,
      error,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('model', `'${name}' is no tfjs model: its top level is not an object.`);
  }
  return value as Record<string, unknown>;
}

function weightGroups(model: Record<string, unknown>, name: string): WeightGroup[] {
  const groups = model.weightsManifest;
  if (!Array.isArray(groups))
    refuse('model', `'${name}' has no weightsManifest: it is not a saved tfjs model.`);
  return groups.map((group: Partial<WeightGroup> | null) => {
    if (!Array.isArray(group?.paths) || !Array.isArray(group?.weights)) {
      refuse('model', `'${name}': the weightsManifest needs lists 'paths' and 'weights'.`);
    }
    for (const path of group.paths) {
      // An allow-list: URLs decode and strip what a list of forbidden parts would have to foresee.
      const inside = typeof path === 'string' && /^[\w-][\w .-]*(\/[\w-][\w .-]*)*$/.test(path);
      if (inside) continue;
      refuse(
        'model',
        `'${name}' names the weight file ${JSON.stringify(path)}, which is not a plain name inside its folder; refused.`,
      );
    }
    for (const weight of group.weights) assertWeight(weight, name);
    return group as WeightGroup;
  });
}

function assertWeight(weight: tf.io.WeightsManifestEntry, name: string): void {
  const shape: unknown = weight?.shape;
  const sound = Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (typeof weight?.name !== 'string' || !sound)
    refuse('model', `'${name}': a weight has no name or no valid shape.`);
  if (!Object.hasOwn(bytesPerValue, weight.dtype)) {
    refuse(
      'unsupported',
      `'${name}': weight '${weight.name}' has dtype '${weight.dtype}', which netkin does not read.`,
    );
  }
}

function storedBytes(weight: tf.io.WeightsManifestEntry): number {
  const stored = weight.quantization?.dtype ?? weight.dtype;
  return elements(weight.shape) * (bytesPerValue[stored] ?? 4);
}

/** Numbers of one input: 64 megapixels in colour. tfjs allocates first layers by it before it compares weights. */
const LARGEST_INPUT = 2e8;

/** Refuses layers that declare more units than the file has weights: tfjs would allocate before it compares. */
function assertModest(value: unknown, limit: number, name: string): void {
  if (Array.isArray(value)) for (const item of value) assertModest(item, limit, name);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const grows = ['units', 'filters', 'input_dim', 'output_dim', 'inputDim', 'outputDim'].includes(key);
    const shape = key === 'batch_input_shape' && Array.isArray(item) ? item.filter(Number.isFinite) : [];
    if (elements(shape as number[]) > LARGEST_INPUT) {
      refuse(
        'model',
        `'${name}' declares inputs of ${shape.join(' × ')} numbers; the limit is ${LARGEST_INPUT}.`,
      );
    }
    if (grows && typeof item === 'number' && item > limit) {
      refuse(
        'model',
        `'${name}' declares ${key} = ${item}, but its weight files hold only ${limit} values; refused.`,
      );
    }
    assertModest(item, limit, name);
  }
}

/** Loads the layers model in `bytes` (a `model.json` called `name`). */
export async function loadLayersModel(
  bytes: Uint8Array,
  name: string,
  sibling: ReadSibling,
): Promise<tf.LayersModel> {
  const json = parse(bytes, name);
  const topology = json.modelTopology as Record<string, unknown> | undefined;
  if (!topology || typeof topology !== 'object')
    refuse('model', `'${name}' has no modelTopology: weights alone are no model.`);
  const graph = json.format === 'graph-model' || 'node' in topology;
  if (graph) refuse('unsupported', `'${name}' is a graph model; netkin reads tfjs layers models so far.`);

  const groups = weightGroups(json, name);
  const specs = groups.flatMap((group) => group.weights);
  assertModest(
    topology,
    specs.reduce((sum, weight) => sum + elements(weight.shape), 0),
    name,
  );
  const parts: Uint8Array[] = [];
  for (const group of groups) {
    const expected = group.weights.reduce((sum, weight) => sum + storedBytes(weight), 0);
    const files: Uint8Array[] = [];
    for (const path of group.paths) files.push(await sibling(path));
    const found = files.reduce((sum, file) => sum + file.length, 0);
    if (found !== expected) {
      refuse(
        'model',
        `The weight files of '${name}' (${group.paths.join(', ')}) hold ${found} bytes; ${expected} are declared. Truncated?`,
      );
    }
    parts.push(...files);
  }
  // Allocated only now that the declared sizes are known to be those of the files.
  const data = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  try {
    return await tf.loadLayersModel(
      tf.io.fromMemory({ modelTopology: topology, weightSpecs: [...specs], weightData: data.buffer }),
    );
  } catch (error) {
    refuse(
      'model',
      `tfjs cannot build the model in '${name}': ${(error as Error).message.split(/\n| This may be due/)[0]}`,
      error,
    );
  }
}
