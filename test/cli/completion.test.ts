import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { Command, Option } from 'commander';
import { SHELLS } from '../../src/cli/completion-scripts.ts';
import { completionTree } from '../../src/cli/completion-tree.ts';
import { run } from '../support/run.ts';

const program = new Command('my-tool').description("It's a tool.");
program
  .command('show')
  .description("Shows what's there: all of it. At once.")
  .addOption(new Option('--mode <mode>', 'how').choices(['plain', 'fancy']))
  .option('-c, --config <file>', 'where from')
  .option('--since <time>', 'from when')
  .option('--json', "as JSON: it's for programs");
const deep = program.command('deep').description('Has more below.');
deep.command('show').description('Another one.').option('--all', 'all');
program.command('shell').addArgument(program.createArgument('<which>').choices(['one', 'two']));
const tree = completionTree(program);

/** What bash would offer for the words after the program's name, the last one being typed. */
function complete(script: string, name: string, words: readonly string[]): string[] {
  const line = [name, ...words].map((word) => `'${word}'`).join(' ');
  const asked = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _${name.replaceAll('-', '_')}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', `${script}\n${asked}`], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout.split('\n').filter((word) => word !== '');
}

describe('completion', () => {
  it('knows commands, options and what follows them, from the commands themselves', () => {
    assert.deepEqual(
      tree.map(({ path }) => path),
      ['', 'show', 'deep', 'deep show', 'deep help', 'shell', 'help'],
    );
    assert.equal(tree[0]?.commands[0]?.description, "Shows what's there");
    assert.deepEqual(
      tree[1]?.options.map(({ names, value }) => [names.join(' '), value]),
      [
        ['--mode', ['plain', 'fancy']],
        ['-c --config', 'file'],
        ['--since', 'any'],
        ['--json', 'none'],
        ['-h --help', 'none'],
      ],
    );
  });

  it('works in bash', () => {
    const offered = (...words: string[]) => complete(SHELLS.bash('my-tool', tree), 'my-tool', words);
    assert.deepEqual(offered(''), ['show', 'deep', 'shell', 'help']);
    assert.deepEqual(offered('sh'), ['show', 'shell']);
    assert.deepEqual(offered('show', '--j'), ['--json']);
    assert.deepEqual(offered('show', '--mode', ''), ['plain', 'fancy']);
    assert.deepEqual(offered('show', '--mode', '=', 'f'), ['fancy']);
    assert.deepEqual(offered('show', '--mode', '='), ['plain', 'fancy']);
    assert.deepEqual(offered('deep', 'show', '--'), ['--all', '--help']);
    assert.deepEqual(offered('shell', 't'), ['two']);
    // The value of an option is no command, and may be a file, which is offered where nothing else is.
    assert.deepEqual(offered('--nosuch', 'deep', ''), ['show', 'help']);
    assert.deepEqual(offered('show', '--since', 'deep', '--m'), ['--mode']);
    assert.deepEqual(offered('show', '--config', 's'), []);
  });

  it('quotes what a description holds, for zsh and fish', () => {
    const zsh = SHELLS.zsh('my-tool', tree);
    assert.match(zsh, /^#compdef my-tool\n/);
    assert.ok(zsh.includes(`'show:Shows what'\\''s there'`), zsh);
    assert.match(zsh, /'show:--config'.*\) _files; return ;;/);
    const fish = SHELLS.fish('my-tool', tree);
    assert.ok(fish.includes(`-a 'show' -d 'Shows what\\'s there'`), fish);
    assert.ok(fish.includes(`-n '__my_tool_at \\'deep show\\'' -l all -d 'all'`), fish);
    assert.match(fish, /-l mode -x -a 'plain fancy'/);
  });
});

describe('`completion`', () => {
  it('prints a script for each shell, and names them when another is asked for', async () => {
    const [bash, zsh, fish, other] = await Promise.all([
      ...['bash', 'zsh', 'fish', 'tcsh'].map((shell) => run(['completion', shell])),
    ]);
    assert.deepEqual([bash?.code, zsh?.code, fish?.code], [0, 0, 0]);
    assert.equal(spawnSync('bash', ['-n'], { input: bash?.stdout }).status, 0);
    const offered = (...words: string[]) => complete(bash?.stdout ?? '', 'intercom-otel-agent', words);
    assert.deepEqual(offered('print'), ['print-config']);
    assert.deepEqual(offered('print-config', '--mode', 'i'), ['initial']);
    assert.deepEqual(offered('dead-letters', 're'), ['retry']);
    assert.deepEqual(offered('completion', ''), ['bash', 'zsh', 'fish']);
    for (const script of [zsh, fish]) assert.match(script?.stdout ?? '', /'print-config[':]/);
    assert.equal(other?.code, 2);
    assert.match(other?.stderr ?? '', /Allowed choices are bash, zsh, fish/);
    // For other shells there may be none to try it with.
    for (const [shell, script] of [
      ['zsh', zsh],
      ['fish', fish],
    ] as const) {
      const checked = spawnSync(shell, ['-n', '/dev/stdin'], { input: script?.stdout, encoding: 'utf8' });
      if (checked.error === undefined) assert.equal(checked.status, 0, checked.stderr);
    }
  });
});
