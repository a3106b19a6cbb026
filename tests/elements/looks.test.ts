/** What `<netkin-neighbours>` draws, in every kind of light and width. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NEIGHBOURS, Stage, show } from './stage.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.[Symbol.asyncDispose]());

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations, incomplete } = (await page.evaluate('axe.run()')) as AxeResults;
  // What axe cannot decide counts, too: here it can decide everything.
  return [...violations, ...incomplete].map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)}`,
  );
}

const screens: readonly (readonly [string, BrowserContextOptions])[] = [
  ['in the light', { colorScheme: 'light' }],
  ['in the dark', { colorScheme: 'dark' }],
  ['on a phone', { viewport: { width: 320, height: 640 } }],
];

test.each(screens)('%s, axe finds nothing to complain of in any state', async (_, options) => {
  await stage.visit(async (page) => {
    expect(await violations(page)).toEqual([]);
    await page.evaluate(() => Object.assign(element, { busy: true }));
    expect(await violations(page)).toEqual([]);
    await page.evaluate(() => Object.assign(element, { busy: false, error: 'The server is asleep.' }));
    expect(await violations(page)).toEqual([]);
    await page.evaluate(() => Object.assign(element, { error: null, selected: 2 }));
    await show(page);
    expect(await violations(page)).toEqual([]);
  }, options);
});

test('nothing sticks out at phone width, however long the names are', async () => {
  await stage.visit(
    async (page) => {
      const name = 'photographs/2026/november/a-file-name-without-any-end.png';
      const layers = NEIGHBOURS[0]!.layers!.map((layer) => ({ ...layer, layer: name }));
      await show(page, [{ ...NEIGHBOURS[0]!, label: name, name, layers }]);
      const overhang = () => {
        const { right } = element.getBoundingClientRect();
        const inside = element.renderRoot.querySelectorAll('[part=value], [part=bar], dd');
        return Math.max(...Array.from(inside, (part) => part.getBoundingClientRect().right - right));
      };
      expect(await page.evaluate(overhang)).toBeLessThanOrEqual(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    },
    { viewport: { width: 320, height: 640 } },
  );
});

test.each([320, 1000])('at %i pixels nothing below it moves when the neighbours come', async (width) => {
  await stage.visit(
    async (page) => {
      const heightAbove = () =>
        page.getByText('Below it').evaluate((below) => below.getBoundingClientRect().y);
      const places = () =>
        page.evaluate(() =>
          Array.from(
            element.renderRoot.querySelectorAll('[part~=row]'),
            (row) => row.getBoundingClientRect().y,
          ),
        );
      await page.evaluate(async () => {
        Object.assign(element, { busy: true, count: 3 });
        await element.updateComplete;
      });
      const before = [await heightAbove(), await places()];
      await page.evaluate(() => Object.assign(element, { busy: false }));
      await show(page);
      expect(await page.getByRole('option').count()).toBe(3);
      expect([await heightAbove(), await places()]).toEqual(before);
    },
    { viewport: { width, height: 800 } },
  );
});

test('a picture has the pixels that were handed over', async () => {
  await stage.visit(async (page) => {
    const drawn = () =>
      page.evaluate(() => {
        const canvas = element.renderRoot.querySelector('canvas')!;
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d')!;
        copy.drawImage(canvas, 0, 0);
        return [...copy.getImageData(0, 0, canvas.width, canvas.height).data];
      });
    const grey = (value: number) => [value, value, value, 255];
    await show(page);
    expect(await drawn()).toEqual([0, 85, 170, 255].flatMap(grey));
    await show(page, [{ index: 0, similarity: 1, picture: { shape: [1, 1, 3], data: [10, 20, 30] } }]);
    expect(await drawn()).toEqual([10, 20, 30, 255]);
    await page.evaluate(() => {
      element.thumbnails = { shape: [2, 1, 2, 1], data: new Uint8Array([1, 2, 3, 4]) };
    });
    await show(page, [{ index: 1, similarity: 1 }]);
    expect(await drawn()).toEqual([3, 4].flatMap(grey));
  });
});

test('the pieces of a bar are as long as the shares, from zero on, to both sides', async () => {
  await stage.visit(async (page) => {
    await show(page);
    const bars = await page.evaluate(() =>
      Array.from(element.renderRoot.querySelectorAll('[part=bar]'), (bar) => {
        const { left, width } = bar.getBoundingClientRect();
        return Array.from(bar.querySelectorAll('[part=piece]'), (piece) => {
          const box = piece.getBoundingClientRect();
          return [(box.left - left) / width, box.width / width];
        });
      }),
    );
    // The lowest stack ends at -0.125, so the axis of all bars is 1.125 long.
    const shares = [
      [
        [0, 0.25],
        [0.25, 0.125],
        [0.375, 0.5],
      ],
      [
        [0, 0.25],
        [-0.125, 0.125],
        [0.25, 0.625],
      ],
      [
        [0, 0.125],
        [0.125, 0.125],
        [0.25, 0.25],
      ],
    ];
    const wanted = shares.map((bar) => bar.map(([start, size]) => [(start! + 0.125) / 1.125, size! / 1.125]));
    expect(bars.flat(2)).toHaveLength(18);
    bars.flat(2).forEach((value, i) => {
      expect(value).toBeCloseTo(wanted.flat(2)[i]!, 3);
    });
  });
});

test('nothing moves where less motion is wanted', async () => {
  const moving = (page: Page) => page.evaluate(() => element.shadowRoot!.getAnimations().length);
  const wait = (page: Page) => page.evaluate(() => Object.assign(element, { busy: true }).updateComplete);
  await stage.visit(async (page) => {
    await wait(page);
    expect(await moving(page)).toBe(5);
  });
  await stage.visit(
    async (page) => {
      await wait(page);
      expect(await moving(page)).toBe(0);
    },
    { reducedMotion: 'reduce' },
  );
});

test('a page may choose the colours and sizes', async () => {
  await stage.visit(async (page) => {
    await show(page, [NEIGHBOURS[0]!]);
    await page.evaluate(() => {
      element.style.setProperty('--netkin-last', 'rgb(1, 2, 3)');
      element.style.setProperty('--netkin-picture-size', '96px');
    });
    const seen = await page.evaluate(() => {
      const piece = element.renderRoot.querySelector('[part=piece]:last-of-type')!;
      const canvas = element.renderRoot.querySelector('canvas')!;
      return [getComputedStyle(piece).backgroundColor, canvas.getBoundingClientRect().width];
    });
    expect(seen[1]).toBe(96);
    const [r, g, b] = String(seen[0])
      .match(/[\d.]+/g)!
      .map(Number);
    expect([r, g, b].every((part) => part! <= 3)).toBe(true);
  });
});
