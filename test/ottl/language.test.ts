import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CompileError } from '../../src/ottl/compile-error.ts';
import { OttlError } from '../../src/ottl/error.ts';
import { compileGroup } from '../../src/ottl/group.ts';
import { Double } from '../../src/record/value.ts';
import { evaluate, holds, recordOf, run, words } from './run.ts';

const MAX = '9223372036854775807';

describe('calculating in OTTL', () => {
  it('wraps integers at 64 bits and keeps them exact', () => {
    assert.equal(evaluate(`${MAX} + 1`), -(2n ** 63n));
    assert.equal(evaluate(`${MAX} * 2`), -2);
    assert.equal(evaluate('9007199254740993 + 0'), 9007199254740993n);
    assert.equal(evaluate('7 / 2'), 3);
    assert.equal(evaluate('-7 / 2'), -3);
  });

  it('makes doubles where one is', () => {
    assert.deepEqual(evaluate('1 + 1.0'), new Double(2));
    assert.equal(evaluate('1 / 2.0'), 0.5);
    assert.deepEqual(evaluate('2 * (3 + 1.5) - 1'), new Double(8));
  });

  it('refuses to divide by zero, and what is no number', () => {
    assert.throws(() => evaluate('1 / 0'), /attempted to divide by 0/);
    assert.throws(() => evaluate('1.5 / 0.0'), /attempted to divide by 0/);
    assert.throws(() => evaluate('1 + log.severity_text'), / must be int64 or float64/);
    assert.throws(() => evaluate('-log.body', { body: 'x' }), /unary minus operation on type string/);
  });

  it('adds and subtracts times', () => {
    assert.ok(holds('log.observed_time - log.time == log.observed_time - log.time'));
    assert.ok(holds('log.time + (log.observed_time - log.time) == log.observed_time'));
    assert.throws(() => evaluate('log.time * 2'), /only addition and subtraction/);
  });
});

describe('comparing in OTTL', () => {
  it('knows nil', () => {
    for (const operator of ['==', '<=', '>=']) assert.ok(holds(`log.attributes["none"] ${operator} nil`));
    for (const operator of ['!=', '<', '>']) assert.ok(!holds(`log.attributes["none"] ${operator} nil`));
    assert.ok(holds('log.body != nil', { body: '' }));
    assert.ok(holds('log.attributes["x"] == nil', { attributes: { x: null } }));
    assert.ok(holds('log.body == nil', { body: new Uint8Array() }));
  });

  it('compares numbers of both kinds, other kinds only with their own', () => {
    assert.ok(holds('1 == 1.0'));
    assert.ok(holds('2 > 1.5'));
    assert.ok(holds('log.body >= 9007199254740992', { body: 9007199254740993n }));
    assert.ok(!holds('1 == "1"'));
    assert.ok(holds('1 != "1"'));
    assert.ok(!holds('1 < "2"'));
    assert.ok(holds('"a" < "b"'));
    assert.ok(holds('true > false'));
  });

  it('orders texts by their UTF-8', () => {
    assert.ok(holds('"\uffee" < "😀"'));
  });

  it('compares maps and lists as wholes, strictly', () => {
    assert.ok(holds('log.body == {"a": [1, "x"]}', { body: { a: [1, 'x'] } }));
    assert.ok(!holds('log.body == {"a": 1.0}', { body: { a: 1 } }));
    assert.ok(!holds('log.body >= {"a": 1}', { body: { a: 1 } }));
  });

  it('folds constants when compiled, so that the other side never fails', () => {
    assert.ok(holds('1 / 0 == 1 or true'));
    assert.ok(!holds('1 / 0 == 1 and false'));
    assert.throws(() => holds('1 / 0 == 1 or false'), OttlError);
  });
});

