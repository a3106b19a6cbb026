/** The system's Chromium, driven by Playwright. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright';

/** Without a system browser Playwright looks for its own; if that is missing too, this fails and says so. */
export function launchChromium(): Promise<Browser> {
  const executablePath = [process.env.NETKIN_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    (path) => path && existsSync(path),
  );
  return chromium.launch({ args: ['--no-sandbox'], ...(executablePath && { executablePath }) });
}
