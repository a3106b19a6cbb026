/** D23: the main job and the report, as users run them: what they find, and the page they write. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writePng } from '../../src/format/image.js';
import type { Detection } from '../../src/report/data.js';
import { classifier, convolutional, regressor, saveModel, startTfjs } from './models.js';
import { makeWorkspace, netkin, points, refusal, saveNpy } from './workspace.js';

const folder = makeWorkspace();

describe('netkin demo', () => {
  test('finds the hidden wrong labels, and no fewer than the baselines do', () => {
    const { code, stdout } = netkin(folder, 'demo', '--json', '-o', 'demo.html');
    expect(code).toBe(0);
    const findings = JSON.parse(stdout);
    const [own, ...others] = findings.detection as Detection[];
    expect(own!.kind).toBe('netkin');
    expect(own!.first5).toBeGreaterThanOrEqual(0.8);
    expect(own!.first10).toBeGreaterThanOrEqual(0.92);
    expect(others.map(({ name }) => name)).toEqual([
      'loss',
      'loss-gradient norm',
      'pixel neighbours',
      'chance',
    ]);
    for (const other of others) {
      expect(own!.first5).toBeGreaterThanOrEqual(other.first5);
      expect(own!.first10).toBeGreaterThanOrEqual(other.first10);
    }
    expect(findings.isolated).toHaveLength(3);
    expect(findings.crowded).toHaveLength(3);
    // φ is at least 1/√N; far above it, nothing would be averaged.
    expect(findings.factorTimesRootN).toBeGreaterThan(1);
    expect(findings.factorTimesRootN).toBeLessThan(3);
    expect(readFileSync(join(folder, 'demo.html'), 'utf8')).toContain('Labels worth a second look');
  });

  test('does not start where the report exists', () => {
    writeFileSync(join(folder, 'there.html'), 'mine');
    expect(refusal(folder, 'demo', '-o', 'there.html')).toContain('exists');
    expect(readFileSync(join(folder, 'there.html'), 'utf8')).toBe('mine');
  });
});

describe('netkin report', () => {
  beforeAll(async () => {
    await startTfjs();
    await saveModel(classifier(), join(folder, 'model'));
    await saveModel(regressor(), join(folder, 'regressor'));
    saveNpy(join(folder, 'x.npy'), points(24, 4));
    saveNpy(join(folder, 'few.npy'), points(2, 4));
    writeFileSync(join(folder, 'names.csv'), `label\n${'cat\ndog\n<b>owl</b>\n'.repeat(8)}`);
    writeFileSync(join(folder, 'targets.csv'), `${'0.1\n0.2\n'.repeat(12)}`);
  });

  test('shows vectors with class names as text', () => {
    expect(netkin(folder, 'report', 'model', 'x.npy', 'names.csv', '-o', 'classes.html').code).toBe(0);
    const page = readFileSync(join(folder, 'classes.html'), 'utf8');
    expect(page).toContain('Labels worth a second look');
    expect(page).toContain('&lt;b&gt;owl&lt;/b&gt;');
    expect(page).not.toContain('<b>owl</b>');
    expect(page).not.toMatch(/NaN|undefined/);
  });

  test('names the files of a folder of images', async () => {
    await saveModel(convolutional(), join(folder, 'images-model'));
    for (const [i, name] of ['ants', 'ants', 'bees', 'bees'].entries()) {
      mkdirSync(join(folder, 'images', name), { recursive: true });
      const data = Uint8Array.from(points(30, 3, i).data, (value) => 127 * (value + 1));
      writeFileSync(
        join(folder, 'images', name, `${i}<b>.png`),
        writePng({ width: 5, height: 6, channels: 3, data }),
      );
    }
    const words = ['report', 'images-model', 'images', 'images', '--json', '-o', 'images.html'];
    const { code, stdout } = netkin(folder, ...words);
    expect(code).toBe(0);
    const { wrote, inputs } = JSON.parse(stdout);
    expect({ wrote, inputs }).toEqual({ wrote: 'images.html', inputs: 4 });
    const page = readFileSync(join(folder, 'images.html'), 'utf8');
    expect(page).toContain('input 0, <bdi>ants/0&lt;b&gt;.png</bdi>');
    expect(page).not.toContain('0<b>');
  });

  test('leaves out what labels would be needed for', () => {
    expect(netkin(folder, 'report', 'model', 'x.npy', '-o', 'bare.html').code).toBe(0);
    const page = readFileSync(join(folder, 'bare.html'), 'utf8');
    expect(page).not.toContain('Labels worth a second look');
    expect(page).toContain('Which layers make inputs alike');
  });

  test('works for a regression', () => {
    const { code, stderr } = netkin(
      folder,
      'report',
      'regressor',
      'x.npy',
      'targets.csv',
      '-o',
      'regression.html',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'regression.html'), 'utf8')).toContain('φ');
  });

  test('refuses a set that is too small, and writes nothing', () => {
    expect(refusal(folder, 'report', 'model', 'few.npy', '-o', 'few.html')).toContain('at least 3 inputs');
    expect(existsSync(join(folder, 'few.html'))).toBe(false);
  });
});
