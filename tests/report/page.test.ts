import { describe, expect, it } from 'vitest';
import type { ReportData } from '../../src/report/data.js';
import { renderReport } from '../../src/report/page.js';
import { bareReport, fullReport, PIXEL } from './sample.js';

const HOSTILE = '<img src=x onerror=alert(1)></script></style></title>" onload="x" \' &amp; \u0000\u2028';
const SECTIONS = [
  'suspects',
  'detection',
  'nearest',
  'density',
  'fit',
  'similarities',
  'heat-map',
  'layers',
  'denoising',
  'method',
];

/** Element names and attribute names as a parser would see them, the contents of style and script left out. */
function structure(page: string): string[] {
  const inert = page.replace(/<(script|style)\b([^>]*)>[\s\S]*?<\/\1>/g, '<$1$2></$1>');
  return Array.from(inert.matchAll(/<\/?[a-z!][^\s>/]*(?:\s+[a-z-]+(?:="[^"]*")?)*\s*\/?>/gi), ([tag]) =>
    tag.replace(/="[^"]*"/g, ''),
  );
}

describe('hostile text', () => {
  it('appears as text in every place and never as an element or attribute', () => {
    const page = renderReport(fullReport(HOSTILE));
    expect(page).not.toContain('<img src=x');
    expect(page).not.toContain('" onload="x"');
    expect(structure(page)).toEqual(structure(renderReport(fullReport('plain'))));
    for (const tag of structure(page)) expect(tag).not.toMatch(/\son[a-z]+/i);
  });

  it('reaches the page from every string field', () => {
    const page = renderReport(fullReport(HOSTILE));
    const fields =
      'title generated model choice layer kind stage note cat dog ranking first last row flag'.split(' ');
    for (const field of fields) expect(page, field).toContain(`${field} &lt;img src=x onerror=alert(1)&gt;`);
  });

  it('cannot end a script: the page holds exactly its own two', () => {
    const page = renderReport(fullReport(HOSTILE));
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    const json = /<script type="application\/json" id="heat-data">(.*?)<\/script>/s.exec(page)![1]!;
    expect(JSON.parse(json).names[0]).toBe(`cat ${HOSTILE}`);
  });

  it('holds no control characters', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(renderReport(fullReport(HOSTILE))).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  });
});

describe('the network', () => {
  it('is out of reach: a strict policy and no address to load', () => {
    const page = renderReport(fullReport());
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:;`,
    );
    expect(page).not.toMatch(/https?:|\/\/[a-z]|@import|url\(|<link|<iframe|<base/i);
    for (const [, source] of page.matchAll(/\s(?:src|href)="([^"]*)"/g)) {
      expect(source).toMatch(/^(#[a-z-]+|data:image\/png;base64,[A-Za-z0-9+/=]+)$/);
    }
  });

  it('is out of reach for pictures: anything but base64 image data is dropped', () => {
    for (const uri of [
      'https://example.org/a.png',
      'data:text/html;base64,AAAA',
      'javascript:alert(1)',
      'data:image/svg+xml;base64,AAAA',
    ]) {
      const page = renderReport({ ...fullReport(), pictures: new Map([[0, uri]]) });
      expect(page).not.toContain(uri);
      expect(page).toContain('>#0</span>');
    }
  });
});

describe('sections', () => {
  it('all appear, in order, with a navigation entry each', () => {
    const page = renderReport(fullReport());
    expect(Array.from(page.matchAll(/<section id="([^"]+)"/g), ([, id]) => id)).toEqual(SECTIONS);
    expect(Array.from(page.matchAll(/<li><a href="#([^"]+)"/g), ([, id]) => id)).toEqual(SECTIONS);
  });

  it('are left out without their data', () => {
    const page = renderReport(bareReport());
    expect(Array.from(page.matchAll(/<section id="([^"]+)"/g), ([, id]) => id)).toEqual(['method']);
    expect(page).not.toContain('<aside');
    expect(page).not.toContain('What to do:');
  });

  it.each([
    ['suspects', 'suspects'],
    ['detection', 'detection'],
    ['nearest', 'nearest'],
    ['density', 'density'],
    ['similarities', 'similarities'],
    ['heatMap', 'heat-map'],
    ['layerShares', 'layers'],
    ['denoising', 'denoising'],
  ] as const)('without %s only that section is missing', (field, id) => {
    const page = renderReport({ ...fullReport(), [field]: undefined });
    const found = Array.from(page.matchAll(/<section id="([^"]+)"/g), ([, name]) => name);
    expect(found).toEqual(SECTIONS.filter((name) => name !== id));
  });

  it('have unique anchors', () => {
    const ids = Array.from(renderReport(fullReport()).matchAll(/\sid="([^"]+)"/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('say so when no label stands out', () => {
    expect(renderReport({ ...fullReport(), suspects: [] })).toContain('No label stands out');
  });
});

describe('numbers', () => {
  it('are never NaN, undefined or Infinity, whatever is missing', () => {
    const full = fullReport();
    const broken: ReportData = {
      ...full,
      inputs: Number.NaN,
      suspects: full.suspects!.map((suspect) => ({ ...suspect, score: Number.NaN, label: -1, suggested: 9 })),
      features: new Map([
        [2, [Number.NaN, Number.NaN]],
        [3, [1, Number.POSITIVE_INFINITY, 2]],
      ]),
      density: { counts: [Number.NaN], bins: [], isolated: [], crowded: [{ index: 2, count: Number.NaN }] },
      similarities: { counts: [0, 0], byLabel: { same: [0, 0], different: [0, 0] } },
      heatMap: { ...full.heatMap!, values: [1, Number.NaN, Number.NaN, 1] },
      layerShares: {
        layers: ['a', 'b'],
        rows: [{ pair: null, name: 'r', similarity: Number.NaN, shares: [0] }],
      },
      denoising: { meanFactor: Number.NaN, residual: Number.POSITIVE_INFINITY, rows: [] },
    };
    for (const data of [full, broken, bareReport()]) {
      const text = renderReport(data).replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '');
      expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }
  });

  it('are those of the data', () => {
    const page = renderReport(fullReport());
    expect(page).toContain('<dt>inputs</dt><dd>4</dd>');
    expect(page).toContain('<dt>parameters</dt><dd>12.3\u202fk</dd>');
    expect(page).toContain('<dt>labels to check</dt><dd>2</dd>');
    expect(page).toContain('<dt>neighbours, median</dt><dd>2.5</dd>');
    expect(page).toContain('<dt>predictions as labelled</dt><dd>67\u202f%</dd>'); // 2 of the 3 labelled
    expect(page).toContain('<strong>1 of these 2</strong>');
    expect(page).toContain('1 of the 2 nearest are labelled');
    expect(page).toContain('<dt>φ·√N, at best 1</dt><dd>1.5</dd>'); // 0.75 √4
    expect(page).toContain('<dt>residual of the identity</dt><dd>0.00046</dd>');
  });

  it('show every suspect once, the later ones on demand', () => {
    const suspect = fullReport().suspects![0]!;
    const page = renderReport({ ...fullReport(), suspects: Array.from({ length: 30 }, () => suspect) });
    expect(page.match(/<article class="card suspect"/g)).toHaveLength(30);
    expect(page).toContain('<summary>Show 18 more</summary>');
  });
});

describe('inputs', () => {
  it('appear as picture, else as sparkline, else as index', () => {
    const page = renderReport(fullReport());
    expect(page).toContain(`<img class="input" src="${PIXEL}" alt="Input 0, labelled cat plain"`);
    expect(page).toContain('<polyline points="4.0,50.0 28.0,28.0 52.0,6.0"/>');
    expect(page).toContain('<span class="input bare" title="Input 3">#3</span>');
  });

  it('have alternative texts wherever they are pictures', () => {
    for (const [tag] of renderReport(fullReport()).matchAll(/<img[^>]*>/g))
      expect(tag).toMatch(/ alt="[^"]+/);
  });
});
