import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CompileError } from '../../src/ottl/compile-error.ts';
import { OttlError } from '../../src/ottl/error.ts';
import { functions } from '../../src/ottl/functions/index.ts';
import { compileGroup } from '../../src/ottl/group.ts';
import { parseCondition, parseStatement } from '../../src/ottl/syntax/parser.ts';
import type { Value } from '../../src/record/value.ts';
import { Regex } from '../../src/regex/regex.ts';
import { recordOf, run, words } from './run.ts';

const WORDS = [
  ...['set', 'where', 'not', 'and', 'or', 'nil', 'true', 'log', 'body', 'attributes', 'resource', 'cache', 'Substring'],
  ...['(', ')', '[', ']', '{', '}', ',', '.', '=', '==', '!=', '<', '+', '-', '*', '/', ':', '=>', '"', '"a"', '"\\d"'],
  ...[
    '0',
    '1',
    '012',
    '1.5',
    '0xff',
    '9223372036854775808',
    'SEVERITY_NUMBER_INFO',
    '_',
    "'",
    '\\',
    '\n',
    ' ',
    'é',
    '😀',
    '\ud800',
  ],
];

const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join(''));
const valid = fc.constantFrom(...functions.map(({ example }) => example.statement));

/** A valid statement with something taken out, put in or repeated. */
const mutated = fc.tuple(valid, fc.nat(), fc.nat(8), fc.constantFrom('', ...WORDS)).map(([text, at, width, put]) => {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + width);
});

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

function onlyRefuses(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof OttlError)) throw error;
  }
}

describe('OTTL', () => {
  it('reads or refuses any text', () => {
    fc.assert(
      fc.property(fc.oneof(soup, mutated, fc.string({ unit: 'binary', maxLength: 60 })), (text) => {
        for (const parse of [parseStatement, parseCondition]) {
          try {
            parse(text);
          } catch (error) {
            assert.ok(error instanceof CompileError, String(error));
            const { start, end } = error.range;
            assert.ok(start >= 0 && start < end && start <= text.length, `${start} ${end} of ${text.length}`);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('compiles or refuses any statement', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, valid), fc.constantFrom(undefined, 'log', 'scope', 'resource'), (text, context) => {
        const compiled = compileGroup(
          { statements: [text], conditions: [], ...(context && { context }) } as never,
          words,
        );
        if ('problems' in compiled) for (const { error } of compiled.problems) assert.ok(error instanceof CompileError);
      }),
      { numRuns: 1500 },
    );
  });

  it('fails on no record but with an error of its own', () => {
    fc.assert(
      fc.property(
        valid,
        value,
        fc.dictionary(fc.constantFrom('a', 'x', 'level', 'list'), value),
        (text, body, attributes) => {
          onlyRefuses(() => run(text, recordOf({ body, attributes })));
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('runs each function on values of every kind', () => {
    const paths = [
      'log.body',
      'log.attributes["a"]',
      'log.attributes',
      'log.time',
      'log.trace_id',
      'nil',
      '[log.body]',
      '1',
      '"x"',
      '-1',
      '1.5',
    ];
    const argument = fc.constantFrom(...paths);
    const call = fc
      .tuple(fc.constantFrom(...functions), fc.array(argument, { minLength: 5, maxLength: 5 }))
      .map(([definition, given]) => {
        const count = Object.values(definition.parameters).filter(({ optional }) => !optional).length;
        const args = Object.values(definition.parameters)
          .slice(0, Math.max(1, count))
          .map(({ list }, index) => (list ? `[${given[index]}]` : given[index]));
        const text = `${definition.name}(${args.join(', ')})`;
        return definition.kind === 'editor'
          ? `${text} where log.body == log.body`
          : `set(log.attributes["out"], [${text}, log.body])`;
      });
    fc.assert(
      fc.property(call, value, value, (text, body, a) =>
        onlyRefuses(() => run(text, recordOf({ body, attributes: { a } }))),
      ),
      { numRuns: 3000 },
    );
  });

  it('ends with patterns that would never end elsewhere', () => {
    const started = performance.now();
    const text = 'a'.repeat(20_000);
    for (const pattern of ['(a+)+$', '(a|aa)+b', '(.*)*x', '([a-z]+)*1'])
      assert.equal(new Regex(pattern).test(`${text}!`), false);
    assert.ok(performance.now() - started < 5000);
  });
});
