// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { errors, HEAD, load, TAIL, withStamp } from './loading.ts';

/** Loads, prints, and gives the first error. */
async function refusal(yaml: string, environment: Record<string, string> = {}): Promise<string> {
  const { config, diagnostics } = await load(yaml, { environment });
  assert.equal(config, undefined);
  const printed = formatDiagnostics(errors(diagnostics), { color: false });
  assert.ok(printed.length < 200_000);
  return printed;
}

test('aliases that multiply are refused before they are followed', async () => {
  const levels = Array.from({ length: 9 }, (_, i) => `  l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}]`);
  assert.match(await refusal(`a:\n  l0: &l0 [${'x, '.repeat(9)}]\n${levels.join('\n')}\n`), /more than 100000 values/);
});

test('aliases that multiply inside of a variable are only a text', async () => {
  const bomb = `{a: &a [x,x,x,x,x,x,x,x,x,x], ${'abcdefgh'.replace(/./g, (c, i) => `${'bcdefghi'[i]}: &${'bcdefghi'[i]} [${`*${c},`.repeat(10)}],`)}}`;
  assert.match(await refusal(withStamp('ratio: ${env:V}'), { V: bomb }), /expected a number; got a value from/);
});

test('deep nesting is refused, in flow and block style and in a variable', async () => {
  assert.match(await refusal('['.repeat(50_000)), /nested deeper than 64/);
  assert.match(await refusal('{a: '.repeat(20_000)), /nested deeper than 64/);
  assert.match(await refusal('- '.repeat(20_000)), /nested deeper than 64/);
  assert.match(
    await refusal(Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')),
    /nested deeper than 64/,
  );
  const environment = { A: `${'['.repeat(60)}'\${B}'${']'.repeat(60)}`, B: `${'['.repeat(60)}x${']'.repeat(60)}` };
  assert.match(await refusal(withStamp('value: ${A}'), environment), /nested deeper than 64/);
});

const CUT = /too many recursive expansions|larger than 512 KiB|too much text/;

test('references that grow are cut off', async () => {
  assert.match(await refusal(withStamp('value: ${A}'), { A: '["${A}", "${A}"]' }), CUT);
  assert.match(await refusal(withStamp('value: ${A}'), { A: '["${A}"]' }), CUT);
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`V${i}`, `\${V${i + 1}} \${V${i + 1}} x`.repeat(2)]),
  );
  assert.match(await refusal(withStamp('value: ${V0}'), doubling), CUT);
});

test('a huge file is refused unread', async () => {
  assert.match(await refusal(`${HEAD}${TAIL}# ${'x'.repeat(600_000)}`), /larger than 512 KiB/);
  assert.match(await refusal(`a: [${'x,'.repeat(150_000)}]`), /more than 100000 values/);
});

test('thousands of mistakes are found quickly and shown in part', async () => {
  const blocks = Array.from({ length: 3000 }, (_, i) => `  vault/${i}: { endpoin${i}: x }`).join('\n');
  const printed = await refusal(`${HEAD}${blocks}\n${TAIL}`);
  assert.match(printed, /\d+ more, not shown/);
});

test('a long line is not shown, a long key is cut', async () => {
  const printed = await refusal(`${HEAD}${TAIL}${'k'.repeat(900)}: 1\n`);
  assert.ok(printed.length < 1000, `${printed.length} characters`);
});

const VALID = `receivers:
  hooks:
    endpoint: 0.0.0.0:8080
    integrations:
      - name: support
        client_secret: \${env:SECRET}
      - { name: sales, client_secrets: ['plant-literal', "\${file:key}"], typo: 1 }
processors:
  stamp: &s { attributes: { a: x$$y, b: "\${env:SECRET:-d}" }, ratio: 0.5 }
  stamp/2: { <<: *s, flags: [1e3, 'b'] }
exporters:
  vault: { endpoint: https://vault.example, private_key: "\${env:SECRET}", timeout: 1m30s }
  print:
service:
  telemetry: { logs: { level: info } }
  pipelines:
    logs: { receivers: [hooks], processors: [stamp, stamp/2], exporters: [vault, print] }
`;

test('no text makes loading throw, or show what a reference gave', async () => {
  const token = fc.constantFrom(
    ...':-[]{}"\'#&*!|>%@`$\n\t ,?<~\\\u0000\ud800\u2028'.split(''),
    '${',
    '}',
    'env:',
    '::',
    '&a ',
    '*a',
    '<<: ',
  );
  const edit = fc.record({ at: fc.nat(VALID.length), drop: fc.nat(30), insert: fc.array(token, { maxLength: 4 }) });
  const mutated = fc
    .array(edit, { minLength: 1, maxLength: 6 })
    .map((edits) =>
      edits.reduce((text, { at, drop, insert }) => text.slice(0, at) + insert.join('') + text.slice(at + drop), VALID),
    );
  const noise = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(token, { maxLength: 60 }).map((all) => all.join('')),
  );
  const environment = { SECRET: 'plant-variable' };
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: mutated }, { weight: 1, arbitrary: noise }), async (yaml) => {
      const { config, diagnostics } = await load(yaml, { environment, files: { key: 'plant-file' } });
      const printed = formatDiagnostics(diagnostics, { color: false }) + JSON.stringify(diagnostics);
      assert.ok(!/plant-(variable|file)/.test(printed), printed);
      assert.equal(config === undefined, errors(diagnostics).length > 0);
      for (const { place } of diagnostics)
        assert.ok(!place || (place.line > 0 && place.column > 0 && place.length > 0));
      for (const { excerpt } of diagnostics)
        assert.ok(!excerpt || excerpt.start + excerpt.length <= excerpt.text.length + 1);
    }),
    { numRuns: 400 },
  );
});

test('no value of a variable makes loading throw', async () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.constantFrom('${V}', '$${V}', '${', '&a [*a]', 'a::b: 1', '<<: 1', '{"__proto__":""}', '{"a":{"__proto__":1}}'),
  );
  await fc.assert(
    fc.asyncProperty(value, async (V) => {
      const { diagnostics } = await load(withStamp('value: ${env:V}\nattributes: { a: "x${V}" }\nflags: ["${V}"]'), {
        environment: { V },
      });
      for (const { message } of errors(diagnostics)) assert.match(message, /environment variable V/);
    }),
    { numRuns: 500 },
  );
});
