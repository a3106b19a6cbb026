/** A page with one `<netkin-neighbours>` in it, under a strict policy, in a real browser. */
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import type { Neighbour, NetkinNeighbours, Selection } from '../../web/elements/index.js';
import { root } from '../package/installed.js';
import { type Served, serve } from '../package/serving.js';
import { launchChromium } from '../playwright/chromium.js';

declare global {
  var element: NetkinNeighbours;
  var chosen: Selection[];
}

const PAGE = `<!doctype html><html lang="en"><title>A stage</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="stage.css"><script type="module" src="stage.js"></script>
<main><h1>A stage</h1><netkin-neighbours></netkin-neighbours><p>Below it</p></main>`;
const STYLE = `:root { color-scheme: light dark; background: light-dark(#fff, #131519); color: light-dark(#1c2026, #e8e6e2); }`;
const SCRIPT = `import './elements/index.js';
globalThis.element = document.querySelector('netkin-neighbours');
globalThis.chosen = [];
element.addEventListener('netkin-select', (event) => chosen.push(event.detail));`;

/** Three layers whose shares sum to the similarity of each; one share is negative. */
export const NEIGHBOURS: readonly Neighbour[] = [
  neighbour(7, 'Sneaker', [0.25, 0.125, 0.5]),
  neighbour(2, 'Sandal', [0.25, -0.125, 0.625]),
  neighbour(11, 'Ankle boot', [0.125, 0.125, 0.25]),
];

function neighbour(index: number, label: string, shares: readonly number[]): Neighbour {
  const layers = shares.map((share, l) => ({ layer: `layer_${l + 1}`, share }));
  const picture = { shape: [2, 2], data: [0, 85, 170, 255] };
  return { index, label, layers, picture, similarity: shares.reduce((sum, share) => sum + share, 0) };
}

export class Stage implements AsyncDisposable {
  readonly #site: Served;
  readonly #browser: Browser;

  private constructor(site: Served, browser: Browser) {
    this.#site = site;
    this.#browser = browser;
  }

  static async open(): Promise<Stage> {
    const pages = { 'favicon.ico': '', 'index.html': PAGE, 'stage.css': STYLE, 'stage.js': SCRIPT };
    return new Stage(await serve([join(root, 'dist')], pages), await launchChromium());
  }

  /** Runs `look` on a fresh page; whatever the browser complains of is an error. */
  async visit(look: (page: Page) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> {
    const context = await this.#browser.newContext(options);
    try {
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('console', (message) => message.type() !== 'log' && faults.push(message.text()));
      page.on('pageerror', ({ message }) => faults.push(message));
      await page.goto(this.#site.address);
      await page.waitForFunction(() => globalThis.chosen !== undefined);
      await look(page);
      if (faults.length > 0) throw new Error(faults.join('\n'));
    } finally {
      await context.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#site[Symbol.asyncDispose]();
  }
}

/** Hands neighbours to the element and waits until they are shown. */
export async function show(page: Page, neighbours: readonly Neighbour[] = NEIGHBOURS): Promise<void> {
  await page.evaluate(async (given) => {
    element.neighbours = given;
    await element.updateComplete;
  }, neighbours);
}
