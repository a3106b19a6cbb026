/** Wrong calls and wrong files: one line that says what, where and what to do, exit code 2, nothing written. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { classifier, embedding, frozen, recurrent, saveModel, separable, startTfjs } from './models.js';
import { array, makeWorkspace, points, refusal, saveNpy } from './workspace.js';

const folder = makeWorkspace();
const at = (name: string) => join(folder, name);

/** A copy of the classifier with another model.json. */
function damaged(name: string, edit: (json: string) => string): void {
  cpSync(at('model'), at(name), { recursive: true });
  writeFileSync(at(`${name}/model.json`), edit(readFileSync(at('model/model.json'), 'utf8')));
}

beforeAll(async () => {
  await startTfjs();
  const models = { model: classifier, frozen, recurrent, embedding, separable };
  for (const [name, make] of Object.entries(models)) await saveModel(make(), at(name));
  const inputs = points(6, 4);
  saveNpy(at('x.npy'), inputs);
  saveNpy(at('x1.npy'), points(1, 4));
  saveNpy(at('y.npy'), array(Int32Array.of(0, 1, 2, 0, 1, 2), 6));
  saveNpy(at('five.npy'), array(Int32Array.of(0, 1, 2, 0, 1), 5));
  saveNpy(at('nine.npy'), array(Int32Array.of(0, 1, 2, 9, 1, 2), 6));
  saveNpy(at('zero.npy'), array(Int32Array.of(0), 1));
  const broken = inputs.data.slice();
  broken[9] = Number.NaN;
  saveNpy(at('nan.npy'), array(broken, 6, 4));
  writeFileSync(at('cut.npy'), readFileSync(at('x.npy')).subarray(0, 150));
  writeFileSync(at('exists.npy'), 'precious');
  mkdirSync(at('folder.npy'));

  damaged('truncated', (json) => json.slice(0, 200));
  damaged('outside', (json) => json.replace('"weights.bin"', '"../model/weights.bin"'));
  damaged('poisoned', (json) => json.replace('{', '{"__proto__":{"polluted":true},'));
  damaged('huge', (json) => json.replace('"units":6', '"units":1000000000'));
  damaged('short', (json) => json);
  writeFileSync(at('short/weights.bin'), Buffer.alloc(100));
  damaged('missing', (json) => json);
  rmSync(at('missing/weights.bin'));
  damaged('nan', (json) => json);
  writeFileSync(at('nan/weights.bin'), Buffer.alloc(204, 0xff));
});

describe('a model is refused', () => {
  test.each([
    ['nowhere', "'nowhere' does not exist"],
    ['truncated', 'is not a JSON file'],
    ['missing', "missing/weights.bin' does not exist"],
    ['short', 'hold 100 bytes; 204 are declared'],
    ['nan', "Weight 'hidden/kernel' holds NaN"],
    ['outside', 'which is not a plain name inside its folder; refused'],
    ['poisoned', "the key '__proto__'"],
    ['huge', 'declares units = 1000000000'],
    ['recurrent', "Layer 'memory'"],
    ['embedding', "Layer 'words'"],
    ['separable', "Layer 'separable'"],
    ['frozen', 'no trainable parameter'],
  ])('%s: %s', (model, reason) => {
    expect(refusal(folder, 'density', model, 'x.npy', '-o', 'out.npy')).toContain(reason);
  });
});

describe('data are refused', () => {
  test.each([
    [['density', 'model', 'nothing.npy'], "'nothing.npy' does not exist"],
    [['density', 'model', 'cut.npy'], 'cut.npy is cut off'],
    [['density', 'model', 'nan.npy'], 'element [2, 1] is NaN'],
    [['density', 'model', 'y.npy'], "'y.npy' has the shape 6"],
    [['nearest', 'model', 'x.npy', '-k', '7'], '-k is 7, but the set has only 6 inputs'],
    [['suspects', 'model', 'x.npy', 'five.npy'], 'There are 5 labels for 6 inputs'],
    [['suspects', 'model', 'x.npy', 'nine.npy'], 'Label 3 is 9'],
    [['suspects', 'model', 'x1.npy', 'zero.npy'], 'at least 2 inputs'],
    [['explain', 'model', 'x.npy', '--pair', '1,6'], 'inputs 0 to 5'],
    [['matrix', 'model', 'x.npy', '--output', 'all'], "Layer 'output' ends the network with softmax"],
    [['matrix', 'model', 'x.npy', '--output', '3'], 'outputs 0 to 2'],
    [['matrix', 'model', 'x.npy', '--parameters', 'none*'], 'No trainable parameter matches'],
    [['matrix', 'model', 'x.npy', '--memory', '1KiB'], 'memory allows 1 KiB'],
  ])('%j: %s', (words, reason) => {
    expect(refusal(folder, ...words)).toContain(reason);
  });
});

