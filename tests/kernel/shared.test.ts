import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/kernel/arena.js';
import { type Kernel, LANES, OUTER_SCRATCH_BYTES, TILE_BYTES, wasmKernel } from '../../src/kernel/kernel.js';
import { module, noise, randomFloats } from './fixture.js';

const shared = new WebAssembly.Module(
  readFileSync(new URL('../../dist/kernel-shared.wasm', import.meta.url)),
);

function memory(isShared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 16, maximum: 256, shared: isShared });
}

/** Tiles, sums and a filter gradient of the same random numbers, as bytes. */
function results(kernel: Kernel, arena: Arena): Uint8Array {
  const next = noise(7);
  const [a, b, c, d] = [300, 300, 40, 40].map((length) => randomFloats(arena, length * LANES, next));
  const first = arena.allocate(0);
  const tile = arena.allocate(TILE_BYTES, true);
  const scratch = arena.allocate(OUTER_SCRATCH_BYTES, true);
  const stored = arena.allocate(LANES * LANES * 4, true);
  const dots = arena.allocate(LANES * 8, true);
  const filter = arena.allocate(9 * 3 * 5 * 4, true);
  const sums = arena.allocate(LANES * 8, true);
  kernel.addGram(a!, b!, 300, tile);
  kernel.addOuterGram(a!, b!, 300, c!, d!, 40, 1, scratch, tile);
  kernel.addOuterGram(a!, b!, 150, c!, d!, 20, 2, scratch, tile);
  kernel.storeTile(tile, 0.3, stored, LANES, LANES, LANES, 0, 0);
  kernel.laneDots(a!, b!, 300, dots);
  kernel.convolutionFilterGradient(a!, c!, filter, 2, 8, 8, 3, 8, 8, 5, 3, 3, 1, 1, 1, 1, 1, 1);
  kernel.addPowerSums(a!, LANES, 200, 250, 3.5, sums);
  const bytes = arena.allocate(0) - first;
  return Uint8Array.from(new Uint8Array(arena.memory.buffer, first, bytes));
}

describe('the kernel module for shared memory', () => {
  it('imports a shared memory and nothing else', () => {
    expect(WebAssembly.Module.imports(shared)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    expect(() => wasmKernel(shared, memory(true))).not.toThrow();
    expect(() => wasmKernel(shared, memory(false))).toThrow(WebAssembly.LinkError);
    expect(() => wasmKernel(module, memory(true))).toThrow(WebAssembly.LinkError);
  });

  it('takes the largest memory that 32 bits address', () => {
    const largest = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    expect(() => wasmKernel(shared, largest)).not.toThrow();
  });

  it('exports the same kernels', () => {
    const names = (code: WebAssembly.Module) => WebAssembly.Module.exports(code).map((entry) => entry.name);
    expect(names(shared)).toEqual(names(module));
  });

  it('gives the same bits as the module for one thread', () => {
    const [ours, single] = [shared, module].map((code) => {
      const own = memory(code === shared);
      return results(wasmKernel(code, own), new Arena(own));
    });
    expect(single!.some((byte) => byte !== 0)).toBe(true);
    expect(ours).toEqual(single);
  });
});
