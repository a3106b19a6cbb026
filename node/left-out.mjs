// What the edge bundle is without: parts of tfjs that loading, running and differentiating a model never reaches. Each is
// replaced by a function that says so; a name that tfjs does not have fails the build.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { direct } from './direct.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Kernels that no layer's forward pass or gradient uses, and netkin neither. Their wasm goes with them. */
const inWasm = [
  'BitwiseAnd',
  'Bincount',
  'Diag',
  'Dilation2D',
  'Dilation2DBackpropFilter',
  'Dilation2DBackpropInput',
  'FlipLeftRight',
  'GatherNd',
  'LinSpace',
  'MaxPoolWithArgmax',
  'Multinomial',
  'NonMaxSuppressionV3',
  'NonMaxSuppressionV4',
  'NonMaxSuppressionV5',
  'RotateWithOffset',
  'ScatterNd',
  'SearchSorted',
  'SparseFillEmptyRows',
  'SparseReshape',
  'SparseToDense',
  'TensorScatterUpdate',
  'TopK',
  'Transform',
];
/** The same for kernels that have another function in wasm, or none. */
const elsewhere = [
  'SparseSegmentMean',
  'SparseSegmentSum',
  'StringNGrams',
  'StringSplit',
  'StringToHashBucketFast',
  'Unique',
];
const kernels = [...inWasm, ...elsewhere];

/** Exports of tfjs's wasm that nothing calls; threads are other binaries. */
export const wasmExports = [
  ...inWasm,
  'SparseSegmentReduction',
  'dynCall_iijjiiii',
  'dynCall_jiji',
  '__errno_location',
  '__indirect_function_table',
];

const core = 'tfjs-core/dist';
const layers = 'tfjs-layers/dist';

/** Modules of which all is left out. */
const modules = [
  // Training: optimizers, and what `fit` and `evaluate` need.
  ...['adadelta', 'adagrad', 'adam', 'adamax', 'momentum', 'rmsprop', 'sgd'].map(
    (name) => `${core}/optimizers/${name}_optimizer`,
  ),
  `${core}/optimizers/optimizer`,
  `${core}/optimizers/optimizer_constructors`,
  `${layers}/base_callbacks`,
  `${layers}/callbacks`,
  `${layers}/engine/training_dataset`,
  `${layers}/engine/training_utils`,
  `${layers}/exports_metrics`,
  `${layers}/logs`,
  `${layers}/metrics`,
  `${layers}/optimizers`,
  `${layers}/user_defined_metadata`,
  `${layers}/utils/layer_utils`,
  // Places to load from and save to: netkin hands over what it has read itself.
  ...['browser_files', 'http', 'indexed_db', 'local_storage', 'model_management', 'weights_loader'].map(
    (name) => `${core}/io/${name}`,
  ),
  // Operations on words, complex numbers, boxes and colours.
  `${core}/hash_util`,
  ...['fft', 'ifft', 'irfft', 'rfft'].map((name) => `${core}/public/chained_ops/${name}`),
  ...[
    'flip_left_right',
    'grayscale_to_rgb',
    'rgb_to_grayscale',
    'rotate_with_offset',
    'threshold',
    'transform',
  ].map((name) => `${core}/ops/image/${name}`),
  ...['', '_async', '_padded', '_padded_async', '_with_score', '_with_score_async'].map(
    (name) => `${core}/ops/image/non_max_suppression${name}`,
  ),
  `${core}/ops/linalg/gram_schmidt`,
];

/** Functions and methods that are left out of a module, the rest of which stays. */
const parts = {
  [`${core}/io/io_utils`]: ['encodeWeights', 'decodeWeightsStream'],
  [`${layers}/engine/training`]: [
    'LayersModel.compile',
    'LayersModel.evaluate',
    'LayersModel.evaluateDataset',
    'LayersModel.fit',
    'LayersModel.fitDataset',
    'LayersModel.fitLoop',
    'LayersModel.getMetricIdentifiers',
    'LayersModel.getTrainingConfig',
    'LayersModel.loadTrainingConfig',
    'LayersModel.makeTestFunction',
    'LayersModel.makeTrainFunction',
    'LayersModel.save',
    'LayersModel.standardizeUserData',
    'LayersModel.standardizeUserDataXY',
    'LayersModel.summary',
    'LayersModel.testLoop',
    'LayersModel.trainOnBatch',
  ],
  [`${layers}/models`]: ['modelFromJSON'],
};

/** How a left-out name is replaced: a function, for calls and for `new`, that fails by name. */
const helper = 'netkin:left-out';
const helperSource = `
export const leftOut = (name) => function () {
  throw new Error("netkin's edge bundle is without " + name + ' of tfjs.');
};
export const leftOutKernel = (kernelName) => ({ kernelName, backendName: 'wasm', kernelFunc: leftOut('the kernel ' + kernelName) });`;

