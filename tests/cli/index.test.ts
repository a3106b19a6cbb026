/** D23: `netkin index`, and the index in place of INPUTS: the same results, the options brought along. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { indexFacts } from 'netkin';
import { beforeAll, describe, expect, test } from 'vitest';
import { writePng } from '../../src/format/image.js';
import { writeNpz } from '../../src/format/npz.js';
import { classifier, convolutional, regressor, saveModel, startTfjs, twoInputs } from './models.js';
import { array, makeWorkspace, netkin, points, refusal, saveNpy } from './workspace.js';

const folder = makeWorkspace();
const n = 20;

beforeAll(async () => {
  await startTfjs();
  await saveModel(classifier(), join(folder, 'model'));
  await saveModel(regressor(), join(folder, 'regressor'));
  await saveModel(convolutional(), join(folder, 'images-model'));
  await saveModel(twoInputs(), join(folder, 'two'));
  const inputs = points(n, 4);
  saveNpy(join(folder, 'x.npy'), inputs);
  saveNpy(join(folder, 'q.npy'), array(inputs.data.slice(8, 20), 3, 4));
  const ids = Int32Array.from({ length: n }, (_, i) => i % 3);
  saveNpy(join(folder, 'y.npy'), array(ids, n));
  writeFileSync(join(folder, 'two.npz'), writeNpz({ left: points(5, 2), right: points(5, 3, 2) }));
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
  run('index', 'model', 'x.npy', 'y.npy', '-o', 'x.netkin');
});

function run(...words: string[]): string {
  const { code, stdout, stderr } = netkin(folder, ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  for (const line of stdout.split('\n'))
    expect(line.length).toBeLessThanOrEqual(words.includes('--json') ? 1e6 : 80);
  return stdout;
}

const bytesOf = (name: string) => readFileSync(join(folder, name));

describe('index', () => {
  test('writes a file and says what it holds; inspect says the same without the model', async () => {
    const text = run('index', 'model', 'x.npy', '-o', 'plain.netkin');
    expect(text).toMatch(/inputs +20: hidden_input 4\n/);
    expect(text).toMatch(/compared +output logits \(d = 3\)\n/);
    expect(text).toMatch(/rows +float32, as captured\n/);
    expect(run('inspect', 'plain.netkin')).toBe(text);
    const facts = await indexFacts(bytesOf('plain.netkin'));
    expect(facts).toMatchObject({ size: 20, outputs: 3, labels: null, thumbnails: null, rowError: null });
    expect(JSON.parse(run('inspect', 'x.netkin', '--json'))).toMatchObject({ size: 20, labels: [20] });
  });

  test('as int8 states its error, wherever it is used', () => {
    const text = run('index', 'model', 'x.npy', '--rows', 'int8', '-o', 'small.netkin');
    expect(text).toMatch(/rows +rounded to int8: similarities of 190 pairs differ by/);
    const { stderr } = netkin(folder, 'density', 'model', 'small.netkin');
    expect(stderr).toMatch(/rows rounded to int8: similarities of 190 pairs differ by .*root mean square/);
  });

  test('names the file as INPUTS, and replaces nothing that is there', () => {
    run('index', 'model', 'q.npy');
    expect(bytesOf('q.netkin').length).toBeGreaterThan(1000);
    expect(refusal(folder, 'index', 'model', 'q.npy')).toContain('add --overwrite');
    expect(JSON.parse(run('index', 'model', 'q.npy', '--overwrite', '--json'))).toMatchObject({
      wrote: 'q.netkin',
      inputs: 3,
      rows: 'float32',
    });
  });

  test('keeps the scale of pixels, which other images then have too', async () => {
    run('index', 'images-model', 'images', '--pixels', 'byte', '-o', 'byte.netkin');
    expect((await indexFacts(bytesOf('byte.netkin'))).pixels).toBe('byte');
    expect(run('inspect', 'byte.netkin')).toMatch(/pixels 0\.\.255/);
    const [near] = JSON.parse(
      run('nearest', 'images-model', 'byte.netkin', '--queries', 'images', '-k', '1', '--json'),
    );
    expect(near.neighbours[0].similarity).toBeCloseTo(1, 5);
    expect(refusal(folder, 'nearest', 'images-model', 'byte.netkin', '--pixels', 'unit')).toMatch(
      /--pixels unit contradicts 'byte\.netkin', which was made with --pixels byte/,
    );
  });

  test('of a folder of images has the files, labels with names, and thumbnails unless they are not wanted', async () => {
    run('index', 'images-model', 'images', 'images', '-o', 'images.netkin');
    expect(await indexFacts(bytesOf('images.netkin'))).toMatchObject({
      names: ['ants/0.png', 'bees/0.png'],
      classes: ['ants', 'bees'],
      labels: [2],
      thumbnails: [2, 6, 5, 3],
    });
    expect(run('nearest', 'images-model', 'images.netkin', '-k', '2')).toBe(
      run('nearest', 'images-model', 'images', '-k', '2'),
    );
    run('index', 'images-model', 'images', '--no-thumbnails', '-o', 'bare.netkin');
    expect((await indexFacts(bytesOf('bare.netkin'))).thumbnails).toBeNull();
  });

  test('takes a model of several inputs', () => {
    run('index', 'two', 'two.npz');
    expect(run('density', 'two', 'two.netkin', '--json')).toBe(run('density', 'two', 'two.npz', '--json'));
  });
});

describe('an index in place of INPUTS', () => {
  test.each([
    ['nearest', ['-k', '3'], 'json'],
    ['nearest', ['-k', '3', '--queries', 'q.npy'], 'csv'],
    ['density', [], 'npy'],
    ['density', ['--kind', 'hard', '--threshold', '0.5'], 'csv'],
    ['matrix', [], 'npy'],
    ['matrix', ['--kernel', 'influence', '--against', 'q.npy'], 'npy'],
  ])('%s %j writes the same file', (verb, words, extension) => {
    run(verb, 'model', 'x.npy', ...words, '-o', `one.${extension}`, '--overwrite');
    run(verb, 'model', 'x.netkin', ...words, '-o', `two.${extension}`, '--overwrite');
    expect(Buffer.compare(bytesOf(`one.${extension}`), bytesOf(`two.${extension}`))).toBe(0);
  });

  test('explain, suspects and denoise print the same, labels from the index', () => {
    expect(run('explain', 'model', 'x.netkin', '--pair', '1,2')).toBe(
      run('explain', 'model', 'x.npy', '--pair', '1,2'),
    );
    for (const verb of ['suspects', 'denoise']) {
      const expected = run(verb, 'model', 'x.npy', 'y.npy');
      expect(run(verb, 'model', 'x.netkin')).toBe(expected);
      expect(run(verb, 'model', 'x.netkin', 'y.npy')).toBe(expected);
    }
    expect(run('suspects', 'images-model', 'images.netkin')).toContain('ants');
  });

  test('brings its options along: output, sketch and seed, parameters, the loss', () => {
    for (const [name, options] of Object.entries({
      contrast: ['--output', 'contrast'],
      pair: ['--output', 'contrast:2:0'],
      drawn: ['--output', 'contrast:predicted:sampled', '--seed', '3'],
      some: ['--output', '0,2'],
      bias: ['--parameters', '*bias'],
      sketch: ['--precision', '16', '--seed', '3'],
    })) {
      run('index', 'model', 'x.npy', '-o', `${name}.netkin`, ...options);
      const expected = run('density', 'model', 'x.npy', '--json', ...options);
      expect(run('density', 'model', `${name}.netkin`, '--json')).toBe(expected);
      expect(run('density', 'model', `${name}.netkin`, '--json', ...options)).toBe(expected);
    }
    for (const words of ['contrast:labels', 'contrast:labels:sampled']) {
      const text = run(
        'index',
        'model',
        'x.npy',
        'y.npy',
        '--output',
        words,
        '-o',
        'y.netkin',
        '--overwrite',
      );
      expect(text).toContain(`output ${words} (d = 1)\n`);
      const expected = run('density', 'model', 'x.npy', '--json', '--output', words, '--labels', 'y.npy');
      for (const more of [[], ['--output', words]])
        expect(run('density', 'model', 'y.netkin', '--json', ...more)).toBe(expected);
    }
    run('index', 'model', 'x.npy', 'y.npy', '--of', 'loss', '-o', 'loss.netkin');
    expect(run('density', 'model', 'loss.netkin', '--json')).toBe(
      run('density', 'model', 'x.npy', '--of', 'loss', '--labels', 'y.npy', '--json'),
    );
    run('index', 'model', 'x.npy', '--sketch', '16', '--seed', '3', '-o', 'm.netkin');
    expect(Buffer.compare(bytesOf('m.netkin'), bytesOf('sketch.netkin'))).toBe(0);
  });
});

describe('is refused, with the reason', () => {
  test.each([
    [['density', 'model', 'x.netkin', '--output', '0'], "--output 0 contradicts 'x.netkin'"],
    [['density', 'model', 'x.netkin', '--precision', '64'], '--precision 64 contradicts'],
    [['density', 'model', 'x.netkin', '--of', 'loss'], '--of loss contradicts'],
    [['density', 'model', 'sketch.netkin', '--seed', '4'], '--seed 4 contradicts'],
    [['density', 'model', 'drawn.netkin', '--seed', '4'], '--seed 4 contradicts'],
    [
      ['density', 'model', 'drawn.netkin', '--output', 'contrast:1'],
      "--output contrast:1 contradicts 'drawn.netkin', which was made with --output contrast:predicted:sampled",
    ],
    [['nearest', 'model', 'drawn.netkin', '--queries', 'q.npy'], 'by sampled adversaries'],
    [['nearest', 'model', 'y.netkin', '--queries', 'q.npy'], 'given contrasts'],
    [['density', 'model', 'x.netkin', '--parameters', '*bias'], 'made with the parameters'],
    [['density', 'regressor', 'x.netkin'], 'belongs to another network'],
    [['density', 'model', 'none.netkin'], "'none.netkin' does not exist"],
    [['report', 'model', 'x.netkin'], 'is an index: the inputs themselves'],
    [['nearest', 'model', 'x.npy', '--queries', 'x.netkin'], 'is an index: the inputs themselves'],
    [['index', 'model', 'x.netkin'], 'is an index: the inputs themselves'],
    [['index', 'model', 'x.npy', '-o', 'x.npy'], 'this verb writes .netkin'],
    [
      ['index', 'model', 'x.npy', '-o', 'n.netkin', '--sketch', '32', '--precision', '16'],
      'give one of them',
    ],
    [['suspects', 'model', 'q.netkin'], "'q.netkin' has no labels"],
    [['suspects', 'model', 'x.npy'], 'LABELS is missing'],
    [['nearest', 'model', 'x.netkin', '-k', '21'], 'the set has only 20 inputs'],
    [['density', 'model', 'x.netkin', '--labels', 'y.npy'], 'leave the labels out'],
  ])('%j: %s', (words, reason) => {
    expect(refusal(folder, ...words)).toContain(reason);
  });

  test('a file that is no index, or damaged', () => {
    writeFileSync(join(folder, 'text.netkin'), 'nothing'.repeat(100));
    const bytes = Uint8Array.from(bytesOf('x.netkin'));
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(join(folder, 'bad.netkin'), bytes);
    expect(refusal(folder, 'density', 'model', 'text.netkin')).toContain(
      "'text.netkin': This is no netkin index",
    );
    expect(refusal(folder, 'inspect', 'bad.netkin')).toContain("'bad.netkin': The index fails its checksum");
  });
});
