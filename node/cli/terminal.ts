/** What the user sees: results on stdout, everything else on stderr. */

let quiet = false;
let closed = false;
const notes: string[] = [];

// A reader that has seen enough (`| head`) closes the pipe: no error, the rest is not printed.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  closed = true;
  if (error.code === 'EPIPE') return;
  complain(`failed: stdout cannot be written (${error.code}).`);
  process.exitCode = 1;
});
process.stderr.on('error', () => {});

/** --quiet: no notes and no progress; errors and results remain. */
export function setQuiet(value: boolean): void {
  quiet = value;
}

export function isQuiet(): boolean {
  return quiet;
}

/** Writes a result to stdout. */
export function print(text: string): void {
  if (!closed) process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** A JSON object with one field on each line: readable, and long arrays stay short. */
export function printJson(value: object): void {
  const fields = Object.entries(value).map(
    ([name, field]) => `  ${JSON.stringify(name)}: ${JSON.stringify(field)}`,
  );
  print(`{\n${fields.join(',\n')}\n}`);
}

/** Keeps a remark for stderr. Remarks are printed once the work is done: a failure is one line and nothing else. */
export function note(text: string): void {
  if (!quiet && !notes.includes(text)) notes.push(text);
}

export function printNotes(): void {
  for (const text of notes.splice(0)) process.stderr.write(`netkin: ${oneLine(text)}\n`);
}

/** The one line of a failure. */
export function complain(text: string): void {
  process.stderr.write(`netkin: ${oneLine(text)}\n`);
}

/** Names from files must neither break the line nor steer the terminal. */
export function oneLine(text: string): string {
  return printable(text.trim().replace(/\s*[\r\n]+\s*/g, ' '));
}

/** The text with control characters shown as '?'. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '?');
}
