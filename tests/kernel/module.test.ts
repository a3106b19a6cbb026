import { describe, expect, it } from 'vitest';
import { plainKernel } from '../../src/kernel/plain.js';
import { binary, module } from './fixture.js';

/** The section ids of a wasm binary, in order. */
function sections(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  let at = 8;
  while (at < bytes.length) {
    ids.push(bytes[at++]!);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += size;
  }
  return ids;
}

describe('the kernel module', () => {
  it('owns no data, so that it can share a memory with tfjs', () => {
    const ids = sections(binary);
    expect(ids).toContain(10);
    expect(ids).not.toContain(11);
    expect(ids).not.toContain(12);
  });

  it('imports its memory and nothing else', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });

  it('exports exactly the kernels that have a plain twin', () => {
    const twins = Object.keys(plainKernel(new WebAssembly.Memory({ initial: 1 })));
    expect(
      WebAssembly.Module.exports(module)
        .map((entry) => entry.name)
        .sort(),
    ).toEqual(twins.sort());
  });

  it('stays below 30 KB', () => {
    expect(binary.length).toBeLessThan(30_000);
  });
});
