/**
 * Errors speak to the person who can act: what is wrong, where, and what to do.
 * Each class has a stable `code`, which survives worker boundaries where classes do not.
 */
export type ErrorCode =
  | 'input' // the data or the files given are wrong
  | 'model' // the model cannot be read or is damaged
  | 'unsupported' // the model holds something netkin refuses to guess about
  | 'usage' // an option or argument is wrong
  | 'check' // the self-check found a gradient that it cannot confirm
  | 'memory' // the request does not fit
  | 'worker' // a worker died or failed; the engine can be used again
  | 'aborted'; // the caller's signal ended the call

export class NetkinError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NetkinError';
    this.code = code;
  }
}

/** Throws a {@link NetkinError}; an expression, so that it can stand where a value is expected. */
export function refuse(code: ErrorCode, message: string, cause?: unknown): never {
  throw new NetkinError(code, message, cause === undefined ? undefined : { cause });
}

/** An error as it crosses a worker boundary. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof NetkinError) return { code: error.code, message: error.message };
  return {
    code: 'worker',
    message: `A worker failed: ${error instanceof Error ? error.message : String(error)}`,
  };
}
