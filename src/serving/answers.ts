/** Answers of the HTTP function that hold no explanation. */

/** JSON is UTF-8 by definition, but not all who read it as text know. */
const headers = { 'content-type': 'application/json; charset=utf-8' };

export function json(value: unknown, status = 200, more: Readonly<Record<string, string>> = {}): Response {
  return Response.json(value, { status, headers: { ...headers, ...more } });
}

export function failure(
  status: number,
  code: string,
  message: string,
  more?: Readonly<Record<string, string>>,
): Response {
  return json({ error: { code, message } }, status, more);
}

/** The same answer for a caller who wants its headers only. */
export function withoutBody({ status, headers }: Response): Response {
  return new Response(null, { status, headers });
}
