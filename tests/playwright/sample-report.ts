/** A report of 64 real images and an untrained network: small, but with every section. */
import { readFileSync } from 'node:fs';
import { open, ready } from 'netkin';
import { analyse } from '../../src/analysis/analyse.js';
import type { Engine } from '../../src/engine.js';
import { readSample } from '../../src/format/sample.js';
import { smallClassifier } from '../../src/network/training.js';
import { renderReport } from '../../src/report/page.js';

export async function sampleReport(): Promise<string> {
  const sample = readSample(readFileSync(new URL('../../node/sample/fashion-3000.npz', import.meta.url)));
  const data = Float32Array.from(sample.images.data.subarray(0, 64 * 784), (value) => value / 255);
  await ready();
  const engine = (await open(smallClassifier([28, 28, 1], 10, 1))) as unknown as Engine;
  const report = await analyse(
    engine,
    { shape: [64, 28, 28, 1], data },
    {
      title: 'Sample of 64',
      model: 'untrained',
      generated: 'a test',
      labels: sample.labels.subarray(0, 64),
      classes: sample.classes,
      truth: sample.truth.subarray(0, 64),
    },
  );
  return renderReport(report);
}
