// Lets esbuild see which functions of tfjs a file uses. Whole namespaces come along where one is passed on as a value, as
// our door to tfjs does with `tf`, and tfjs-core with `util`, `io`, `backend_util` and others: their users import the
// modules behind them instead.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const core = join(
  dirname(dirname(fileURLToPath(import.meta.url))),
  'node_modules/@tensorflow/tfjs-core/dist',
);

/** tfjs-core's namespaces, and the module that each one stands for. */
const namespaces = new Map(
  Array.from(
    readFileSync(join(core, 'base.js'), 'utf8').matchAll(/^import \* as (\w+) from '\.\/(.+)';$/gm),
    ([, name, path]) => [name, `@tensorflow/tfjs-core/dist/${path}.js`],
  ),
);

/** The same source, importing `tf` from tfjs itself, and what tfjs-core's namespaces hold from their modules. */
export function direct(source) {
  const imports = new Map();
  const space = (name) => {
    imports.set(`core_${name}`, namespaces.get(name));
    return `core_${name}`;
  };
  let code = source.replace(/^import \{([^{}]*)\} from ('[^']*\/tfjs\.js');/gm, (line, list, door) => {
    const names = list.split(',').map((name) => name.trim());
    if (!names.includes('tf')) return line;
    imports.set('tf', '@tensorflow/tfjs');
    return `import {${names.filter((name) => name !== 'tf')}} from ${door};`;
  });
  code = code.replace(
    /^import \{([^{}]*)\} from ('@tensorflow\/tfjs-core'|'\.\.\/base');/gm,
    (_, list, whole) => {
      const names = list.split(',').map((name) => name.trim());
      for (const name of names) if (namespaces.has(name)) imports.set(name, namespaces.get(name));
      return `import {${names.filter((name) => !namespaces.has(name))}} from ${whole};`;
    },
  );
  const whole = code.match(/^import \* as (\w+) from '@tensorflow\/tfjs(-core)?';/m)?.[1];
  const alias = whole ?? (imports.has('tf') ? 'tf' : undefined);
  if (alias) {
    const use = new RegExp(`\\b${alias}\\.(${[...namespaces.keys()].join('|')})\\.`, 'g');
    code = code.replace(use, (_, name) => `${space(name)}.`);
  }
  if (imports.size === 0) return code;
  const lines = Array.from(imports, ([name, path]) => `import * as ${name} from '${path}';`);
  // tfjs-core sets itself up before anything of it is used.
  return ["import '@tensorflow/tfjs-core';", ...lines, code].join('\n');
}