describe('paths of OTTL', () => {
  it('read and set what the record has', () => {
    const record = recordOf({ body: 'x' });
    const statements = [
      'set(log.time_unix_nano, 1000000005)',
      'set(log.severity_number, SEVERITY_NUMBER_WARN2)',
      'set(log.severity_text, "warn")',
      'set(log.event_name, "e")',
      'set(log.trace_id.string, "0102030405060708090A0b0c0d0e0f10")',
      'set(log.flags, 4294967297)',
      'set(resource.attributes["a"], log.body)',
      'set(scope.name, "other")',
    ];
    run({ statements }, record);
    assert.deepEqual(record.hrTime, [1, 5]);
    assert.equal(record.severityNumber, 14);
    assert.equal(record.severityText, 'warn');
    assert.equal(record.eventName, 'e');
    assert.equal(record.spanContext?.traceId, '0102030405060708090a0b0c0d0e0f10');
    assert.equal(record.flags, 1);
    assert.deepEqual(record.resource.attributes, { a: 'x' });
    assert.equal(record.instrumentationScope.name, 'other');
  });

  it('make maps and lists on the way to what is set', () => {
    const record = recordOf();
    run('set(log.attributes["a"]["b"][2]["c"], 1)', record);
    assert.deepEqual(record.attributes, { a: { b: [null, null, { c: 1 }] } });
  });

  it('bound how long such a list may be', () => {
    assert.throws(() => run('set(log.attributes["a"][1000000000], 1)', recordOf()), /out of bounds/);
  });

  it('never let two places share a map', () => {
    const record = recordOf({ body: { a: { b: 1 } } });
    run({ statements: ['set(log.attributes["x"], log.body["a"])', 'set(log.attributes["x"]["b"], 2)'] }, record);
    assert.deepEqual(record.body, { a: { b: 1 } });
  });

  it('take __proto__ for a key like any other', () => {
    const record = recordOf();
    run('set(log.attributes["__proto__"]["polluted"], true)', record);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.deepEqual(Object.keys(record.attributes), ['__proto__']);
  });

  it('refuse values of another kind, and what records cannot hold', () => {
    assert.throws(() => run('set(log.severity_text, 1)', recordOf()), /expects string but got int64/);
    assert.throws(() => run('set(log.attributes["t"], log.time)', recordOf()), /unsupported type time.Time/);
    assert.throws(() => run('set(log.attributes, 1)', recordOf()), /setting a pcommon.Map: int64/);
    assert.throws(() => run('set(log.body["a"], 1)', recordOf({ body: 'x' })), /of type Str cannot be indexed/);
  });

  it('give nothing of a request, which is long over', () => {
    assert.ok(holds('otelcol.client.metadata["x"] == nil and log.body == nil'));
    assert.throws(() => run('set(otelcol.client.addr, log.body.string)', recordOf()), /is read-only/);
  });
});

function problemOf(group: Parameters<typeof run>[0]): string {
  const text = typeof group === 'string' ? { statements: [group] } : group;
  const compiled = compileGroup({ statements: [], conditions: [], ...text }, words);
  assert.ok('problems' in compiled, 'it is valid');
  const { error, list, index = 0 } = compiled.problems[0] as NonNullable<(typeof compiled.problems)[0]>;
  assert.ok(error instanceof CompileError);
  const marked = ((text[list] ?? [])[index] ?? '').slice(error.range.start, error.range.end);
  return `${error.message} @${marked} ${error.suggestion ?? ''}`;
}

describe('what is wrong with a statement', () => {
  it('is told at its place, with what was probably meant', () => {
    assert.match(
      problemOf('set(log.atributes["a"], 1)'),
      /segment "atributes" .* @atributes\["a"\] did you mean "attributes"/,
    );
    assert.match(problemOf('sett(log.body, 1)'), /does not support the function "sett" @sett did you mean "set"/);
    assert.match(
      problemOf('set(log.body, SEVERITY_NUMBER_WARM)'),
      /@SEVERITY_NUMBER_WARM did you mean "SEVERITY_NUMBER_WARN"/,
    );
    assert.match(
      problemOf('set(log.body, Substring("a", 1))'),
      /Expected: 4 Received: 2 @Substring\("a", 1\) write Substring\(target, start, length, \[utf8_safe\]\)/,
    );
    assert.match(problemOf('set(log.body, Substring("a", 0, "x"))'), /expected int64 but got string @"x"/);
    assert.match(
      problemOf('set(log.body, Substring("a", 0, 1, utf8_saf=true))'),
      /no such parameter: utf8_saf @utf8_saf did you mean "utf8_safe"/,
    );
    assert.match(problemOf('set("x", 1) where log.body == nil'), /must be a path @"x"/);
    assert.match(problemOf('set((log.body), 1)'), /must be a path/);
  });

  it('is told of the context of a group', () => {
    assert.match(problemOf('set(body, 1)'), /unable to infer context/);
    assert.match(
      problemOf({ statements: ['set(log.body, body)'] }),
      /missing context name for path "body".* write log.body/,
    );
    assert.match(problemOf('set(span.name, "x")'), /inferred context "span" is not a valid candidate @span/);
    assert.match(problemOf({ context: 'resource', statements: ['set(log.body, 1)'] }), /from path "resource.log.body"/);
    assert.match(problemOf({ statements: ['set(log.body, scope.cache)'] }), /replace "scope.cache" with "log.cache"/);
  });

  it('takes named arguments in both spellings', () => {
    for (const name of ['utf8_safe', 'utf8Safe']) {
      assert.equal(evaluate(`Substring(target="héllo", start=0, length=2, ${name}=true)`), 'h');
    }
  });
});
