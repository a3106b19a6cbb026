/** What crosses between an engine's caller and the worker that it lives in: plain data, and one port per watched call. */
import type { NetworkDescription } from '../description.js';
import { type Failure, failureOf } from '../errors.js';
import type { LocalEngine } from '../local/engine.js';
import type { LocalPerspective } from '../local/perspective.js';
import type { ModelArtifacts } from '../network/artifacts.js';
import type { ModelFiles } from '../network/model.js';
import type { InputSpec } from '../network/network.js';
import type { OpenOptions } from '../options.js';
import type { Perspective } from '../perspective.js';

/** Errors lose their class on the way, so that they travel as values. */
export type Answer<Result> = { readonly result: Result } | { readonly failure: Failure };

export async function answerOf<Result>(act: () => Result | Promise<Result>): Promise<Answer<Result>> {
  try {
    return { result: await act() };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** A model that can travel: where it lies, its files, or what a live one consists of. */
export type PortableModel =
  | { readonly location: string; readonly isUrl: boolean }
  | { readonly files: ModelFiles }
  | { readonly artifacts: ModelArtifacts };

/** Options without the function among them: parameters are chosen by name once the model is loaded. */
export type PortableOptions = Omit<OpenOptions, 'parameters' | 'worker'> & {
  readonly parameters?: readonly string[];
};

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** An engine's properties; they can change with every call. */
export interface EngineFacts {
  /** Null while it is unknown. */
  readonly network: NetworkDescription | null;
  readonly inputs: readonly InputSpec[];
  readonly wide: boolean;
}

/** A perspective's properties, and the number by which its host knows it. */
export interface PerspectiveFacts
  extends Pick<
    Perspective,
    | 'size'
    | 'outputs'
    | 'compared'
    | 'comparesOthers'
    | 'logits'
    | 'held'
    | 'flags'
    | 'ranks'
    | 'selfKernels'
    | 'labels'
    | 'classes'
    | 'pixels'
    | 'names'
    | 'thumbnails'
    | 'rowError'
  > {
  readonly id: number;
}

export type EngineMethod = Extract<
  keyof LocalEngine,
  'perspective' | 'reopen' | 'outputs' | 'plan' | 'rawNearestOthers'
>;

export type PerspectiveMethod = Exclude<
  keyof LocalPerspective,
  keyof PerspectiveFacts | 'tiles' | typeof Symbol.dispose
>;

/** One call of a method. */
export interface Request<Method> {
  readonly method: Method;
  readonly parameters: readonly unknown[];
  /** Its last parameter, without the functions in it; null where it takes none. */
  readonly options: object | null;
  readonly watched: Watched | null;
}

/** What the caller of a long call listens for; see watching.ts. */
export interface Watched {
  readonly port: MessagePort;
  /** Stopped before it began. */
  readonly aborted: boolean;
  readonly progress: boolean;
  readonly visit: boolean;
}
