/** What the examples must show, computed here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, open } from 'netkin';
import { root } from '../package/installed.js';

const data = (name: string) => readFileSync(join(root, 'examples/data', name));
const bytes = (name: string) => {
  const content = new Uint8Array(data(name));
  return { shape: [content.length / 784, 28, 28, 1], data: content, divisor: 255 };
};

export interface Expected {
  /** Rows as `<netkin-neighbours>` shows them: "Sneaker #534 0.98". */
  readonly sneaker: readonly string[];
  /** Nearest to image 0 of the training set, without itself. */
  readonly first: readonly string[];
}

export async function expected(): Promise<Expected> {
  const { classes, labels } = JSON.parse(data('labels.json').toString()) as {
    classes: string[];
    labels: number[];
  };
  const engine: Engine = await open(join(root, 'examples/data/model.json'));
  const seen = await engine.perspective(bytes('images.bin'));
  const rows = async (of: number | ReturnType<typeof bytes>, skipped: number) => {
    const { indices, similarities } = await seen.nearest(of, 5 + skipped);
    const shown = Array.from(
      indices,
      (index, i) => `${classes[labels[index]!]} #${index} ${similarities[i]!.toFixed(2)}`,
    );
    return shown.slice(skipped);
  };
  const result = { sneaker: await rows(bytes('sneaker.bin'), 0), first: await rows(0, 1) };
  await engine.dispose();
  return result;
}
