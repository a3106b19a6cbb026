import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { similarityColour } from '../../src/report/colour.js';
import { spread } from '../../src/report/density.js';
import {
  compact,
  cssShare,
  decimal,
  duration,
  percent,
  significant,
  whole,
} from '../../src/report/format.js';
import { blockMean } from '../../src/report/heatmap.js';
import { mean } from '../../src/report/histogram.js';
import { html, trusted } from '../../src/report/html.js';
import { renderReport } from '../../src/report/page.js';
import { indexedPng } from '../../src/report/png.js';
import { fullReport } from './sample.js';

const bytesOf = (uri: string) => Buffer.from(uri.split(',')[1]!, 'base64');

describe('indexedPng', () => {
  it('is read back by an independent decoder, checksums included', () => {
    const pixels = Uint8Array.from([0, 1, 2, 2, 1, 0]);
    const { uri } = indexedPng(3, 2, pixels, [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
    const image = decode(bytesOf(uri), { checkCrc: true });
    expect([image.width, image.height]).toEqual([3, 2]);
    expect(Array.from(image.data)).toEqual(Array.from(pixels));
    expect(image.palette).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
  });

  it('has each pixel where the script of the page looks for it', () => {
    const [width, height] = [5, 4];
    const pixels = Uint8Array.from({ length: width * height }, (_, i) => i);
    const { uri, offset } = indexedPng(width, height, pixels, Array(20).fill([0, 0, 0]));
    const file = bytesOf(uri);
    for (let i = 0; i < pixels.length; i++) {
      expect(file[offset + Math.floor(i / width) * (width + 6) + (i % width)]).toBe(i);
    }
  });
});

describe('the heat map', () => {
  it('gives -1, 0 and 1 the ends and the middle of the scale, and a colour of its own to what is missing', () => {
    const values = [1, 0, -1, Number.NaN];
    const page = renderReport({ ...fullReport(), heatMap: { ...fullReport().heatMap!, values } });
    const uri = /<div class="square"[^>]*><img src="([^"]+)"/.exec(page)![1]!;
    const image = decode(bytesOf(uri));
    expect(Array.from(image.data)).toEqual([254, 127, 0, 255]);
    expect(image.palette![254]).toEqual([...similarityColour(1)]);
    expect(image.palette![127]).toEqual([...similarityColour(0)]);
  });

  it('leaves the diagonal out of the mean within a class', () => {
    const heatMap = {
      size: 3,
      values: [1, 0.5, 0.1, 0.5, 1, 0.3, 0.1, 0.3, 1],
      inputs: [0, 1, 2],
      groups: [
        { label: 0, from: 0, to: 2 },
        { label: 1, from: 2, to: 3 },
      ],
    };
    expect(blockMean(heatMap, 0, 0)).toBe(0.5);
    expect(blockMean(heatMap, 0, 1)).toBeCloseTo(0.2, 12);
  });

  it('refuses values that do not fill the square', () => {
    const heatMap = { ...fullReport().heatMap!, values: [1, 2, 3] };
    expect(() => renderReport({ ...fullReport(), heatMap })).toThrow(
      'holds 3 values and 2 inputs: expected 4 and 2',
    );
  });
});

describe('the scatter of under- and overfitting', () => {
  it('has a dot for each input, the fewest neighbours left, the largest variance on top', () => {
    const page = renderReport(fullReport()); // counts 1, 2, 3; variances 0.1, 0, 0.5; of all labels 0.4
    const [, dots] = /class="dots" d="([^"]+)"/.exec(page)!;
    expect(dots).toBe('M52.0 218.0h0M381.0 270.0h0M710.0 10.0h0');
    expect(page).toContain('want of a similar neighbour: 1 input.');
  });
});

describe('layer shares', () => {
  it('put negative pieces left of zero and let the others start there', () => {
    const page = renderReport(fullReport()); // shares -0.1 and 0.6 on the axis [-0.1, 1]
    expect(page).toContain('left:0%;width:9.091%');
    expect(page).toContain('left:9.091%;width:54.545%');
  });
});

describe('html', () => {
  it('escapes strings, joins lists, drops nothing-values and keeps its own pieces', () => {
    const piece = html`<b>${'<&>"\''}</b>`;
    expect(html`${[piece, 'x']}${null}${false}${undefined}${0}${Number.NaN}`.toString()).toBe(
      '<b>&lt;&amp;&gt;&quot;&#39;</b>x0–',
    );
  });

  it('does not take an object from data for a piece', () => {
    const forged = JSON.parse('{"text":"<script>"}') as never;
    expect(() => html`${forged}`).toThrow();
    expect(trusted('<i>').toString()).toBe('<i>');
  });
});

describe('numbers as people read them', () => {
  it.each([
    [whole(12345), '12,345'],
    [whole(-3), '−3'],
    [decimal(-0.001), '0.00'],
    [decimal(-0.126), '−0.13'],
    [significant(1484.4), '1,484'],
    [significant(12.34), '12.3'],
    [significant(0.00046), '0.00046'],
    [significant(0.0000123), '1.2e−5'],
    [percent(0.854), '85\u202f%'],
    [compact(9999), '9,999'],
    [compact(317069), '317\u202fk'],
    [compact(12345678), '12.3\u202fM'],
    [duration(0.0312), '31\u202fms'],
    [duration(4.21), '4.2\u202fs'],
    [duration(190), '3\u202fmin 10\u202fs'],
    [cssShare(1.2), '100%'],
    [cssShare(Number.NaN), '0%'],
    [decimal(Number.NaN), '–'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });

  it('take the middle of an even number of counts, and skip what is not finite', () => {
    expect(spread([4, 1, Number.NaN, 3, 2])).toEqual({ low: 1, median: 2.5, high: 4 });
    expect(spread([])).toBeNull();
  });

  it('average a histogram by the middles of its bins', () => {
    expect(mean([1, 0, 0, 1])).toBe(0);
    expect(mean([0, 0, 0, 2])).toBe(0.75);
  });
});
