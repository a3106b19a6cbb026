import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { asInputs, chosenExamples, fitInputs, readInputFile } from '../../node/cli/inputs.js';
import type { PixelRange } from '../../node/cli/options.js';
import { writePng } from '../../src/format/image.js';
import { writeNpz } from '../../src/format/npz.js';
import type { InputSpec } from '../../src/network/network.js';
import { array, makeWorkspace, points, saveNpy } from './workspace.js';

const folder = makeWorkspace();
const one: readonly InputSpec[] = [{ name: 'pixels', shape: [2] }];

/** A gray image of one row. */
function saveGray(path: string, ...values: number[]): void {
  writeFileSync(
    path,
    writePng({ width: values.length, height: 1, channels: 1, data: Uint8Array.from(values) }),
  );
}

async function fitted(path: string, specs = one, range: PixelRange = 'unit'): Promise<number[][]> {
  const { arrays } = await fitInputs(await readInputFile(join(folder, path)), specs, range);
  return arrays.map(({ data }) => [...data]);
}

beforeAll(() => {
  mkdirSync(join(folder, 'images/b'), { recursive: true });
  mkdirSync(join(folder, 'images/a'));
  mkdirSync(join(folder, 'images/a-z'));
  saveGray(join(folder, 'images/b/1.png'), 255, 51);
  saveGray(join(folder, 'images/a/2.PNG'), 0, 255);
  saveGray(join(folder, 'images/a/10.png'), 51, 0);
  saveGray(join(folder, 'images/a-z/0.png'), 102, 102);
  writeFileSync(join(folder, 'images/a/notes.txt'), 'no image');
  writeFileSync(join(folder, 'images/.hidden.png'), 'no image either');
});

describe('a folder of images', () => {
  test('is read folder by folder in the order of the names, scaled to 0..1', async () => {
    expect(await fitted('images')).toEqual([[0.2, 0, 0, 1, 0.4, 0.4, 1, 0.2].map(Math.fround)]);
  });

  test('keeps 0..255 with --pixels byte, exactly', async () => {
    expect(await fitted('images', one, 'byte')).toEqual([[51, 0, 0, 255, 102, 102, 255, 51]]);
  });

  test('takes the channels that the model wants, and its own size where the model takes any', async () => {
    const colour = [{ name: 'x', shape: [null, null, 3] }];
    expect((await fitted('images', colour, 'byte'))[0]?.slice(0, 6)).toEqual([51, 51, 51, 0, 0, 0]);
  });

  test('of another size than the model takes is refused by the image', async () => {
    await expect(fitted('images', [{ name: 'x', shape: [4, 4, 1] }])).rejects.toThrow(
      /10\.png is 2 × 1 pixels/,
    );
  });
});

describe('IDX images', () => {
  test('are scaled, other numbers are not', async () => {
    writeFileSync(join(folder, 'x.idx'), Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 255, 51));
    saveNpy(join(folder, 'bytes.npy'), array(Uint8Array.of(255, 51), 1, 2));
    expect(await fitted('x.idx')).toEqual([[1, Math.fround(0.2)]]);
    expect(await fitted('x.idx', one, 'byte')).toEqual([[255, 51]]);
    expect(await fitted('bytes.npy')).toEqual([[255, 51]]);
  });
});

describe('an .npz', () => {
  const save = (name: string, ...names: string[]) =>
    writeFileSync(
      join(folder, name),
      writeNpz(Object.fromEntries(names.map((key, i) => [key, array(Float32Array.of(i, i), 1, 2)]))),
    );

  test('of one array serves a model of one input', async () => {
    save('single.npz', 'anything');
    expect(await fitted('single.npz')).toEqual([[0, 0]]);
  });

  test('of several arrays gives the one named like the input, else images, inputs or x', async () => {
    save('named.npz', 'images', 'pixels');
    save('usual.npz', 'labels', 'inputs');
    expect(await fitted('named.npz')).toEqual([[1, 1]]);
    expect(await fitted('usual.npz')).toEqual([[1, 1]]);
  });

  test('of other names is refused by what it holds', async () => {
    save('odd.npz', 'a', 'b');
    await expect(fitted('odd.npz')).rejects.toThrow('holds a, b');
  });

  test('serves a model of several inputs by name, in the order of the model', async () => {
    const two = [...one, { name: 'a', shape: [2] }];
    save('both.npz', 'a', 'pixels');
    expect(await fitted('both.npz', two)).toEqual([
      [1, 1],
      [0, 0],
    ]);
    await expect(fitted('odd.npz', two)).rejects.toThrow("no array for the model input 'pixels'");
    await expect(fitted('bytes.npy', two)).rejects.toThrow(
      'give an .npz with one array for each of pixels, a',
    );
  });
});

test('chosen examples are copies in the order asked for', () => {
  const { arrays, ...set } = chosenExamples(
    { size: 3, arrays: [array(Float32Array.of(0, 1, 2, 3, 4, 5), 3, 2)] },
    [2, 0],
  );
  expect(set.size).toBe(2);
  expect(asInputs({ ...set, arrays }, one)).toEqual(array(Float32Array.of(4, 5, 0, 1), 2, 2));
});

test('errors name the file', async () => {
  saveNpy(join(folder, 'wide.npy'), points(2, 3));
  saveNpy(join(folder, 'none.npy'), points(0, 2));
  await expect(fitted('wide.npy')).rejects.toThrow(/wide\.npy' has the shape 2 × 3, the model takes n × 2/);
  await expect(fitted('none.npy')).rejects.toThrow(/none\.npy' holds no examples/);
});
