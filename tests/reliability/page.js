// The page of browser.test.ts: netkin on the examples' network, and every worker that is started, to be counted and killed.
import { open } from '/browser/index.js';

const workers = [];
globalThis.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    workers.push(this);
  }
};

const pixels = new Uint8Array(await (await fetch('/data/images.bin')).arrayBuffer());
const images = { shape: [pixels.length / 784, 28, 28, 1], data: pixels, divisor: 255 };
const few = { ...images, shape: [40, 28, 28, 1], data: pixels.subarray(0, 40 * 784) };
const ended = (call) =>
  call.then(
    () => 'done',
    ({ code }) => code,
  );
const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));
const openEngine = () => open('/data/model.json', { check: false });

globalThis.trials = {
  /** Kills the engine's worker in mid-call. */
  async killed() {
    const engine = await openEngine();
    const seen = await engine.perspective(few);
    const calls = [engine.perspective(images), seen.blocks(), seen.density({ power: 2.5 })].map(ended);
    await pause(30);
    workers.at(-1).terminate();
    const codes = await Promise.all(calls);
    const later = await ended(seen.density());
    await engine.dispose();
    const again = await openEngine();
    const sums = await (await again.perspective(few)).density();
    await again.dispose();
    return { codes, later, again: sums.length };
  },

  /** Starts a call that outlives the tab. */
  async busy() {
    const engine = await openEngine();
    const seen = await engine.perspective(images);
    ended(seen.blocks());
    ended(seen.nearest());
  },

  /** Workers of netkin that live, in whatever tab: each holds a lock. */
  async living() {
    const { held } = await navigator.locks.query();
    return held.filter(({ name }) => name.startsWith('netkin worker')).length;
  },

  /** All pairs of all images, often enough that workers of the engine's own are worth their start. */
  async shared(options) {
    const engine = await open('/data/model.json', { check: false, ...options });
    const seen = await engine.perspective(images);
    let counts;
    for (let round = 0; round < 4; round++) counts = await seen.density({ power: 2.5 });
    const alive = await trials.living();
    await engine.dispose();
    return { isolated: crossOriginIsolated, alive, counts: [...counts] };
  },

  /** Stops calls at random times. */
  async aborted(rounds) {
    const engine = await openEngine();
    const seen = await engine.perspective(few);
    const expected = (await seen.matrix()).data.join();
    const codes = {};
    for (let round = 0; round < rounds; round++) {
      const stopping = new AbortController();
      const { signal } = stopping;
      const call = round % 2 ? engine.perspective(images, { signal }) : seen.nearest(images, 5, { signal });
      await pause((round * 37) % 80);
      stopping.abort();
      const code = await ended(call);
      codes[code] = (codes[code] ?? 0) + 1;
    }
    const same = (await seen.matrix()).data.join() === expected;
    await engine.dispose();
    return { codes, same, workers: workers.length };
  },

  /** Opens and disposes, again and again. */
  async cycles(rounds) {
    for (let round = 0; round < rounds; round++) {
      const engine = await openEngine();
      await (await engine.perspective(few)).density();
      await engine.dispose();
    }
  },

  /** The longest time that the page's own thread did not answer, in milliseconds. */
  async longestPause() {
    const engine = await openEngine();
    let [longest, last] = [0, performance.now()];
    const ticking = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, 1);
    const start = performance.now();
    await (await engine.perspective(images)).nearest();
    const took = performance.now() - start;
    clearInterval(ticking);
    await engine.dispose();
    return { longest, took };
  },
};
