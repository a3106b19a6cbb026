/** The README says all that `<netkin-neighbours>` has, and nothing that it has not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../package/installed.js';
import { Stage, show } from './stage.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const section = readme.match(/## Embedding[\s\S]*?\n## /)![0];

test('its properties', async () => {
  const [, table] = /\| property \|[^\n]*\n[^\n]*\n([\s\S]*?)\n\n/.exec(section)!;
  const cells = table!.split('\n').map((line) => line.split('|')[1]!);
  const said = cells.flatMap((cell) => Array.from(cell.matchAll(/`(\w+)`/g), ([, name]) => name!));
  await using stage = await Stage.open();
  await stage.visit(async (page) => {
    const has = await page.evaluate(() => {
      const names = (element.constructor as unknown as { elementProperties: Map<PropertyKey, object> })
        .elementProperties;
      return [...names.keys()].filter((name) => typeof name === 'string' && name in element);
    });
    expect(said.toSorted()).toEqual(has.toSorted());
  });
});

test('its custom properties', () => {
  const style = readFileSync(join(root, 'web/elements/style.ts'), 'utf8');
  const names = (text: string) => [...new Set(text.match(/--netkin-[a-z-]+/g))].sort();
  expect(names(section)).toEqual(names(style));
});

test('its parts', async () => {
  const said = section.match(/Parts: ([^.]*)\./)![1]!.match(/\w+/g)!;
  await using stage = await Stage.open();
  await stage.visit(async (page) => {
    const parts = () =>
      page.evaluate(() =>
        Array.from(element.renderRoot.querySelectorAll('[part]'), (part) => [...part.part]).flat(),
      );
    const found = await parts();
    await page.evaluate(() => Object.assign(element, { error: 'asleep' }).updateComplete);
    found.push(...(await parts()));
    await page.evaluate(() => Object.assign(element, { error: null, selected: 2 }));
    await show(page);
    found.push(...(await parts()));
    expect([...new Set(found)].filter((part) => part !== 'frame').sort()).toEqual(said.toSorted());
  });
});
