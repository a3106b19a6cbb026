/** The system's Chromium, driven by Playwright. */
import { type Browser, chromium } from 'playwright';
import { find } from '../runtimes/programs.mjs';

/** Without a system browser Playwright looks for its own; if that is missing too, this fails and says so. */
export function launchChromium(): Promise<Browser> {
  const executablePath = find('chromium');
  return chromium.launch({ args: ['--no-sandbox'], ...(executablePath && { executablePath }) });
}
