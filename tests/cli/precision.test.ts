/** `--precision` and `--seed`: estimates that say so, the same in every run; sizes that mean nothing are refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readNpy } from '../../src/format/npy.js';
import { convolutional, saveModel, startTfjs } from './models.js';
import { array, makeWorkspace, netkin, points, refusal, saveNpy } from './workspace.js';

const folder = makeWorkspace();
const n = 12;

beforeAll(async () => {
  await startTfjs();
  await saveModel(convolutional(), join(folder, 'model'));
  saveNpy(join(folder, 'x.npy'), array(points(n, 90).data, n, 6, 5, 3));
});

function run(...words: string[]): { stdout: string; stderr: string } {
  const { code, stdout, stderr } = netkin(folder, ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  return { stdout, stderr };
}

const matrix = (name: string) => readNpy(readFileSync(join(folder, name)), name).data;

describe('a sketch', () => {
  const sketch = ['--precision', '24', '--seed', '3'];

  test('changes the matrix a little, in the same way each time, and says by how much', () => {
    run('matrix', 'model', 'x.npy', '-o', 'exact.npy');
    const { stderr } = run('matrix', 'model', 'x.npy', '-o', 'a.npy', ...sketch);
    expect(stderr).toMatch(/similarities k are estimates, standard deviation up to 0\.\d{4} · \(1 − k²\)/);
    run('matrix', 'model', 'x.npy', '-o', 'b.npy', '--batch', '5', '--threads', '2', ...sketch);
    run('matrix', 'model', 'x.npy', '-o', 'c.npy', '--precision', '24', '--seed', '4');
    const [exact, one, two, other] = ['exact.npy', 'a.npy', 'b.npy', 'c.npy'].map(matrix);
    expect(two).toEqual(one);
    expect(other).not.toEqual(one);
    for (let i = 0; i < n * n; i++) {
      expect(Math.abs(Number(one![i]) - Number(exact![i]))).toBeLessThan(0.7);
      if (i % (n + 1) === 0) expect(Number(one![i])).toBeCloseTo(1, 5);
    }
  });

  test('serves nearest, density and explain', () => {
    run('nearest', 'model', 'x.npy', '--queries', 'x.npy', '-k', '1', '-o', 'near.csv', ...sketch);
    const rows = readFileSync(join(folder, 'near.csv'), 'utf8').trim().split('\n').slice(1);
    // Queries share the signs of the set: every input finds itself.
    expect(rows).toHaveLength(n);
    for (const row of rows) expect(Number(row.split(',').at(-1))).toBeCloseTo(1, 5);
    for (const kind of ['soft', 'hard', 'power'])
      run('density', 'model', 'x.npy', '--kind', kind, '-o', `${kind}.npy`, ...sketch);
    run('explain', 'model', 'x.npy', '--pair', '1,2', ...sketch);
  });

  test('is planned: inspect shows each form, its cost, and the error', () => {
    const { stdout } = run('inspect', 'model', 'x.npy', ...sketch);
    expect(stdout).toMatch(/precision +24 numbers per output of a sketched layer, seed 3/);
    // 12 positions of 27 activities and 4 values, 108 parameters, two outputs.
    expect(stdout).toMatch(/\n1 +kernel +8 928, 1\.64 KiB +216, 864 B +\* 48, 192 B\n/);
    expect(run('inspect', 'model').stdout).toMatch(/precision +exact\n/);
    const { terms, deviation } = JSON.parse(netkin(folder, 'inspect', 'model', '--json', ...sketch).stdout);
    expect(terms[0]).toMatchObject({ kind: 'sketched', forms: { sketched: { multiplyAdds: 48 } } });
    expect(deviation).toBeGreaterThan(0);
  });

  test('larger than every layer is exact, and says so', () => {
    expect(run('inspect', 'model', '--precision', '512').stdout).toContain('512, and yet exact');
    const { stderr } = run('matrix', 'model', 'x.npy', '-o', 'd.npy', '--precision', '512', '--seed', '3');
    expect(stderr).not.toContain('estimates');
    expect(matrix('d.npy')).toEqual(matrix('exact.npy'));
  });
});

describe('refused', () => {
  test.each(['0', 'abc', '15', '65537', '-512', '1e3', ''])('--precision %j', (size) => {
    expect(refusal(folder, 'matrix', 'model', 'x.npy', `--precision=${size}`)).toContain(
      'exact, or a whole number from 16 to 65536',
    );
  });

  test('--seed beyond 32 bits', () => {
    expect(refusal(folder, 'matrix', 'model', 'x.npy', '--seed', '4294967296')).toContain('Option seed is');
  });

  test('a sketch smaller than the number of outputs', async () => {
    const tf = await import('@tensorflow/tfjs');
    const wide = tf.sequential({ layers: [tf.layers.dense({ name: 'wide', inputShape: [90], units: 40 })] });
    await saveModel(wide, join(folder, 'wide'));
    saveNpy(join(folder, 'flat.npy'), points(n, 90));
    expect(refusal(folder, 'matrix', 'wide', 'flat.npy', '--precision', '39')).toContain(
      'less than the 40 functions compared',
    );
  });
});
