// The system's programs that the tests drive, and the Debian package of each.
import { existsSync } from 'node:fs';
import { env, platform } from 'node:process';

export const programs = {
  chromium: { package: 'chromium', paths: ['/usr/bin/chromium', '/usr/bin/google-chrome'] },
  firefox: { package: 'firefox-esr', paths: ['/usr/bin/firefox-esr', '/usr/bin/firefox'] },
  WebKitWebDriver: { package: 'webkit2gtk-driver', paths: ['/usr/bin/WebKitWebDriver'] },
  Xvfb: { package: 'xvfb', paths: ['/usr/bin/Xvfb'] },
};

/** Where a program lies: where NETKIN_CHROMIUM, NETKIN_FIREFOX … say, else the system's; undefined if nowhere. */
export function find(name) {
  const own = env[`NETKIN_${name.toUpperCase()}`];
  if (own) return own;
  return platform === 'linux' ? programs[name].paths.find((path) => existsSync(path)) : undefined;
}

/** The same for a program that nothing can replace. */
export function need(name) {
  const found = find(name);
  if (found) return found;
  throw new Error(`${name} is missing: apt-get install ${programs[name].package}`);
}
