// npm test: every *.test.ts under test/ except the suites with names of their own. Files of a folder share processes: see
// test/support/together.ts.
//   node scripts/test.mjs [--suite NAME] [--only TEXT] [...]    unknown flags go to the tests as TEST_ARGS
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build, buildTests, root } from './prepare.mjs';

const SUITES = ['crash', 'interop', 'load', 'reload', 'scale'];
/** They wait for processes of their own, or are long: beside others, not after them. */
const ALONE = /^(e2e|journal\/file\/power-loss)\//;
/** At most so many files in a process, so that the last process to end has not much to do alone. */
const TOGETHER = 8;
const { values, tokens } = parseArgs({
  options: { suite: { type: 'string' }, only: { type: 'string' } },
  strict: false,
  tokens: true,
  allowPositionals: true,
});
const rest = tokens
  .filter((token) => token.kind === 'positional' || !['suite', 'only'].includes(token.name))
  .flatMap((token) =>
    token.kind === 'positional' ? [token.value] : [token.rawName, token.value].filter((part) => part !== undefined),
  );

await build();
buildTests();

const base = join(root, '.build/test');
const files = readdirSync(base, { recursive: true })
  .map(String)
  // What was compiled from a file that is gone stays behind.
  .filter((file) => file.endsWith('.test.js') && existsSync(join(root, 'test', file.replace(/js$/, 'ts'))))
  .filter((file) =>
    values.suite ? file.startsWith(values.suite) : !SUITES.some((suite) => file.startsWith(`${suite}/`)),
  )
  .filter((file) => !values.only || file.includes(values.only))
  .map((file) => file.replaceAll('\\', '/'))
  .sort();
if (files.length === 0) {
  process.stderr.write('No test file matches.\n');
  process.exit(1);
}
// The suites with names measure, and load the machine themselves: one file after the other. Of the others some only wait, so
// that one more than there are cores keeps all of them busy; Node's own choice leaves one idle.
const atOnce = values.suite ? 1 : availableParallelism() + 1;
const options = ['--enable-source-maps', '--test', '--test-reporter=spec', `--test-concurrency=${atOnce}`];
const child = spawn(process.execPath, [...options, ...programs()], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TEST_ARGS: JSON.stringify(rest) },
});
child.on('exit', (code) => process.exit(code ?? 1));

/** What is to be run, each in a process of its own: a test file, or a program that runs several. */
function programs() {
  const folder = join(root, '.build/together');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const together = new Map();
  const alone = [];
  for (const file of files) {
    const [name] = file.split('/');
    if (values.suite || ALONE.test(file)) alone.push(join(base, file));
    else together.set(name, [...(together.get(name) ?? []), file]);
  }
  const shared = [...together].flatMap(([name, all]) => {
    const count = Math.ceil(all.length / TOGETHER);
    return Array.from({ length: count }, (_, number) => {
      const some = all.slice((number * all.length) / count, ((number + 1) * all.length) / count);
      const program = join(folder, `${name}-${number + 1}.mjs`);
      const urls = some.map((file) => `  new URL('../test/${file}', import.meta.url),\n`).join('');
      writeFileSync(
        program,
        `import { together } from '../test/support/together.js';\n\nawait together([\n${urls}]);\n`,
      );
      return program;
    });
  });
  return [...alone, ...shared].map((path) => relative(root, path));
}