describe('a call is refused before tfjs loads', () => {
  test.each([
    [[], 'no verb given'],
    [['frobnicate'], "unknown command 'frobnicate'; see netkin --help"],
    [['dens'], "unknown command 'dens' (Did you mean density?); see netkin --help"],
    [['matrx'], '(Did you mean matrix?)'],
    [['density', 'model', '/dev/zero'], "'/dev/zero' is a device"],
    [['suspects', 'model', 'x.npy', 'model'], 'INPUTS is the file'],
    [['matrix', 'model'], "missing required argument 'INPUTS'; see netkin matrix --help"],
    [['matrix', 'model', 'x.npy', 'more'], 'too many arguments'],
    [['matrix', 'model', 'x.npy', '--overwrit'], '(Did you mean --overwrite?)'],
    [['matrix', 'model', 'x.npy', '--of', 'loss'], '--of loss needs --labels FILE'],
    [['density', 'model', 'x.npy', '--threshold', '0.5'], 'belongs to --kind hard'],
    [['denoise', 'model', 'x.npy', 'y.npy', '--output', 'contrast'], 'denoise averages outputs'],
    [['denoise', 'model', 'x.npy', 'y.npy', '--output', 'contrast:1'], 'denoise averages outputs'],
    [['density', 'model', 'x.npy', '--output', 'contrast:x'], 'or contrast[:CLASS[:OTHER]]'],
    [['density', 'model', 'x.npy', '--output', 'contrast:3'], 'Contrast class is 3; classes run from 0 to 2'],
    [['density', 'model', 'x.npy', '--output', 'contrast:1:1'], 'class of input 0 is its adversary'],
    [['density', 'model', 'x.npy', '--output', 'contrast:labels'], '--output contrast:labels needs --labels'],
    [['report', 'model', 'x.npy', '--output', 'contrast:labels'], '--output contrast:labels needs'],
    [['inspect', 'model', '--output', 'contrast:labels'], '--output contrast:labels needs'],
    [['density', 'model', 'x.npy', '--labels', 'y.npy'], '--of loss and --output contrast:labels only'],
    [
      ['suspects', 'model', 'x.npy', 'nine.npy', '--output', 'contrast:labels'],
      'Contrast class of input 3 is 9',
    ],
    [
      ['suspects', 'model', 'x.npy', 'x.npy', '--output', 'contrast:labels:sampled'],
      '--output contrast:labels:sampled needs class ids; these labels are targets of 4 numbers',
    ],
    [
      ['nearest', 'model', 'x.npy', '--queries', 'x.npy', '--output', 'contrast:1:sampled'],
      '--queries cannot go with --output contrast:1:sampled',
    ],
    [
      ['matrix', 'model', 'x.npy', '--against', 'x.npy', '--output', 'contrast:labels', '--labels', 'y.npy'],
      '--against cannot go with --output contrast:labels',
    ],
    [['nearest', 'model', 'x.npy', '-o', 'x.parquet'], 'Parquet output is not there yet'],
    [['matrix', 'model', 'x.npy', '-o', 'exists.npy'], 'add --overwrite'],
    [['matrix', 'model', 'x.npy', '-o', 'folder.npy', '--overwrite'], 'is a folder'],
    [['matrix', 'model', 'x.npy', '-o', 'none/out.npy'], "the folder 'none' does not exist"],
    [['matrix', 'model', 'x.npy', '--blocks', '-o', 'out.csv'], 'with --blocks write .npy'],
  ])('%j: %s', (words, reason) => {
    expect(refusal(folder, ...words)).toContain(reason);
  });

  test('and what existed is untouched', () => {
    expect(readFileSync(at('exists.npy'), 'utf8')).toBe('precious');
  });
});
