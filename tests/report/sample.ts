import type { ReportData } from '../../src/report/data.js';

/** A one-pixel PNG. */
export const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';

/** Every section filled, small enough to count by hand; `word` stands in every string. */
export function fullReport(word = 'plain'): ReportData {
  const near = [
    { index: 1, similarity: 0.9, label: 1 },
    { index: 2, similarity: -0.25, label: 0 },
  ];
  return {
    title: `title ${word}`,
    generated: `generated ${word}`,
    inputs: 4,
    model: {
      name: `model ${word}`,
      parameters: 12345,
      outputs: 2,
      outputChoice: `choice ${word}`,
      layers: [
        {
          name: `layer ${word}`,
          kind: `kind ${word}`,
          parameters: 10,
          choice: 'factored',
          multiplyAddsPerPair: 7,
        },
      ],
    },
    timings: [{ stage: `stage ${word}`, seconds: 1.5 }],
    notes: [`note ${word}`],
    pictures: new Map([
      [0, PIXEL],
      [1, `data:image/png;base64,${word}"`],
    ]),
    features: new Map([[2, [1, 2, 3]]]),
    classes: [`cat ${word}`, `dog ${word}`],
    labels: [0, 1, 0, -1],
    predictions: { classes: [1, 1, 0, 0], confidence: [0.9, 0.8, 0.7, 0.6] },
    suspects: [
      { index: 0, label: 0, suggested: 1, score: 0.875, confidence: 0.9, neighbours: near, truth: 1 },
      { index: 2, label: 0, suggested: 1, score: 0.5, confidence: null, neighbours: near, truth: 0 },
    ],
    detection: [{ name: `ranking ${word}`, kind: 'netkin', first5: 0.85, first10: 0.95 }],
    nearest: [{ index: 0, bySimilarity: near, byPixels: near }],
    density: {
      counts: [1, 2, 3, 4],
      bins: [
        { from: 1, to: 2.5, count: 2, example: 0 },
        { from: 2.5, to: 4, count: 2, example: null },
      ],
      isolated: [{ index: 0, count: 1 }],
      crowded: [{ index: 3, count: 4 }],
    },
    fit: {
      density: [1, 2, 3],
      variance: [0.1, 0, 0.5],
      total: 0.4,
      neighbours: 3,
      left: 1,
      mixed: [{ index: 2, variance: 0.5 }],
    },
    similarities: { counts: [0, 1, 2, 3], byLabel: { same: [0, 0, 1, 2], different: [0, 1, 1, 1] } },
    heatMap: {
      size: 2,
      values: [1, -0.5, -0.5, 1],
      inputs: [0, 1],
      groups: [
        { label: 0, from: 0, to: 1 },
        { label: 1, from: 1, to: 2 },
      ],
    },
    layerShares: {
      layers: [`first ${word}`, `last ${word}`],
      rows: [{ pair: [0, 1], name: `row ${word}`, similarity: 0.5, shares: [-0.1, 0.6] }],
    },
    denoising: {
      meanFactor: 0.75,
      residual: 0.00046,
      averagedNoise: 0.0022,
      noise: 0.2,
      rows: [
        { index: 0, given: [1, 0], averaged: [0.4, 0.6], factor: 0.7, shift: 0.01, flag: `flag ${word}` },
      ],
    },
  };
}

/** Nothing but what is required. */
export function bareReport(): ReportData {
  return {
    title: 'bare',
    generated: '',
    inputs: 3,
    model: { name: 'm', parameters: 1, outputs: 1, outputChoice: 'the output', layers: [] },
    timings: [],
    notes: [],
    pictures: null,
    classes: null,
    labels: null,
  };
}
