/** `<netkin-neighbours>` in use: by hand, by ear, and by a page that asks it. */
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Perspective } from '../../src/perspective.js';
import type { Explanation } from '../../src/serving/explanation.js';
import { NEIGHBOURS, Stage, show } from './stage.js';

declare global {
  /** What the element asked of its perspective. */
  var asked: { aborted: () => boolean; answered: boolean }[];
}

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.[Symbol.asyncDispose]());

const focused = (page: Page) =>
  page.evaluate(() => element.shadowRoot!.activeElement?.getAttribute('data-place') ?? null);

test('Tab leads to one row, arrows, Home and End to the others, Enter and Space choose', async () => {
  await stage.visit(async (page) => {
    await show(page);
    await page.keyboard.press('Tab');
    const visited = [await focused(page)];
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'Home', 'End']) {
      await page.keyboard.press(key);
      visited.push(await focused(page));
    }
    expect(visited).toEqual(['0', '1', '2', '2', '1', '0', '2']);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    expect(await page.evaluate(() => chosen.map(({ index }) => index))).toEqual([11, 7]);
    await page.keyboard.press('End');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBeNull();
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toBe('2');
  });
});

test('a click chooses a row, which then is the selected one', async () => {
  await stage.visit(async (page) => {
    await show(page);
    await page.getByRole('option', { name: 'Sandal' }).click();
    expect(await page.evaluate(() => chosen)).toEqual([{ index: 2, neighbour: NEIGHBOURS[1] }]);
    expect(await page.getByRole('option', { selected: true }).allTextContents()).toHaveLength(1);
    expect(await page.evaluate(() => element.selected)).toBe(2);
  });
});

test('who listens hears label, number, similarity and the share of each layer', async () => {
  await stage.visit(async (page) => {
    await show(page);
    const list = page.getByRole('listbox', { name: 'Nearest training examples' });
    expect(await list.getByRole('option').count()).toBe(3);
    const second = list.getByRole('option', { name: 'Sandal , #2 , similarity 0.75', exact: true });
    expect(await second.count()).toBe(1);
    const id = await second.getAttribute('aria-describedby');
    const words = await page.evaluate((it) => element.shadowRoot!.getElementById(it)!.textContent, id!);
    expect(words).toBe('Layers: layer_1 0.25, layer_2 −0.13, layer_3 0.63');
  });
});

test('every state is announced and shown in words', async () => {
  await stage.visit(async (page) => {
    const status = () => page.getByRole('status').textContent();
    const says = (text: string) => page.getByText(text).last().isVisible();
    const set = (properties: object) =>
      page.evaluate((given) => Object.assign(element, given).updateComplete, properties);
    expect(await says('Choose an input to see the training examples most like it.')).toBe(true);
    await set({ busy: true });
    expect(await status()).toBe('Looking for the nearest training examples …');
    await set({ busy: false, error: 'The server is asleep.' });
    expect(await status()).toBe('The nearest examples cannot be shown. The server is asleep.');
    expect(await says('The server is asleep.')).toBe(true);
    await set({ error: null });
    await show(page, []);
    expect(await says('There is no other example to compare with.')).toBe(true);
    await show(page);
    expect(await status()).toBe('3 training examples; the nearest: Sneaker #7, similarity 0.88.');
  });
});

test.each<[string, object, readonly string[]]>([
  ['class ids by name', { labels: [1, 0, 5], classes: ['Bag', 'Coat'] }, ['Coat', 'Bag', 'label 5', '#3']],
  ['words', { labels: ['a', 'b', 'c'], names: ['one.png'] }, ['a', 'b', 'c', '#3']],
  [
    'class ids out of an index',
    { labels: { shape: [3], data: [1, 2, 0] } },
    ['label 1', 'label 2', 'label 0', '#3'],
  ],
  [
    'targets',
    { labels: { shape: [2, 2], data: [1, 2.5, 3, -4] } },
    ['label 1, 2.5', 'label 3, −4', '#2', '#3'],
  ],
])('labels may be %s', async (_, labels, wanted) => {
  await stage.visit(async (page) => {
    await page.evaluate((given) => Object.assign(element, given), labels);
    await show(
      page,
      [0, 1, 2, 3].map((index) => ({ index, similarity: 0.5 })),
    );
    expect(await page.locator('netkin-neighbours [part=label]').allTextContents()).toEqual(wanted);
  });
});

test('the answer of netkin’s HTTP function is shown as it comes', async () => {
  const answered: Explanation['neighbours'] = [
    { index: 3, similarity: 0.9, label: 7, name: 'shoe.png', className: 'Sneaker' },
    { index: 5, similarity: 0.8, label: [1.5, 2], name: null, className: null },
  ];
  await stage.visit(async (page) => {
    await show(page, answered);
    const options = await page.getByRole('option').allInnerTexts();
    expect(options.map((text) => text.replace(/\s+/g, ' '))).toEqual([
      expect.stringContaining('Sneaker , shoe.png'),
      expect.stringContaining('label 1.5, 2 , #5'),
    ]);
  });
});

