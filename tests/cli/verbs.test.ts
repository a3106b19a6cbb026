/** D23: each verb once as users call it: what it prints and what it writes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writePng } from '../../src/format/image.js';
import { readNpy } from '../../src/format/npy.js';
import { readNpz, writeNpz } from '../../src/format/npz.js';
import {
  classifier,
  convolutional,
  dead,
  dependent,
  regressor,
  saveModel,
  startTfjs,
  twoInputs,
} from './models.js';
import { array, makeWorkspace, netkin, points, saveNpy } from './workspace.js';

const folder = makeWorkspace();
const n = 20;
const names = ['cat', 'dog', 'owl'];

beforeAll(async () => {
  await startTfjs();
  await saveModel(classifier(), join(folder, 'model'));
  await saveModel(dead(), join(folder, 'dead'));
  await saveModel(dependent(), join(folder, 'dependent'));
  await saveModel(regressor(), join(folder, 'regressor'));
  await saveModel(convolutional(), join(folder, 'images-model'));
  for (const [name, seed] of [
    ['ants', 1],
    ['bees', 2],
  ] as const) {
    mkdirSync(join(folder, 'images', name), { recursive: true });
    const data = Uint8Array.from(points(30, 3, seed).data, (value) => 127 * (value + 1));
    writeFileSync(
      join(folder, 'images', name, '0.png'),
      writePng({ width: 5, height: 6, channels: 3, data }),
    );
  }
  await saveModel(twoInputs(), join(folder, 'two'));
  const inputs = points(n, 4);
  saveNpy(join(folder, 'x.npy'), inputs);
  saveNpy(join(folder, 'q.npy'), array(inputs.data.slice(8, 20), 3, 4));
  saveNpy(join(folder, 'x1.npy'), points(1, 4));
  saveNpy(join(folder, 'target.npy'), array(points(n, 1, 7).data, n));
  saveNpy(
    join(folder, 'twice.npy'),
    array(Float32Array.of(...points(2, 4).data, ...points(2, 4).data), 4, 4),
  );
  saveNpy(
    join(folder, 'y.npy'),
    array(
      Int32Array.from({ length: n }, (_, i) => i % 3),
      n,
    ),
  );
  writeFileSync(
    join(folder, 'y.csv'),
    `label\n${Array.from({ length: n }, (_, i) => names[i % 3]).join('\n')}\n`,
  );
  writeFileSync(join(folder, 'two.npz'), writeNpz({ left: points(5, 2), right: points(5, 3, 2) }));
});

/** One entry of the list that `nearest` writes. */
interface Listed {
  readonly neighbours: readonly { readonly index: number }[];
}

