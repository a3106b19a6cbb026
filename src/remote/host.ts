/** What a worker exposes so that an engine can live in it: one engine, and its perspectives by number. */
import { dispose } from '../disposal.js';
import { refuse } from '../errors.js';
import type { LocalEngine } from '../local/engine.js';
import type { LocalPerspective } from '../local/perspective.js';
import type { tf } from '../network/tfjs.js';
import type { Runtime } from '../runtime.js';
import {
  type Answer,
  answerOf,
  type EngineFacts,
  type EngineMethod,
  type ParameterSpec,
  type PerspectiveFacts,
  type PerspectiveMethod,
  type PortableModel,
  type PortableOptions,
  type Request,
} from './messages.js';
import { shipAway, type Transfer } from './shipping.js';
import { HostEnd } from './watching.js';

export interface Host {
  /** Loads the model; answers its trainable parameters. */
  load(model: PortableModel): Promise<Answer<readonly ParameterSpec[]>>;
  /** Opens the engine on the loaded model. */
  open(options: PortableOptions): Promise<Answer<EngineFacts>>;
  /** Calls a method of the engine; a perspective is answered by its facts. */
  engine(
    request: Request<EngineMethod>,
  ): Promise<Answer<{ readonly value: unknown; readonly facts: EngineFacts }>>;
  /** Calls a method of a perspective. */
  perspective(id: number, request: Request<PerspectiveMethod>): Promise<Answer<unknown>>;
  /** Frees a perspective. */
  forget(id: number): Promise<void>;
}

/** The worker's side. tfjs starts with {@link Host.load}: workers that only compute strips never load it. */
export function makeHost(runtime: Runtime, transfer: Transfer): Host {
  let model: tf.LayersModel | null = null;
  let engine: LocalEngine | null = null;
  let made = 0;
  const perspectives = new Map<number, LocalPerspective>();

  const opened = () => engine ?? refuse('worker', 'This worker has no engine.');
  const away = <Value>(answer: Answer<Value>): Answer<Value> => {
    const { value, moving } = shipAway(answer);
    return transfer(value, moving);
  };
  const call = async (
    target: object,
    { method, parameters, options, watched }: Request<string>,
  ): Promise<unknown> => {
    const act = Reflect.get(target, method) as (...given: unknown[]) => Promise<unknown>;
    if (!options) return act.apply(target, [...parameters]);
    const end = watched && new HostEnd(watched);
    try {
      return await act.apply(target, [...parameters, { ...options, ...end?.watcher }]);
    } finally {
      end?.close();
    }
  };

  return {
    load: (source) =>
      answerOf(async () => {
        const { loadPortable, listParameters } = await import('./model.js');
        model = await loadPortable(source, runtime);
        return listParameters(model).map(({ name, shape }) => ({ name, shape }));
      }),
    open: ({ parameters, ...options }) =>
      answerOf(async () => {
        const { LocalEngine } = await import('../local/engine.js');
        const chosen = parameters && new Set(parameters);
        const choice = chosen ? { parameters: (name: string) => chosen.has(name) } : {};
        engine = await LocalEngine.open(model!, runtime, { ...options, ...choice });
        return factsOf(engine);
      }),
    engine: async (request) =>
      away(
        await answerOf(async () => {
          let value = await call(opened(), request);
          if (returnsPerspective.has(request.method)) {
            made += 1;
            perspectives.set(made, value as LocalPerspective);
            value = perspectiveFacts(made, value as LocalPerspective);
          }
          return { value, facts: factsOf(opened()) };
        }),
      ),
    perspective: async (id, request) =>
      away(
        await answerOf(() => {
          const seen = perspectives.get(id);
          return seen
            ? call(seen, request)
            : refuse('usage', 'This perspective was disposed of; capture the inputs again.');
        }),
      ),
    forget: async (id) => {
      perspectives.get(id)?.[dispose]();
      perspectives.delete(id);
    },
  };
}

const returnsPerspective: ReadonlySet<EngineMethod> = new Set(['perspective', 'reopen']);

function factsOf(engine: LocalEngine): EngineFacts {
  const { inputs, wide, described } = engine;
  return { network: described ? engine.network : null, inputs, wide };
}

/** What is answered moves away: copies, which nothing is computed from. */
function perspectiveFacts(id: number, seen: LocalPerspective): PerspectiveFacts {
  const { size, outputs, compared, comparesOthers, logits, held, flags, ranks, selfKernels } = seen;
  const { labels, classes, pixels, names, thumbnails, rowError } = seen;
  return {
    id,
    size,
    outputs,
    compared,
    comparesOthers,
    logits,
    held,
    flags,
    ranks,
    selfKernels,
    labels: labels && { shape: labels.shape, data: labels.data.slice() },
    classes,
    pixels,
    names,
    thumbnails: thumbnails && { shape: thumbnails.shape, data: thumbnails.data.slice() },
    rowError,
  };
}