/** A perspective of four examples, of which number i answers that i and its followers are nearest. */
async function perspective(page: Page, wait = 0): Promise<void> {
  await page.evaluate((delay) => {
    globalThis.asked = [];
    element.perspective = {
      size: 4,
      async nearest(input, count = 4, { signal } = {}) {
        const question = { aborted: () => signal!.aborted, answered: false };
        asked.push(question);
        // The first waits longest: answers come in the wrong order.
        await new Promise((resolve) => setTimeout(resolve, delay / asked.length));
        question.answered = true;
        const first = typeof input === 'number' ? input : 0;
        const indices = Int32Array.from({ length: count }, (_, i) => (first + i) % 4);
        return { count, indices, similarities: Float32Array.from(indices, (_, i) => 1 - i / 8) };
      },
      explain: (async (_: unknown, indices: readonly number[], { signal }: { signal: AbortSignal }) => {
        if (!signal) throw new Error('It cannot be stopped.');
        return indices.map((index) => ({
          similarity: 0.5,
          layers: [{ layer: `layer_${index}`, share: 0.5 }],
        }));
      }) as Perspective['explain'],
      labels: ['a', 'b', 'c', 'd'],
    };
  }, wait);
}

const shown = async (page: Page) => {
  await page.waitForFunction(() => element.shadowRoot!.querySelector('[aria-busy=false]'));
  return page.locator('netkin-neighbours [part=label]').allTextContents();
};

test('an input of the perspective is asked for, and left out itself', async () => {
  await stage.visit(async (page) => {
    await perspective(page);
    await page.evaluate(() => Object.assign(element, { input: 1, count: 2 }));
    expect(await shown(page)).toEqual(['c', 'd']);
    expect(await page.getByText('layer_2', { exact: true }).isVisible()).toBe(true);
    await page.evaluate(() => Object.assign(element, { count: 50, withoutLayers: true }).updateComplete);
    expect(await shown(page)).toEqual(['c', 'd', 'a']);
    expect(await page.locator('netkin-neighbours [part=legend]').count()).toBe(0);
  });
});

test('an input from outside is compared with all', async () => {
  await stage.visit(async (page) => {
    await perspective(page);
    await page.evaluate(() => {
      element.input = { shape: [1, 1], data: new Float32Array(1) };
    });
    expect(await shown(page)).toEqual(['a', 'b', 'c', 'd']);
  });
});

test('the last input asked for is the one shown, the others are stopped', async () => {
  await stage.visit(async (page) => {
    await perspective(page, 200);
    await page.evaluate(async () => {
      for (const input of [0, 1, 2]) {
        element.input = input;
        await element.updateComplete;
      }
    });
    await page.waitForFunction(() => asked.length === 3 && asked.every(({ answered }) => answered));
    expect(await shown(page)).toEqual(['d', 'a', 'b']);
    const stopped = await page.evaluate(() => asked.map(({ aborted }) => aborted()));
    expect(stopped).toEqual([true, true, false]);
  });
});

test('what was shown stays while the next is looked for', async () => {
  await stage.visit(async (page) => {
    await perspective(page, 30);
    await page.evaluate(() => Object.assign(element, { input: 0 }));
    await shown(page);
    const meanwhile = await page.evaluate(async () => {
      await Object.assign(element, { input: 1 }).updateComplete;
      const labels = element.renderRoot.querySelectorAll('[aria-busy=true] [part=label]');
      return Array.from(labels, (label) => label.textContent);
    });
    expect(meanwhile).toEqual(['b', 'c', 'd']);
    expect(await shown(page)).toEqual(['c', 'd', 'a']);
  });
});

test('an element moved in mid-search goes on', async () => {
  await stage.visit(async (page) => {
    await perspective(page, 30);
    await page.evaluate(async () => {
      element.input = 0;
      await element.updateComplete;
      document.querySelector('main')!.append(element);
    });
    expect(await shown(page)).toEqual(['b', 'c', 'd']);
  });
});

test('why a search failed is said in its own words', async () => {
  await stage.visit(async (page) => {
    await page.evaluate(() => {
      const fail = () => Promise.reject(new Error('The worker is gone: open the model again.'));
      Object.assign(element, { perspective: { size: 3, nearest: fail, explain: fail }, input: 0 });
    });
    const words = page.locator('[part=error]', { hasText: 'The worker is gone: open the model again.' });
    await words.waitFor();
  });
});
