import { launchChromium } from '../playwright/chromium.js';
import { browserDriver, playwrightVisit } from './browser.js';
import { ISOLATED, STRICT } from './site.js';

/** In an isolated page under a strict policy. */
export const chromium = browserDriver(
  'Chromium',
  { ...ISOLATED, ...STRICT },
  playwrightVisit(launchChromium),
);
