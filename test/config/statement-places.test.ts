import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { loadConfig } from '../../src/config/load.ts';
import { factories } from '../../src/registry.ts';

/** What is printed about the statements, written as YAML under `log_statements:`. */
async function told(statements: string, environment: Record<string, string> = {}): Promise<string> {
  const text = `receivers: {}\nexporters: { nop: }\nprocessors:\n  transform:\n    log_statements:\n${statements}\n`;
  const { diagnostics } = await loadConfig({
    sources: ['agent.yaml'],
    readFile: () => Promise.resolve(text),
    environment,
    factories,
  });
  const errors = diagnostics.filter(({ path }) => path?.startsWith('processors::transform'));
  return formatDiagnostics(errors, { color: false });
}

describe('the place of what is wrong with a statement', () => {
  for (const [style, statement, place] of [
    ['plain', '      - set(log.nope, 1)', '6:17'],
    ['in single quotes', `      - 'set(log.body, "it''s") where log.nope == nil'`, '6:43'],
    ['in double quotes', '      - "set(log.body, \\"x\\") where log.nope == nil"', '6:41'],
    ['with a dollar', '      - replace_pattern(log.body, "a", "$$1", log.nope)', '6:47'],
    ['a literal block', '      - |\n        set(log.body,\n          log.nope)', '8:15'],
    ['a folded block', '      - >-\n        set(log.body,\n        log.nope)', '8:13'],
    ['plain over lines', '      - set(log.body,\n          log.nope)', '7:15'],
    ['in a group', '      - context: log\n        statements:\n          - set(nope, 1)', '8:17'],
  ] as const) {
    it(`is the part of it, ${style}`, async () => {
      const text = await told(statement);
      assert.match(text, new RegExp(`^agent.yaml:${place}: error: `), text);
      const [, line, caret] = text.split('\n') as [string, string, string];
      assert.equal(
        line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1).slice(0, 4),
        style === 'with a dollar' ? 'log.' : 'nope',
      );
    });
  }

  it('is the whole statement where a reference stands in it, of which nothing is shown', async () => {
    const text = await told(`      - set(log.body, "\${env:SECRET}" tail)`, { SECRET: 'hunter2 and more' });
    assert.match(text, /^agent.yaml:6:9: error: .*statement has invalid syntax/);
    assert.doesNotMatch(text, /hunter2/);
  });

  it('comes with help', async () => {
    assert.match(await told('      - sett(log.body, 1)'), /help: did you mean "set"\?/);
  });

  it('is told of every statement', async () => {
    const text = await told('      - set(log.nope, 1)\n      - set(log.body 1)\n      - set(log.body, Nope(1))');
    assert.match(text, /:7:22: error: .*has invalid syntax/);
    assert.match(await told('      - set(log.nope, 1)\n      - set(log.body, 1, 2)'), /:6:17: (?:.|\n)*:7:9: /);
  });
});