/** Runs a call that must succeed; returns stdout. */
function run(...words: string[]): string {
  const { code, stdout, stderr } = netkin(folder, ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  for (const line of stdout.split('\n'))
    expect(line.length).toBeLessThanOrEqual(words.includes('--json') ? 1e6 : 80);
  return stdout;
}

function written(name: string): Buffer {
  return readFileSync(join(folder, name));
}

const npy = (name: string) => readNpy(written(name), name);

describe('inspect', () => {
  test('tells layers, coverage, the softmax looked through, the plan, the check and the cost', () => {
    const text = run('inspect', 'model', 'x.npy');
    expect(text).toMatch(/inputs +hidden_input 4\n/);
    expect(text).toContain("softmax of layer 'output' looked through");
    expect(text).toMatch(/parameters +51 in 4 arrays, all used/);
    expect(text).toContain('2 layers confirmed by finite differences');
    expect(text).toMatch(/1 +kernel \+ bias +dense +factored +1 +5 \+ 6 +23 +92 B/);
    expect(text).toMatch(/all pairs +8 190 multiply-adds for 210 pairs/); // 39 per pair
  });

  test('gives the same as JSON', () => {
    const { compared, terms, prediction } = JSON.parse(run('inspect', 'model', 'x.npy', '--json'));
    expect({ compared, terms: terms.length, pairs: prediction.pairs }).toEqual({
      compared: 3,
      terms: 2,
      pairs: 210,
    });
  });
});

describe('matrix', () => {
  test('writes n × n float32, symmetric with a diagonal of 1, the same for any batch', () => {
    run('matrix', 'model', 'x.npy', '-o', 'k.npy');
    run(
      'matrix',
      'model/model.json',
      'x.npy',
      '-o',
      'k7.npy',
      '--batch',
      '7',
      '--quiet',
      '--threads',
      '2',
      '--seed',
      '3',
    );
    const { shape, data } = npy('k.npy');
    expect(shape).toEqual([n, n]);
    expect(data).toBeInstanceOf(Float32Array);
    for (let i = 0; i < n; i++) {
      expect(data[i * n + i]).toBeCloseTo(1, 6);
      for (let j = 0; j < i; j++) expect(data[i * n + j]).toBe(data[j * n + i]);
    }
    expect(written('k7.npy')).toEqual(written('k.npy'));
  });

  test('writes n × m against other inputs, as CSV without header', () => {
    run('matrix', 'model', 'x.npy', '--against', 'q.npy', '--kernel', 'influence', '-o', 'a.csv');
    const lines = written('a.csv').toString().trimEnd().split('\n');
    expect([lines.length, lines[0]?.split(',').length]).toEqual([n, 3]);
  });

  test('writes n × m × d × d blocks whose mean trace is the kernel', () => {
    run('matrix', 'model', 'q.npy', '--blocks', '--kernel', 'inner', '-o', 'blocks.npy');
    run('matrix', 'model', 'q.npy', '--kernel', 'inner', '-o', 'inner.npy');
    const blocks = npy('blocks.npy');
    expect(blocks.shape).toEqual([3, 3, 3, 3]);
    const traces = Array.from({ length: 9 }, (_, pair) =>
      [0, 4, 8].reduce((sum, at) => sum + blocks.data[9 * pair + at]! / 3, 0),
    );
    for (const [pair, trace] of traces.entries()) expect(trace).toBeCloseTo(npy('inner.npy').data[pair]!, 5);
  });

  test('compares up to rotations, and every output by itself', () => {
    run('matrix', 'model', 'q.npy', '--kernel', 'rotation', '-o', 'rotation.npy');
    run('matrix', 'model', 'q.npy', '-o', 'correlation.npy');
    const rotated = npy('rotation.npy').data;
    for (const [at, k] of npy('correlation.npy').data.entries())
      expect(rotated[at]! - k).toBeGreaterThan(-1e-6);
    run('matrix', 'model', 'q.npy', '--per-output', '-o', 'outputs.npy');
    expect(npy('outputs.npy').shape).toEqual([3, 3, 3]);
    expect(run('matrix', 'model', 'q.npy', '--per-output')).toMatch(
      /Outputs \(columns\) of the pairs of input 0/,
    );
    for (const [kernel, option] of [
      ['rotation', '--blocks'],
      ['influence', '--per-output'],
    ] as const) {
      const { code, stderr } = netkin(folder, 'matrix', 'model', 'q.npy', '--kernel', kernel, option);
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining(`--kernel ${kernel} cannot go with ${option}`),
      ]);
    }
  });

  test('of one input is [[1]]', () => {
    const { shape, values, mean, diagonalLeftOut } = JSON.parse(run('matrix', 'model', 'x1.npy', '--json'));
    expect({ shape, values, mean }).toEqual({ shape: [1, 1], values: [[1]], mean: null });
    expect(diagonalLeftOut).toBe(true);
  });

  test('of a model of several inputs takes an .npz', () => {
    expect(run('matrix', 'two', 'two.npz')).toMatch(/size +5 × 5/);
  });
});

