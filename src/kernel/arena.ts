/**
 * Scratch memory for the kernels: a stack in a WebAssembly.Memory.
 *
 * Kernels take pointers, so everything they touch lives in one linear memory. Work comes in nested phases
 * (a sweep, its strips, a tile), hence a stack: `mark` before a phase, `release` after it. The views of an
 * arena (floats, doubles, integers) die when an `allocate` grows the memory: take them anew after it.
 */
import { refuse } from '../errors.js';
import type { Pointer } from './kernel.js';
import { Views } from './views.js';

const PAGE = 65536;
/** Where a 32-bit pointer ends. */
const LARGEST = 2 ** 32;
/** A cache line: no panel step is ever split, and no address is 0, which kernels read as "none". */
const ALIGNMENT = 64;

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

export class Arena extends Views {
  /** The most bytes that may be in use. */
  readonly limit: number;
  #top: number;

  /**
   * @param start the first byte that the arena owns; everything above it belongs to the arena
   * @param limit the most bytes that may be in use, at most 4 GiB
   */
  constructor(memory: WebAssembly.Memory, start = ALIGNMENT, limit = LARGEST) {
    super(memory);
    this.limit = limit;
    this.#top = Math.max(ALIGNMENT, Math.ceil(start / ALIGNMENT) * ALIGNMENT);
  }

  /** Bytes in use, address 0 to the top of the stack. */
  get used(): number {
    return this.#top;
  }

  /**
   * Reserves `bytes` bytes, aligned to 64, and returns their address. The content is whatever was there,
   * unless `zero` is set. Grows the memory when needed, which kills every view taken before.
   * @throws NetkinError 'memory' beyond the limit, or when the memory cannot grow that far; the arena is then unchanged
   */
  allocate(bytes: number, zero = false): Pointer {
    if (!(bytes >= 0)) refuse('memory', `Cannot reserve ${bytes} bytes of kernel memory.`);
    const pointer = this.#top;
    const end = pointer + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    if (end > this.limit && this.limit < LARGEST) {
      refuse(
        'memory',
        `${mebibytes(end)} MiB are needed, memory allows ${mebibytes(this.limit)} MiB. Use fewer inputs, fewer outputs or parameters, or a larger memory.`,
      );
    }
    const size = this.memory.buffer.byteLength;
    if (end > size) this.#grow(Math.ceil((end - size) / PAGE), bytes);
    this.#top = end;
    if (zero) new Uint8Array(this.memory.buffer, pointer, end - pointer).fill(0);
    return pointer;
  }

  #grow(pages: number, bytes: number): void {
    const held = this.memory.buffer.byteLength;
    const advice = 'Use fewer inputs at a time, a smaller network, or the linear-time measures.';
    if (held + pages * PAGE > LARGEST) {
      refuse(
        'memory',
        `The kernels need ${mebibytes(bytes)} MiB more, beyond the 4 GiB that WebAssembly can address. ${advice}`,
      );
    }
    try {
      this.memory.grow(pages);
    } catch (cause) {
      refuse(
        'memory',
        `The kernels need ${mebibytes(bytes)} MiB more than the ${mebibytes(held)} MiB they hold, and the system refused. ${advice}`,
        cause,
      );
    }
  }

  /** The present top of the stack, for {@link release}. */
  mark(): number {
    return this.#top;
  }

  /** Frees everything allocated since `mark`. The memory itself never shrinks. */
  release(mark: number): void {
    if (!(mark >= ALIGNMENT && mark <= this.#top))
      refuse('memory', `Address ${mark} marks no phase of this arena.`);
    this.#top = mark;
  }
}
