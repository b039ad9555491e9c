import { readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Option } from 'commander';
import { formatDiagnostics } from '../config/diagnostics.ts';
import type { AgentConfig } from '../config/model.ts';
import { type BoundTest, bind } from '../config-tests/bind.ts';
import { jsonReport, junitReport, tapReport } from '../config-tests/machine-reports.ts';
import { readTestFile, type TestFile } from '../config-tests/read.ts';
import { NotMade, run, type Verdict } from '../config-tests/run.ts';
import { type FileVerdicts, summary, textReport } from '../config-tests/text-report.ts';
import { mayUpdate, updated } from '../config-tests/update.ts';
import { type ConfigurationOptions, refusal, tell, wantsColour } from './configuration.ts';
import { CommandError, EXIT } from './exit.ts';
import { Command, withConfig } from './options.ts';
import { counted, jsonText, say } from './printing.ts';
import { loadWithStandIns } from './stand-ins.ts';
import { testFiles } from './test-files.ts';

const OUTPUTS = ['text', 'tap', 'junit', 'json'] as const;

interface TestOptions extends ConfigurationOptions {
  readonly output: (typeof OUTPUTS)[number];
  readonly only?: string;
  readonly update?: boolean;
}

export function testCommand(): Command {
  return withConfig(new Command('test'))
    .description(
      'Tries a configuration: runs test files, which say what comes in and what should leave. Nothing is sent.',
    )
    .argument('<tests...>', 'test files, or folders with files *.test.yaml')
    .addOption(new Option('--output <format>', 'how results are printed').choices(OUTPUTS).default('text'))
    .option('--only <text>', 'only tests whose name has this text')
    .option('--update', 'write what comes out into the tests that expect something else, or nothing yet')
    .addHelpText(
      'after',
      '\nExit codes: 0 all pass; 1 some fail; 2 the configuration or a test file is wrong. docs/testing.md has more.',
    )
    .action(test);
}

async function test(names: readonly string[], options: TestOptions): Promise<void> {
  const files = await Promise.all((await testFiles(names)).map(read));
  const configurations = new Configurations(options);
  const bound = await bindAll(files, configurations, options);
  const results: FileVerdicts[] = [];
  for (const [index, file] of files.entries()) {
    const tests = bound[index] as BoundTest[];
    let verdicts = await runAll(file, tests);
    if (options.update) verdicts = await update(file, tests, verdicts, configurations, options);
    if (verdicts.length > 0) results.push({ file: file.name, verdicts });
  }
  process.stdout.write(report(results, options.output));
  const failed = results.some(({ verdicts }) => verdicts.some(({ failures }) => failures.length > 0));
  if (failed) throw new CommandError(options.output === 'text' ? 'some tests failed.' : summary(results));
}

function report(results: readonly FileVerdicts[], output: TestOptions['output']): string {
  if (output === 'tap') return tapReport(results);
  if (output === 'junit') return junitReport(results);
  if (output === 'json') return `${jsonText(jsonReport(results), 2)}\n`;
  return textReport(results, { color: wantsColour(process.stdout) });
}

async function read(name: string): Promise<TestFile> {
  try {
    return readTestFile(name, await readFile(name, 'utf8'));
  } catch (error) {
    throw new CommandError(`${name}: ${(error as NodeJS.ErrnoException).code ?? 'can not be read'}`, EXIT.usage);
  }
}

/** What is wrong with any of the files is told before a test runs. */
async function bindAll(
  files: readonly TestFile[],
  configurations: Configurations,
  { only }: Pick<TestOptions, 'only'>,
): Promise<BoundTest[][]> {
  const wanted = (name: string) => only === undefined || name.toLowerCase().includes(only.toLowerCase());
  const bound: BoundTest[][] = [];
  for (const file of files) {
    const tests = file.tests.filter(({ name }) => wanted(name));
    const found =
      tests.length > 0 ? await Promise.all(tests.map(async (one) => bindOne(one, file, configurations))) : [];
    bound.push(found.filter((one) => one !== undefined));
  }
  const diagnostics = files.flatMap((file) => file.diagnostics());
  if (diagnostics.length > 0) {
    process.stderr.write(formatDiagnostics(diagnostics, { color: wantsColour(process.stderr) }));
    const files = new Set(diagnostics.map(({ place }) => place?.file)).size;
    throw new CommandError(`${counted(files, 'test file')} with mistakes; nothing was run.`, EXIT.usage);
  }
  if (bound.every((tests) => tests.length === 0))
    throw new CommandError(`no test has "${only}" in its name`, EXIT.usage);
  return bound;
}

async function bindOne(one: TestFile['tests'][number], file: TestFile, configurations: Configurations) {
  const config = await configurations.of(file);
  return bind(one, { config, now: file.now, readFile: (path) => readFile(resolve(dirname(file.name), path)) });
}

async function runAll(file: TestFile, tests: readonly BoundTest[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const one of tests) {
    try {
      verdicts.push(await run(one));
    } catch (error) {
      if (!(error instanceof NotMade)) throw error;
      const where = `${file.name}:${one.test.line}: the processors of the pipeline ${one.pipeline.id} can not be made`;
      throw new CommandError(`${where}: ${error.message}`, EXIT.usage);
    }
  }
  return verdicts;
}

/** Runs them once more where something was written. */
async function update(
  file: TestFile,
  tests: readonly BoundTest[],
  verdicts: Verdict[],
  configurations: Configurations,
  options: TestOptions,
): Promise<Verdict[]> {
  const changing = verdicts.filter(mayUpdate);
  if (changing.length === 0) return verdicts;
  const text = updated(file.name, file.text, changing);
  if (text === undefined) {
    say(`${file.name}: it is written in a way that --update can not change; nothing was written.`);
    return verdicts;
  }
  await writeFile(file.name, text).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${file.name}: unable to write it: ${error.code}`);
  });
  for (const { test } of changing) say(`${file.name}:${test.line}: wrote what "${test.name}" expects.`);
  const again = await read(file.name);
  const [rebound = []] = await bindAll([again], configurations, options);
  return runAll(
    again,
    rebound.filter(({ test }) => tests.some((one) => one.test.index === test.index)),
  );
}

/** One for each set of values that test files give to environment variables. */
class Configurations {
  readonly #options: ConfigurationOptions;
  readonly #loaded = new Map<string, Promise<AgentConfig>>();

  constructor(options: ConfigurationOptions) {
    this.#options = options;
  }

  /** @throws {CommandError} */
  of({ environment }: TestFile): Promise<AgentConfig> {
    const key = JSON.stringify(Object.entries(environment).sort());
    const known = this.#loaded.get(key) ?? this.#load(environment);
    this.#loaded.set(key, known);
    return known;
  }

  async #load(environment: TestFile['environment']): Promise<AgentConfig> {
    const { result, standIns } = await loadWithStandIns(this.#options, { ...process.env, ...environment });
    const { variables, files } = standIns;
    const missing = [...variables, ...files];
    if (missing.length > 0) {
      say(
        `Not set or not here, so a harmless text stands in for it: ${missing.join(', ')}. "env:" in a test file gives values.`,
      );
    }
    tell(result);
    if (!result.config) throw refusal(result, 'nothing was run.');
    return result.config;
  }
}
