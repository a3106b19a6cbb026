/** `<netkin-neighbours>` says what is wrong with what it was given; nothing that a page sets throws or shows old news. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stage, show } from './stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.[Symbol.asyncDispose]());

test('an undefined input asks nothing, as null does', async () => {
  await stage.visit(async (page) => {
    const asked = await page.evaluate(async () => {
      let asked = 0;
      const fail = () => Promise.reject(new Error(String(++asked)));
      Object.assign(element, { perspective: { size: 3, nearest: fail, explain: fail }, input: undefined });
      await element.updateComplete;
      return asked;
    });
    expect(asked).toBe(0);
    expect(await page.locator('[part=empty]').isVisible()).toBe(true);
  });
});

test('a count that is no whole number above 0 is the default', async () => {
  await stage.visit(async (page) => {
    const counts = await page.evaluate(() => {
      const counts = [null, undefined, 0, -1, 2.5, Number.NaN, Infinity, '3', {}].map((count) => {
        Object.assign(element, { count: 7 });
        return Object.assign(element, { count }).count;
      });
      for (const text of ['8', 'abc', '-2', '']) {
        element.setAttribute('count', text);
        counts.push(element.count);
      }
      element.setAttribute('count', '9');
      element.removeAttribute('count');
      return [...counts, element.count];
    });
    expect(counts).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 5, 8, 5, 5, 5, 5]);
  });
});

const broken = ['abc', 7, {}, [{}, null]];
const pixels = (shape: unknown, data: unknown = [1, 2, 3, 4]) => ({ shape, data });

test.each<[string, unknown[]]>([
  [
    'neighbours',
    [
      ...broken,
      [{ index: 0 }],
      [{ index: 0, similarity: 1, layers: 'abc' }],
      [{ index: 0, similarity: 1, layers: [null] }],
      [{ index: 0, similarity: 1, picture: pixels([2, 3]) }],
      [{ index: 0, similarity: 1, label: {} }],
    ],
  ],
  ['labels', [...broken, pixels([3]), pixels([1, 4], 'abcd')]],
  ['classes', broken],
  ['names', broken],
  [
    'thumbnails',
    [
      ...broken,
      pixels([1, 2, 3, 1]),
      pixels([1, 2, 1, 2]),
      pixels([2, 2]),
      pixels('abc'),
      pixels([1, 2, 2], 'abcd'),
      pixels([1, 2, 2], ['a', 'b', 'c', 'd']),
    ],
  ],
  ['perspective', [...broken, { size: 3 }]],
])('broken %s are named, and nothing old is shown', async (name, values) => {
  await stage.visit(async (page) => {
    for (const value of values) {
      await page.evaluate(([name]) => Object.assign(element, { [name]: null }), [name] as const);
      await show(page);
      expect(await page.getByRole('option').count()).toBe(3);
      await page.evaluate(([name, value]) => Object.assign(element, { [name]: value }).updateComplete, [
        name,
        value,
      ] as const);
      expect(await page.getByRole('option').count(), JSON.stringify(value)).toBe(0);
      const words = await page.locator('[part=error]').textContent();
      expect(words).toMatch(new RegExp(`cannot be shown. ${name}\\S* (is|has) .*(; give|wants) `));
      expect(await page.getByRole('status').textContent()).toContain(name);
    }
    await page.evaluate(([name]) => Object.assign(element, { [name]: undefined }), [name] as const);
    await show(page);
    expect(await page.getByRole('option').count()).toBe(3);
  });
});

test('so is what a perspective brings along, and what it answers', async () => {
  await stage.visit(async (page) => {
    const said = (given: string) =>
      page.evaluate(async (given) => {
        const methods = { size: 3, nearest: async () => ({}), explain: async () => ({}) };
        Object.assign(element, { perspective: { ...methods, ...JSON.parse(given) }, input: 0 });
        await element.updateComplete;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return element.renderRoot.querySelector('[part=error]')?.textContent;
      }, given);
    expect(await said('{"labels":7}')).toContain('perspective.labels is 7; give labels by example.');
    expect(await said('{}')).toContain(
      'The answer of perspective.nearest.indices is undefined; give numbers.',
    );
  });
});
