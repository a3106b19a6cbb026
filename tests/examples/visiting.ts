/** Pages of examples and small apps in Chromium; whatever the browser complains of fails the visit. */
import type { Page } from 'playwright';
import { launchChromium } from '../playwright/chromium.js';

export async function visit<Result>(address: string, look: (page: Page) => Promise<Result>): Promise<Result> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text());
    });
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(address);
    const result = await look(page).catch((error: unknown) => {
      throw new Error([String(error), ...faults].join('\n'), { cause: error });
    });
    if (faults.length > 0) throw new Error(faults.join('\n'));
    return result;
  } finally {
    await browser.close();
  }
}

/** What `<netkin-neighbours>` shows, row by row, once it does: "Sneaker #534 0.98". */
export async function rows(page: Page): Promise<string[]> {
  await page.locator('netkin-neighbours [role=listbox][aria-busy=false]').waitFor();
  const shown = page.locator('netkin-neighbours [role=option] .words');
  return shown.evaluateAll((all) =>
    all.map((words) =>
      ['label', 'name', 'value'].map((part) => words.querySelector(`[part=${part}]`)?.textContent).join(' '),
    ),
  );
}
