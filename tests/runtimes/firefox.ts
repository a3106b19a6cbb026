import { launchFirefox } from '../playwright/firefox.js';
import { browserDriver, playwrightVisit } from './browser.js';
import { STRICT } from './site.js';

/** In a page that is not isolated, under a strict policy. */
export const firefox = browserDriver('Firefox', STRICT, playwrightVisit(launchFirefox));
