/** The system's Firefox, driven by Playwright. */
import { existsSync } from 'node:fs';
import { type Browser, firefox } from 'playwright';

/** Without a system browser Playwright looks for its own; if that is missing too, this fails and says so. */
export function launchFirefox(): Promise<Browser> {
  const executablePath = [process.env.NETKIN_FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'].find(
    (path) => path && existsSync(path),
  );
  return firefox.launch(executablePath ? { channel: 'moz-firefox', executablePath } : {});
}
