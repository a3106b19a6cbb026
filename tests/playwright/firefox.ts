/** The system's Firefox, driven by Playwright. */
import { type Browser, firefox } from 'playwright';
import { find } from '../runtimes/programs.mjs';

/** Without a system browser Playwright looks for its own; if that is missing too, this fails and says so. */
export function launchFirefox(): Promise<Browser> {
  const executablePath = find('firefox');
  return firefox.launch(executablePath ? { channel: 'moz-firefox', executablePath } : {});
}
