import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import {
  asInputs,
  chosenExamples,
  filesOf,
  fitInputs,
  readInputFile,
  readLabels,
} from '../../node/cli/inputs.js';
import { printNotes } from '../../node/cli/terminal.js';
import { writePng } from '../../src/format/image.js';
import type { PixelRange } from '../../src/format/image-inputs.js';
import { writeNpz } from '../../src/format/npz.js';
import { Examples } from '../../src/inputs.js';
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
  const examples = await fitInputs(await readInputFile(join(folder, path)), specs, range);
  return examples.slice(0, examples.size).map(({ data }) => [...data]);
}

/** The remarks that `work` leaves on stderr. */
async function notesOf(work: () => Promise<unknown>): Promise<string> {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    printNotes(); // of tests before
    stderr.mockClear();
    await work();
    printNotes();
    return stderr.mock.calls.map(([text]) => text).join('');
  } finally {
    stderr.mockRestore();
  }
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
  test('is read folder by folder in natural order of the names, scaled to 0..1', async () => {
    expect(await fitted('images')).toEqual([[0, 1, 0.2, 0, 0.4, 0.4, 1, 0.2].map(Math.fround)]);
    const files = filesOf(await readInputFile(join(folder, 'images')));
    expect(files).toEqual(['a/2.PNG', 'a/10.png', 'a-z/0.png', 'b/1.png']);
  });

  test('keeps 0..255 with --pixels byte, exactly', async () => {
    expect(await fitted('images', one, 'byte')).toEqual([[0, 255, 51, 0, 102, 102, 255, 51]]);
  });

  test('takes the channels that the model wants, and its own size where the model takes any', async () => {
    const colour = [{ name: 'x', shape: [null, null, 3] }];
    expect((await fitted('images', colour, 'byte'))[0]?.slice(0, 6)).toEqual([0, 0, 0, 255, 255, 255]);
  });

  test('of another size than the model takes is refused by the image', async () => {
    await expect(fitted('images', [{ name: 'x', shape: [4, 4, 1] }])).rejects.toThrow(
      /2\.PNG is 2 × 1 pixels/,
    );
  });
});

describe('labels from sub-folders', () => {
  const labelsOf = async (labels: string, inputs = 'images') =>
    readLabels(join(folder, labels), await readInputFile(join(folder, inputs)));

  test('are the names of the first folders, in sorted order', async () => {
    const { classes, array } = await labelsOf('images');
    expect(classes).toEqual(['a', 'a-z', 'b']);
    expect([...array.data]).toEqual([0, 0, 1, 2]);
  });

  test('may come from another folder of the same files', async () => {
    cpSync(join(folder, 'images'), join(folder, 'copy'), { recursive: true });
    expect([...(await labelsOf('copy')).array.data]).toEqual([0, 0, 1, 2]);
    saveGray(join(folder, 'copy/b/2.png'), 0, 0);
    await expect(labelsOf('copy')).rejects.toThrow("image 4 is 'b/2.png' there and 'missing' in INPUTS");
  });

  test('are refused where images lie in no sub-folder, or INPUTS is no folder', async () => {
    await expect(labelsOf('images/a', 'images/a')).rejects.toThrow("'2.PNG' lies in no sub-folder");
    saveNpy(join(folder, 'x.npy'), points(4, 2));
    await expect(labelsOf('images', 'x.npy')).rejects.toThrow('INPUTS is the file');
  });
});

describe('what is no file', () => {
  test.each(['/dev/zero', '/dev/null'])('%s is refused unread, as a device', async (path) => {
    await expect(readInputFile(path)).rejects.toThrow(`'${path}' is a device`);
  });

  test('a pipe is refused before anybody waits for it', async () => {
    execFileSync('sh', ['-c', 'mkfifo pipe.npy images/pipe'], { cwd: folder });
    await expect(readInputFile(join(folder, 'pipe.npy'))).rejects.toThrow(/pipe\.npy' is a pipe/);
    expect(await fitted('images')).toHaveLength(1); // other entries of a folder are not looked at
  });

  test('a file of another kind is refused by its name', async () => {
    writeFileSync(join(folder, 'x.txt'), '1,2');
    await expect(readInputFile(join(folder, 'x.txt'))).rejects.toThrow('not known by its name');
  });
});

describe('remarks', () => {
  test('say which first row was taken as names of columns', async () => {
    writeFileSync(join(folder, 'named.csv'), 'a,b\n1,2\n');
    writeFileSync(join(folder, 'bare.csv'), '1,2\n');
    writeFileSync(join(folder, 'label.csv'), 'index,label\n0,cat\n');
    const path = join(folder, 'named.csv');
    const said = `netkin: first row of ${path} taken as names of columns\n`;
    expect(await notesOf(() => fitted('named.csv'))).toBe(said);
    expect(await notesOf(() => fitted('bare.csv'))).toBe('');
    const inputs = await readInputFile(join(folder, 'bare.csv'));
    expect(await notesOf(() => readLabels(path, inputs))).toBe(said);
    expect(await notesOf(() => readLabels(join(folder, 'label.csv'), inputs))).toBe('');
  });

  test('say once that bytes in the shape of images are taken as they are', async () => {
    const byte = (...values: number[]) => array(Uint8Array.from(values), 1, 2, 1);
    const square: readonly InputSpec[] = [{ name: 'pixels', shape: [2, 1] }];
    saveNpy(join(folder, 'cube.npy'), byte(255, 51));
    saveNpy(join(folder, 'mask.npy'), byte(1, 0));
    writeFileSync(join(folder, 'cubes.npz'), writeNpz({ pixels: byte(255, 51) }));
    for (const name of ['cube.npy', 'cubes.npz']) {
      expect(await notesOf(async () => [await fitted(name, square), await fitted(name, square)])).toBe(
        `netkin: values 0..255 of ${join(folder, name)} taken as they are; divide by 255 if the network was trained on 0..1\n`,
      );
    }
    expect(await notesOf(() => fitted('mask.npy', square))).toBe('');
    saveNpy(join(folder, 'flat.npy'), array(Uint8Array.of(255, 51), 1, 2));
    expect(await notesOf(() => fitted('flat.npy'))).toBe('');
  });
});

test("numpy's default integers, int64, are inputs", async () => {
  const header = "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117);
  const words = BigInt64Array.of(1n, -2n, 3n, 4n);
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, 'latin1');
  writeFileSync(join(folder, 'long.npy'), Buffer.concat([head, Buffer.from(words.buffer)]));
  expect(await fitted('long.npy')).toEqual([[1, -2, 3, 4]]);
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
  const set = new Examples([array(Float32Array.of(0, 1, 2, 3, 4, 5), 3, 2)]);
  const chosen = chosenExamples(set, [2, 0]);
  expect(chosen.size).toBe(2);
  expect(asInputs(chosen, one)).toEqual(array(Float32Array.of(4, 5, 0, 1), 2, 2));
});

test('errors name the file', async () => {
  saveNpy(join(folder, 'wide.npy'), points(2, 3));
  saveNpy(join(folder, 'none.npy'), points(0, 2));
  await expect(fitted('wide.npy')).rejects.toThrow(/wide\.npy' has the shape 2 × 3, the model takes n × 2/);
  await expect(fitted('none.npy')).rejects.toThrow(/none\.npy' holds no examples/);
});
