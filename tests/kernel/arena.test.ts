import { describe, expect, it } from 'vitest';
import { NetkinError } from '../../src/errors.js';
import { Arena } from '../../src/kernel/arena.js';

function arena(maximum = 100): Arena {
  return new Arena(new WebAssembly.Memory({ initial: 1, maximum }));
}

describe('Arena', () => {
  it('hands out aligned, separate addresses and never 0', () => {
    const stack = arena();
    const first = stack.allocate(1);
    const second = stack.allocate(65);
    const third = stack.allocate(0);
    expect([first, second, third]).toEqual([64, 128, 256]);
  });

  it('starts where it is told, rounded up', () => {
    const stack = new Arena(new WebAssembly.Memory({ initial: 1 }), 100);
    expect(stack.allocate(4)).toBe(128);
  });

  it('gives the same room again after a release', () => {
    const stack = arena();
    stack.allocate(10);
    const mark = stack.mark();
    const inner = stack.allocate(1000);
    stack.release(mark);
    expect(stack.allocate(5)).toBe(inner);
  });

  it('zero-fills on request', () => {
    const stack = arena();
    const mark = stack.mark();
    stack.floats(stack.allocate(400), 100).fill(7);
    stack.release(mark);
    expect(stack.floats(stack.allocate(400, true), 100).every((value) => value === 0)).toBe(true);
  });

  it('grows the memory, which keeps the numbers and kills old views', () => {
    const stack = arena();
    const small = stack.allocate(16);
    const before = stack.doubles(small, 2);
    before[1] = 3;
    const large = stack.allocate(200_000);
    stack.integers(large, 50_000)[49_999] = 5;
    expect(before.length).toBe(0);
    expect(stack.doubles(small, 2)[1]).toBe(3);
    expect(stack.used).toBe(large + 200_000);
  });

  it('says in a sentence that the memory cannot grow, and stays usable', () => {
    const stack = arena(2);
    const top = stack.mark();
    expect(() => stack.allocate(200_000)).toThrow(NetkinError);
    expect(() => stack.allocate(200_000)).toThrow(/0\.2 MiB more than the 0\.1 MiB/);
    expect(stack.mark()).toBe(top);
    expect(stack.allocate(64)).toBe(top);
  });

  it('refuses what 32 bits cannot address, and sizes that are none', () => {
    const stack = arena();
    expect(() => stack.allocate(2 ** 32)).toThrow(/4 GiB/);
    expect(() => stack.allocate(-1)).toThrow(NetkinError);
    expect(() => stack.allocate(Number.NaN)).toThrow(NetkinError);
    expect(() => stack.release(stack.used + 64)).toThrow(NetkinError);
  });
});
