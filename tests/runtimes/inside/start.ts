/** The script of a page: loads the module that examines, and posts what it finds, or why it found nothing. */
import type { Examination } from './examine.js';

/** What a page posts to `/examination`. */
export type PageReport =
  | { readonly examination: Examination; readonly faults: readonly string[] }
  | { readonly failure: string };

const faults: string[] = [];
addEventListener('error', ({ message }) => faults.push(message));
addEventListener('unhandledrejection', ({ reason }) => faults.push(`unhandled rejection: ${reason}`));
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  faults.push(`${violatedDirective} forbids ${blockedURI}`),
);

async function report(): Promise<PageReport> {
  try {
    const { examineHere } = await import('./page.js');
    return { examination: await examineHere(), faults };
  } catch (error) {
    const words = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    return { failure: [words, ...faults].join('\n') };
  }
}

fetch('examination', { method: 'POST', body: JSON.stringify(await report()) });
