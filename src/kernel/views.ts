import type { Pointer } from './kernel.js';

/**
 * Typed arrays over a WebAssembly.Memory, a fresh one each time: growing a memory detaches every view taken
 * before, so a view must never be kept across a call that may allocate.
 */
export class Views {
  readonly memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** `length` float32 numbers at `pointer`, until the memory grows. */
  floats(pointer: Pointer, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer as ArrayBuffer, pointer, length);
  }

  /** `length` float64 numbers at `pointer`, until the memory grows. */
  doubles(pointer: Pointer, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.memory.buffer as ArrayBuffer, pointer, length);
  }

  /** `length` int32 numbers at `pointer`, until the memory grows. */
  integers(pointer: Pointer, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer as ArrayBuffer, pointer, length);
  }
}