describe('a folder of images gives its file names', () => {
  const files = ['ants/0.png', 'bees/0.png'];

  test('to nearest: table, JSON and CSV', () => {
    expect(run('nearest', 'images-model', 'images', '-k', '2')).toMatch(
      /^input +file +neighbour +file +similarity\n +0 +ants\/0\.png +0 +ants\/0\.png +1\.000\n +1 +bees/,
    );
    const list = JSON.parse(run('nearest', 'images-model', 'images', '-k', '1', '--json'));
    expect(list[1]).toEqual({
      index: 1,
      file: files[1],
      neighbours: [{ index: 1, file: files[1], similarity: 1 }],
    });
    const said = JSON.parse(run('nearest', 'images-model', 'images', '--json', '-o', 'nf.csv'));
    expect(said).toEqual({ wrote: 'nf.csv', inputs: 2, searched: 2, neighbours: 2 });
    const [header, first] = written('nf.csv').toString().split('\n');
    expect(header).toBe('index,file,rank,neighbour,neighbourFile,similarity');
    expect(first).toBe('0,ants/0.png,1,0,ants/0.png,1');
  });

  test('to density: table, JSON and CSV', () => {
    expect(run('density', 'images-model', 'images')).toMatch(
      /most crowded +file +density\n.*(ants|bees)\/0\.png/,
    );
    const list = JSON.parse(run('density', 'images-model', 'images', '--json')) as { file: string }[];
    expect(list.map(({ file }) => file)).toEqual(files);
    const said = JSON.parse(run('density', 'images-model', 'images', '--json', '-o', 'df.csv'));
    expect(said).toMatchObject({ wrote: 'df.csv', inputs: 2 });
    expect(said.maximum).toBeLessThanOrEqual(2);
    expect(written('df.csv').toString()).toMatch(/^index,file,density\n0,ants\/0\.png,/);
  });

  test('to suspects, whose labels are the sub-folders', () => {
    const { code, stdout, stderr } = netkin(folder, 'suspects', 'images-model', 'images', 'images');
    expect(code).toBe(0);
    expect(stderr).toContain('sorted order: 0 = ants, 1 = bees');
    expect(stdout).toMatch(/^input +file +label +suggested +score\n +\d +(ants|bees)\/0\.png +\1 /);
    run('suspects', 'images-model', 'images', 'images/', '-o', 'sf.csv');
    expect(written('sf.csv').toString()).toMatch(
      /^index,file,label,suggested,score\n\d,(ants|bees)\/0\.png,\1,/,
    );
  });
});

test('a folder of images in class folders is one set, its scaling said once', () => {
  const { code, stdout, stderr } = netkin(folder, 'matrix', 'images-model', 'images', '--against', 'images');
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'netkin: pixels 0..255 scaled to 0..1\n' });
  expect(stdout).toMatch(/size +2 × 2/);
});

describe('nearest', () => {
  test('writes the same neighbours as JSON, CSV and .npz, each input itself among them', () => {
    for (const format of ['json', 'csv', 'npz'])
      run('nearest', 'model', 'x.npy', '-k', '3', '-o', `n.${format}`, '--quiet');
    const list = JSON.parse(written('n.json').toString());
    expect(list).toHaveLength(n);
    expect(list[4].index).toBe(4);
    expect(list[4].neighbours[0]).toEqual({ index: 4, similarity: 1 });
    const rows = written('n.csv').toString().trimEnd().split('\n');
    expect(rows.slice(0, 2)).toEqual(['index,rank,neighbour,similarity', '0,1,0,1']);
    expect(rows).toHaveLength(1 + 3 * n);
    const arrays = readNpz(written('n.npz'), 'n.npz');
    expect(arrays.get('indices')?.shape).toEqual([n, 3]);
    expect(arrays.get('indices')?.data).toBeInstanceOf(Int32Array);
    expect(arrays.get('similarities')?.data).toBeInstanceOf(Float32Array);
    const listed = (list as Listed[]).flatMap(({ neighbours }) => neighbours.map(({ index }) => index));
    expect([...arrays.get('indices')!.data]).toEqual(listed);
  });

  test('answers queries by inputs of the set', () => {
    const list = JSON.parse(run('nearest', 'model', 'x.npy', '--queries', 'q.npy', '--json'));
    expect((list as Listed[]).map(({ neighbours }) => neighbours[0]?.index)).toEqual([2, 3, 4]);
    expect(list[0].neighbours).toHaveLength(10);
  });
});

describe('density', () => {
  test('hard counts duplicates, the input itself included', () => {
    const list = JSON.parse(
      run('density', 'model', 'twice.npy', '--kind', 'hard', '--threshold', '0.999', '--json'),
    );
    expect(list).toEqual([0, 1, 2, 3].map((index) => ({ index, density: 2 })));
  });

  test('writes .npy float32 and .csv', () => {
    for (const format of ['npy', 'csv'])
      run('density', 'model', 'x.npy', '--kind', 'power', '--power', '3', '-o', `d.${format}`);
    expect(npy('d.npy').shape).toEqual([n]);
    expect(npy('d.npy').data).toBeInstanceOf(Float32Array);
    expect(written('d.csv').toString()).toMatch(/^index,density\n0,[\d.]+\n/);
  });

  test('of a network without a living ReLU is n: only the last bias still speaks', () => {
    expect(run('density', 'dead', 'x.npy')).toContain('20.000, 20.000, 20.000, 20.000');
  });
});

