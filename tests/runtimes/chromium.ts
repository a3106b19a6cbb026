import { launchChromium } from '../playwright/chromium.js';
import { browserDriver, playwrightVisit } from './browser.js';
import { ISOLATED, STRICT } from './site.js';

const visit = playwrightVisit(launchChromium);

/** Several cores: the page is isolated, and under a strict policy. */
export const chromium = browserDriver('Chromium', { ...ISOLATED, ...STRICT }, visit);

/** One thread, shared with the page. */
export const chromiumPage = browserDriver('Chromium, in the page', STRICT, visit, 'here');
