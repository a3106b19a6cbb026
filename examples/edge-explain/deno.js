// The same function in Deno: deno run --allow-read --allow-net --allow-env --allow-sys deno.js
import { readFile } from 'node:fs/promises';
import { explainer, open } from 'netkin';

const read = (file) => readFile(new URL(`build/${file}`, import.meta.url));
const engine = await open(new URL('build/model.json', import.meta.url), { output: 'contrast', check: false });
const handler = explainer(engine, await engine.reopen(await read('train.netkin')));
Deno.serve({ port: Number(Deno.env.get('PORT') ?? 8787), hostname: '127.0.0.1' }, handler);