describe('denoise', () => {
  test('writes labels, factor and shift, and prints the means', () => {
    const text = run('denoise', 'model', 'x.npy', 'y.npy', '-o', 'e.npz');
    expect(text).toMatch(/mean φ +0\.\d+.*\nφ·√N +\d.*\nmean shift .*\nresidual .*\nflags +0 undefined/);
    const arrays = readNpz(written('e.npz'), 'e.npz');
    expect([...arrays].map(([name, { shape }]) => [name, shape])).toEqual([
      ['labels', [n, 3]],
      ['predictions', [n, 3]],
      ['covariance', [n, 3, 3]],
      ['factor', [n]],
      ['shift', [n]],
    ]);
    const rowSum = [0, 1, 2].reduce((sum, c) => sum + arrays.get('labels')!.data[c]!, 0);
    expect(rowSum).toBeGreaterThan(0);
  });

  test('writes one row per input as CSV', () => {
    const said = JSON.parse(
      run('denoise', 'model', 'x.npy', 'y.npy', '--output', '0,2', '--json', '-o', 'e.csv'),
    );
    expect(said).toMatchObject({ wrote: 'e.csv', inputs: n });
    expect(written('e.csv').toString()).toMatch(/^index,label_0,label_1,factor,shift\n0,/);
  });
});

describe('denoise in rounds', () => {
  test('tells what each round changes, and writes the labels of the last', () => {
    expect(run('denoise', 'model', 'x.npy', 'y.npy', '--rounds', '2', '-o', 'r.npz')).toMatch(
      /^round +labels moved by \(rms\) +other class\n +1 +\d\.\d+ +\d+\n +2 +\d\.\d+ +\d+\n$/,
    );
    expect([...readNpz(written('r.npz'), 'r.npz')].map(([name, { shape }]) => [name, shape])).toEqual([
      ['labels', [n, 3]],
    ]);
    const { rounds, labels } = JSON.parse(
      run('denoise', 'regressor', 'x.npy', 'target.npy', '--rounds', '1', '--json'),
    );
    expect(rounds[0].changed).toBeNull();
    expect(labels).toHaveLength(n);
    run('denoise', 'regressor', 'x.npy', 'target.npy', '--rounds', '1', '-o', 'r.csv');
    expect(written('r.csv').toString()).toMatch(/^index,label_0\n0,/);
    expect(netkin(folder, 'denoise', 'model', 'x.npy', 'y.npy', '--rounds', '0').code).toBe(2);
  });
});

describe('fit', () => {
  test('prints both ends, and writes one row for each input', () => {
    expect(run('fit', 'model', 'x.npy', 'y.npy', '-o', 'fit.csv')).toMatch(
      /^inputs +20, 19 neighbours each\nlabel variance +0\.\d+ among .* 0\.\d+ in the set\n\nlabels differ most +neighbours +label variance +error\n( +[\d. ]+\n){5}\nmost isolated/,
    );
    const rows = written('fit.csv').toString().trimEnd().split('\n');
    expect([rows[0], rows.length]).toEqual(['index,density,variance,error', n + 1]);
    const {
      neighbours,
      total,
      rows: list,
    } = JSON.parse(run('fit', 'model', 'x.npy', 'y.npy', '--neighbours', '4', '--json'));
    expect(neighbours).toBe(4);
    expect(total).toBeCloseTo(1 - (7 ** 2 + 7 ** 2 + 6 ** 2) / n ** 2, 12);
    expect(list[3]).toMatchObject({ index: 3, variance: expect.any(Number), error: expect.any(Number) });
  });

  test('takes targets and folders, and refuses more neighbours than there are', () => {
    expect(run('fit', 'regressor', 'x.npy', 'target.npy')).toContain('most isolated');
    expect(run('fit', 'images-model', 'images', 'images')).toMatch(/differ most +file +neighbours/);
    const { code, stderr } = netkin(folder, 'fit', 'model', 'x.npy', 'y.npy', '--neighbours', '20');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('there are 19 others') });
    expect(netkin(folder, 'fit', 'model', 'x.npy').stderr).toContain('LABELS is missing');
  });
});

