/** Models handed over as files in memory: read as files on disk are, and refused for the same reasons. */
import { open, ready } from 'netkin';
import { beforeAll, expect, it } from 'vitest';
import { smallClassifier } from '../../src/network/training.js';
import { modelFiles } from '../model-files.js';
import { randomInputs } from '../oracle/random.js';

let files: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  await ready();
  const model = smallClassifier([8, 8, 1], 3, 1);
  files = await modelFiles(model);
  model.dispose();
});

/** The files with one of them changed, or without it. */
function changed(name: string, content: Uint8Array | undefined): Map<string, Uint8Array> {
  const others = new Map([...files].filter(([own]) => own !== name));
  return content ? others.set(name, content) : others;
}

it('opens them as the model they were saved from', async () => {
  const inputs = randomInputs(3, [5, 8, 8, 1]);
  const model = smallClassifier([8, 8, 1], 3, 1);
  await using live = await open(model);
  await using loaded = await open(files);
  const [ours, theirs] = await Promise.all([live.perspective(inputs), loaded.perspective(inputs)]);
  expect((await theirs.matrix()).data).toEqual((await ours.matrix()).data);
  model.dispose();
});

it.each([
  ['model.json', "The model has no file 'model.json'; given are weights.bin."],
  ['weights.bin', "The model has no file 'weights.bin'; given are model.json."],
])('names %s where it is missing', async (name, message) => {
  await expect(open(changed(name, undefined))).rejects.toMatchObject({ code: 'input', message });
});

it('refuses no files at all, truncated ones, and what is not bytes', async () => {
  await expect(open(new Map())).rejects.toMatchObject({
    code: 'input',
    message: "The model has no file 'model.json'; given are none.",
  });
  const truncated = changed('weights.bin', files.get('weights.bin')!.slice(0, -4));
  await expect(open(truncated)).rejects.toMatchObject({ code: 'model', message: /Truncated/ });
  const buffer = files.get('weights.bin')!.slice().buffer as unknown as Uint8Array;
  await expect(open(changed('weights.bin', buffer))).rejects.toMatchObject({
    code: 'input',
    message: "The model's file 'weights.bin' is no Uint8Array.",
  });
});
