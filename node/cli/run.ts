/** One run of the program: parse, act, and turn whatever happens into an exit code and at most one line. */
import { type Argument, Command, CommanderError } from 'commander';
import { type ErrorCode, NetkinError, refuse } from '../../src/errors.js';
import { interruptedBy, interruption, onInterrupt } from './interruption.js';
import { removeTemporaryFiles } from './output.js';
import { listed } from './parse.js';
import { complain, oneLine, print, printNotes, setQuiet } from './terminal.js';
import { verbs } from './verbs/index.js';

/** 0: done; 1: failed; 2: wrong call or wrong input; 129, 130, 143: ended by SIGHUP, SIGINT, SIGTERM, as shells report. */
export type ExitCode = 0 | 1 | 2 | 129 | 130 | 143;

/** The codes of errors that the caller can mend; whatever else comes, such as a worker that died, is a failure. */
const mendable: readonly string[] = [
  'input',
  'model',
  'unsupported',
  'usage',
  'check',
  'memory',
] satisfies ErrorCode[];

/** The whole command line, not yet run. */
export function makeProgram(version: string): Command {
  const program = new Command('netkin')
    .description('Says how similar two inputs are for a trained neural network, and what follows from it.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .usage('<verb> MODEL INPUTS [LABELS] [options]')
    .commandsGroup('Verbs:')
    .configureHelp({
      subcommandTerm: (verb) => [verb.name(), ...verb.registeredArguments.map(shownArgument)].join(' '),
    })
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => {}, outputError: () => {} })
    .hook('preAction', (_, verb) => setQuiet(verb.opts<{ quiet?: boolean }>().quiet === true))
    .addHelpText(
      'after',
      '\nExample:\n  netkin suspects model/model.json images.npy labels.npy -o suspects.csv\n\nnetkin <verb> --help explains the options of a verb.',
    );
  for (const register of verbs) register(program);
  return program;
}

function shownArgument(argument: Argument): string {
  return argument.required ? argument.name() : `[${argument.name()}]`;
}

/** Runs the command line `words` (without node and script). Never throws, never ends the process on its own. */
export async function runCommand(words: readonly string[], version: string): Promise<ExitCode> {
  const forget = onInterrupt(removeTemporaryFiles);
  const program = makeProgram(version);
  const names = program.commands.map((command) => command.name());
  try {
    if (words.length === 0) refuse('usage', `no verb given; choose ${listed(names)}, or see netkin --help.`);
    await program.parseAsync(words, { from: 'user' });
    printNotes();
    return 0;
  } catch (error) {
    const verb = words.find((word) => names.includes(word));
    return explain(error, verb === undefined ? 'netkin --help' : `netkin ${verb} --help`, names);
  } finally {
    forget();
  }
}

/**
 * Says what went wrong, and with which exit code the process ends.
 * @param help the call that explains the verb
 * @param names of the verbs
 */
export function explain(error: unknown, help: string, names: readonly string[]): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0; // help or version, already printed
    complain(`${withVerbMeant(oneLine(error.message), names).replace(/^error: |\.$/g, '')}; see ${help}.`);
    return 2;
  }
  if (interruption.aborted) {
    const { text, code } = interruptedBy();
    complain(`${text}.`);
    return code;
  }
  if (process.env.NETKIN_DEBUG === '1')
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  const message = oneLine(error instanceof Error ? error.message : String(error));
  if (error instanceof NetkinError) {
    if (error.code === 'aborted') {
      complain(message);
      return 130;
    }
    if (mendable.includes(error.code)) {
      complain(message);
      return 2;
    }
  }
  complain(`failed: ${message || 'an error without a message'}; set NETKIN_DEBUG=1 to see where.`);
  return 1;
}

/** Commander suggests by edit distance alone; who types the beginning of a verb means that verb. */
function withVerbMeant(message: string, names: readonly string[]): string {
  const [, whole, word] = /^(error: unknown command '([^']+)')/.exec(message) ?? [];
  const meant = word === undefined ? [] : names.filter((name) => name.startsWith(word));
  return meant.length === 0 ? message : `${whole} (Did you mean ${listed(meant)}?)`;
}