describe('suspects', () => {
  test('keeps class names and writes all', () => {
    const { stdout, stderr } = netkin(folder, 'suspects', 'model', 'x.npy', 'y.csv', '-o', 's.csv', '--json');
    expect(JSON.parse(stdout)).toEqual({ wrote: 's.csv', inputs: n, suspects: n });
    expect(stderr).toContain('wrote s.csv: all 20 inputs ranked\n');
    const [header, ...rows] = written('s.csv').toString().trimEnd().split('\n');
    expect(header).toBe('index,label,suggested,score');
    expect(rows).toHaveLength(n);
    for (const row of rows) expect(names).toContain(row.split(',')[1]);
  });

  test('with --count gives as many, worst first', () => {
    const list = JSON.parse(run('suspects', 'model', 'x.npy', 'y.npy', '--count', '3', '--json'));
    expect(list).toHaveLength(3);
    expect(list[0].score).toBeGreaterThanOrEqual(list[1].score);
    expect(Object.keys(list[0])).toEqual(['index', 'label', 'suggested', 'score']);
  });
});

test('regression targets are labels too', () => {
  const list = JSON.parse(run('suspects', 'regressor', 'x.npy', 'target.npy', '--count', '1', '--json'));
  expect(typeof list[0].label).toBe('number');
  expect(run('denoise', 'regressor', 'x.npy', 'target.npy')).toMatch(/inputs +20, 1 output\n/);
});

describe('explain', () => {
  test('shares sum to the similarity, with --of loss as well', () => {
    for (const more of [[], ['--of', 'loss', '--labels', 'y.npy']]) {
      const { layers, similarity } = JSON.parse(
        run('explain', 'model', 'x.npy', '--pair', '1,2', '--json', ...more),
      );
      expect(layers.map(({ layer }: { layer: string }) => layer)).toEqual(['hidden', 'output']);
      expect(layers.reduce((sum: number, { share }: { share: number }) => sum + share, 0)).toBeCloseTo(
        similarity,
        9,
      );
    }
    expect(run('explain', 'model', 'x.npy', '--pair', '1,2')).toMatch(
      /^layer +share +similarity\nhidden +0?\.?[-\d.]+ +[-\d.]+ .*\n/,
    );
  });

  test.each([
    ['--output', 'contrast:labels', '--labels', 'y.npy'],
    ['--output', 'contrast:0:sampled'],
    ['--output', 'contrast:predicted:sampled'],
    ['--output', 'contrast'],
    ['--output', '0,2'],
    ['--of', 'loss', '--labels', 'y.npy'],
  ])('explains what matrix compares: %s %s', (...more) => {
    const { similarity } = JSON.parse(run('explain', 'model', 'x.npy', '--pair', '4,17', '--json', ...more));
    const { values } = JSON.parse(run('matrix', 'model', 'x.npy', '--json', ...more));
    expect(similarity).toBeCloseTo(values[4][17], 5);
  });

  test('lists the activities with the largest shares, taps in convolutions', () => {
    expect(run('explain', 'model', 'x.npy', '--pair', '1,2', '--activities', '2')).toMatch(
      /\nparameter +activity +share +a\(x\) +a\(x'\) +λ\n(hidden\/(kernel +\d|bias) +[-\d. ]+\n){2}output/,
    );
    expect(run('explain', 'images-model', 'images', '--pair', '0,1', '--activities', '3')).toMatch(
      /tap of channel.*\n.*kernel +\d,\d of \d +[-\d.]+/,
    );
    const { layers } = JSON.parse(
      run('explain', 'model', 'x.npy', '--pair', '1,2', '--activities', '2', '--json'),
    );
    expect(layers[0].activities).toHaveLength(2);
    expect(layers[0].similarity).toBeLessThanOrEqual(1);
    expect(netkin(folder, 'explain', 'model', 'x.npy', '--pair', '1,2', '--activities', '0').code).toBe(2);
  });
});

test('a singular self kernel is noted with its rank, over an index, too', () => {
  const text =
    '20 of 20 inputs with a singular self kernel of rank 2 of 5 (pseudo-inverse used): 0, 1, 2, 3, 4, …';
  expect(netkin(folder, 'density', 'dependent', 'x.npy').stderr).toContain(text);
  run('index', 'dependent', 'x.npy', '-o', 'dependent.netkin');
  expect(netkin(folder, 'density', 'dependent', 'dependent.netkin').stderr).toContain(text);
});
