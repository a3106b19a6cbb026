#!/usr/bin/env node
/** The command line: `netkin <verb> …`. What is slow to load waits until a verb has looked at its options. */
import { readFileSync } from 'node:fs';
import { runCommand } from './cli/run.js';

const about = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(about) as { readonly version: string };
const code = await runCommand(process.argv.slice(2), version);
process.exitCode ||= code; // stdout may have failed meanwhile