/** Files that call methods of ml-matrix's matrices. */
const callers = [
  ...readdirSync(join(root, 'src/similarity')).map((name) => join(root, 'src/similarity', name)),
  ...['evd', 'lu', 'util'].map((name) => join(root, `node_modules/ml-matrix/src/dc/${name}.js`)),
  join(root, 'node_modules/ml-matrix/src/util.js'),
];

const parse = (code) => ts.createSourceFile('', code, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);

/** A module whose exports, those of `code`, all fail by name. */
function failing(code) {
  const names = parse(code).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement))
      return statement.exportClause.elements.map(({ name }) => name.text);
    if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    const declared = statement.declarationList?.declarations ?? [statement];
    return declared.map(({ name }) => name.text);
  });
  const lines = names.map((name) => `export const ${name} = /* @__PURE__ */ leftOut('${name}');`);
  return [`import { leftOut } from '${helper}';`, ...lines].join('\n');
}

/** The module with the functions and methods `names` failing by name. */
function without(code, path, names) {
  const source = parse(code);
  const cuts = new Map();
  const cut = (name, { body }) => {
    if (body && names.includes(name)) cuts.set(name, [body.getStart(source), body.end]);
  };
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement)) cut(statement.name.text, statement);
    if (!ts.isClassDeclaration(statement)) continue;
    for (const { name, body } of statement.members) {
      if (name) cut(`${statement.name.text}.${name.getText(source)}`, { body });
    }
  }
  const missing = names.filter((name) => !cuts.has(name));
  if (missing.length > 0) throw new Error(`${path} has no ${missing.join(', ')} to leave out.`);
  let rest = code;
  for (const [name, [start, end]] of [...cuts].reverse())
    rest = `${rest.slice(0, start)}{ return leftOut('${name}')(); }${rest.slice(end)}`;
  return `import { leftOut } from '${helper}';\n${rest}`;
}

/** ml-matrix's matrices without the methods that neither our code nor a method that stays names. */
function named(code) {
  const source = parse(code);
  const matrix = source.statements.find(({ name }) => name?.text === 'AbstractMatrix');
  const open = new Map();
  for (const member of matrix.members)
    if (ts.isMethodDeclaration(member) && ts.isIdentifier(member.name)) open.set(member, member.name.text);
  const text = (node) => code.slice(node.getStart(source), node.end);
  const rest = [...matrix.members, ...source.statements].filter((node) => !open.has(node) && node !== matrix);
  const texts = [...rest.map(text), ...callers.map((path) => readFileSync(path, 'utf8'))];
  for (let next = texts.pop(); next !== undefined; next = texts.pop()) {
    const names = new Set(Array.from(next.matchAll(/(?<!\bMath)\.(\w+)/g), ([, name]) => name));
    for (const [member, name] of open) {
      if (!names.has(name)) continue;
      open.delete(member);
      texts.push(text(member));
    }
  }
  let result = code;
  for (const member of [...open.keys()].reverse())
    result = result.slice(0, member.getStart(source)) + result.slice(member.end);
  return result;
}

/** An esbuild plugin; a module that is listed here and not met in the bundle fails the build. */
export const leftOut = {
  name: 'left out',
  setup({ onResolve, onLoad, onEnd }) {
    const listed = new Map();
    for (const path of modules) listed.set(path, failing);
    for (const [path, names] of Object.entries(parts)) listed.set(path, (code) => without(code, path, names));
    // Called while tfjs is loaded.
    listed.set(`${core}/optimizers/register_optimizers`, () => 'export function registerOptimizers() {}');
    for (const kernel of kernels) {
      listed.set(`tfjs-backend-wasm/dist/kernels/${kernel}`, (code) => {
        const name = code.match(/^export const (\w+Config) = /m)[1];
        return `import { leftOutKernel } from '${helper}';\nexport const ${name} = leftOutKernel('${kernel}');`;
      });
    }
    const met = new Set();
    onResolve({ filter: new RegExp(`^${helper}$`) }, () => ({ path: helper, namespace: 'left-out' }));
    onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: helperSource }));
    onLoad({ filter: /[\\/]@tensorflow[\\/].*\.js$/ }, ({ path }) => {
      const name = path.replaceAll('\\', '/').replace(/^.*\/@tensorflow\/(.*)\.js$/, '$1');
      const replace = listed.get(name);
      if (!replace) return undefined;
      met.add(name);
      return { contents: direct(replace(readFileSync(path, 'utf8'))) };
    });
    onLoad({ filter: /[\\/]ml-matrix[\\/]src[\\/]matrix\.js$/ }, ({ path }) => ({
      contents: named(readFileSync(path, 'utf8')),
    }));
    onEnd(() => {
      const idle = [...listed.keys()].filter((name) => !met.has(name));
      return { errors: idle.map((name) => ({ text: `${name} is to be left out, and is not there.` })) };
    });
  },
};
