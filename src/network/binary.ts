/**
 * Brings tfjs's wasm binary to life from a compiled module. Emscripten's own loader fetches and compiles the file, which
 * edge runtimes forbid; in Node it needs `require`, and leaves handlers behind that rethrow every error of the process.
 * The binary asks for seven functions only. They are here, with the members of Emscripten's module that `BackendWasm` of
 * tfjs 4.22.0, frozen upstream, uses. A failure that tfjs passes over in silence is an error here: a kernel that prints a
 * warning instead of computing.
 */
import { refuse } from '../errors.js';

type Native = (...values: unknown[]) => number;

/** What `BackendWasm` and the kernels of tfjs use of Emscripten's module. */
export interface TfjsBinary {
  readonly asm: { readonly memory: WebAssembly.Memory };
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  /** A function of the binary; arguments declared 'array' are bytes that it reads during the call. */
  cwrap(name: string, result: string | null, parameters?: readonly string[]): Native;
  readonly tfjs: Readonly<Record<string, Native>>;
}

const PAGE = 65536;
/**
 * Bytes that the allocator may reach. It does not notice when an address wraps beyond 4 GiB, and then hands out memory that
 * is in use. A heap of at most 3 GiB leaves it 1 GiB at a time; more is asked for only while the heap is small.
 */
const [LARGEST_HEAP, LARGEST_ADDRESS] = [3 * 2 ** 30, 2 ** 32 - 2 * PAGE];
/** Answers of the system interface to calls that no kernel needs: not supported, and not seekable. */
const [NOT_SUPPORTED, NOT_SEEKABLE] = [52, 70];

/** @throws NetkinError 'unsupported' where the runtime lacks 128-bit SIMD or refuses WebAssembly */
export async function startBinary(module: WebAssembly.Module): Promise<TfjsBinary> {
  const warnings: string[] = [];
  const imports = {
    env: {
      abort: () => refuse('memory', outOfMemory(memory)),
      emscripten_get_heap_max: () => LARGEST_HEAP,
      emscripten_memcpy_big: (target: number, source: number, bytes: number) => {
        heap().copyWithin(target >>> 0, source >>> 0, (source >>> 0) + (bytes >>> 0));
      },
      emscripten_resize_heap: (bytes: number) => grow(memory, bytes >>> 0),
    },
    wasi_snapshot_preview1: {
      fd_close: () => NOT_SUPPORTED,
      fd_seek: () => NOT_SEEKABLE,
      fd_write: (_: number, pieces: number, count: number, written: number) => {
        const view = new DataView(memory.buffer);
        let total = 0;
        for (let piece = pieces >>> 0; piece < (pieces >>> 0) + 8 * count; piece += 8) {
          const [from, bytes] = [view.getUint32(piece, true), view.getUint32(piece + 4, true)];
          warnings.push(new TextDecoder().decode(heap().slice(from, from + bytes)));
          total += bytes;
        }
        view.setUint32(written >>> 0, total, true);
        return 0;
      },
    },
  };
  const { exports } = await WebAssembly.instantiate(module, imports).catch((error) =>
    refuse('unsupported', `tfjs's wasm binary cannot run here: ${error.message}.`, error),
  );
  const memory = exports.memory as WebAssembly.Memory;
  const native = exports as unknown as Readonly<Record<string, Native>>;

  let view = new Uint8Array(memory.buffer);
  const heap = (): Uint8Array => {
    // Growth detaches the views that were there.
    if (view.buffer !== memory.buffer) view = new Uint8Array(memory.buffer);
    return view;
  };

  const cwrap: TfjsBinary['cwrap'] = (name, _, parameters = []) => {
    const call = native[name];
    const bytes = parameters.flatMap((parameter, i) => (parameter === 'array' ? [i] : []));
    return (...values) => {
      // A call that trapped leaves the stack and its warnings as they were then.
      const mark = native.stackSave();
      warnings.length = 0;
      try {
        for (const i of bytes) {
          const array = values[i] as Uint8Array;
          values[i] = native.stackAlloc(array.length);
          heap().set(array, (values[i] as number) >>> 0);
        }
        if (!call) refuse('unsupported', `tfjs's kernel ${name} is not in this binary.`);
        const result = call(...values);
        if (warnings.length === 0) return result;
        return refuse('unsupported', `tfjs's kernel ${name}: ${warnings.splice(0).join('').trim()}`);
      } finally {
        native.stackRestore(mark);
      }
    };
  };

  native.__wasm_call_ctors();
  return {
    asm: { memory },
    get HEAPU8() {
      return heap();
    },
    _malloc: (bytes) =>
      (memory.buffer.byteLength + bytes <= LARGEST_ADDRESS && native.malloc(bytes) >>> 0) ||
      refuse('memory', outOfMemory(memory)),
    _free: native.free as (pointer: number) => void,
    cwrap,
    tfjs: {
      init: native.init,
      initWithThreadsCount: native.init_with_threads_count,
      getThreadsCount: native.get_threads_count,
      registerTensor: native.register_tensor,
      disposeData: native.dispose_data,
      dispose: native.dispose,
    },
  };
}

/** Makes room for so many bytes, and a fifth more: growing often may mean moving often. 0 where that fails. */
function grow(memory: WebAssembly.Memory, bytes: number): 0 | 1 {
  const pages = memory.buffer.byteLength / PAGE;
  const needed = Math.ceil(bytes / PAGE);
  const most = LARGEST_HEAP / PAGE;
  if (needed > most) return 0;
  for (const wanted of [Math.max(needed, Math.min(most, Math.ceil(1.2 * pages))), needed]) {
    try {
      memory.grow(wanted - pages);
      return 1;
    } catch {}
  }
  return 0;
}

/** What to say where tfjs's heap is full. */
export function outOfMemory({ buffer }: WebAssembly.Memory): string {
  const size = Math.round(buffer.byteLength / 2 ** 20);
  return `tfjs's heap, ${size} MiB now, cannot grow. Give smaller batches (option batch), or dispose of tensors.`;
}
