// Every check of the project, in order; the last line counts them: "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installRuntimes } from './runtimes/install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const tally = { passed: 0, failed: 0 };

/** The script that a package installs under a command's name. */
function command(packageName, name) {
  let folder = dirname(require.resolve(packageName));
  while (!existsSync(join(folder, 'package.json')) || !manifest(folder).bin) folder = dirname(folder);
  const { bin } = manifest(folder);
  return join(folder, typeof bin === 'string' ? bin : bin[name]);
}

function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function check(title, script, ...parameters) {
  const { status } = spawnSync(process.execPath, [script, ...parameters], { cwd: root, stdio: 'inherit' });
  tally[status === 0 ? 'passed' : 'failed'] += 1;
  console.log(`${status === 0 ? '✓' : '✗'} ${title}`);
}

installRuntimes();
check('formatted, and free of lint', join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '.');
check('types', command('typescript', 'tsc'), '--noEmit');
check('no unused code', join(root, 'node_modules/knip/bin/knip.js'));

const folder = mkdtempSync(join(tmpdir(), 'netkin-tests-'));
const results = join(folder, 'results.json');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [
    vitest,
    'run',
    '--config',
    'tests/vitest.config.ts',
    '--root',
    root,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
  ],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (existsSync(results)) {
  const report = JSON.parse(readFileSync(results, 'utf8'));
  tally.passed += report.numPassedTests;
  tally.failed += report.numFailedTests;
  // A file that fails to load counts too: its tests never ran.
  tally.failed += report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const skipped = report.numPendingTests + report.numTodoTests;
  if (skipped > 0) tally.failed += skipped;
  // An error outside any test, such as an unhandled rejection.
  if (status !== 0 && tally.failed === 0) tally.failed += 1;
} else {
  tally.failed += 1;
}
rmSync(folder, { recursive: true, force: true });
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;
