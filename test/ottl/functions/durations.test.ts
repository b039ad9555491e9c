import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OttlError } from '../../../src/ottl/error.ts';
import { durationFunction, durations } from '../../../src/ottl/functions/durations.ts';
import { timeParts } from '../../../src/ottl/functions/time-parts.ts';
import { unixTimes } from '../../../src/ottl/functions/unix.ts';
import { OttlDuration, OttlTime, type OttlValue } from '../../../src/ottl/value.ts';
import { double } from '../../../src/record/value.ts';
import { call } from './call.ts';

const parse = (text: string) => (call(durationFunction, { duration: text }) as OttlDuration).nanoseconds;

function named(name: string, given: object): OttlValue {
  const found = [...durations, ...timeParts, ...unixTimes].find((each) => each.name === name);
  assert.ok(found, name);
  return call(found, given);
}

describe('Duration', () => {
  it('adds up numbers with units', () => {
    assert.equal(parse('1h2m3.004005006s'), 3_723_004_005_006n);
    assert.equal(parse('-1500us'), -1_500_000n);
    assert.equal(parse('.5µs1.ms'), 1_000_500n);
    assert.equal(parse('+0'), 0n);
    assert.equal(parse('-9223372036854775808ns'), -(2n ** 63n));
  });

  it('says what is wrong', () => {
    assert.throws(() => parse(''), { message: 'time: invalid duration ""' });
    assert.throws(() => parse('1d'), { message: 'time: unknown unit "d" in duration "1d"' });
    assert.throws(() => parse('1 h'), { message: 'time: unknown unit " h" in duration "1 h"' });
    assert.throws(() => parse('10'), { message: 'time: missing unit in duration "10"' });
    assert.throws(() => parse('.s'), { message: 'time: invalid duration ".s"' });
    assert.throws(() => parse('9223372036854775808ns'), /invalid duration/);
    assert.throws(() => parse('1'.repeat(100_000)), /invalid duration/);
  });

  it('tells of a wrong literal only when it is evaluated', () => {
    const getter = durationFunction.create(
      { duration: Object.assign(() => 'x', { literal: { value: 'x' } }) },
      { clock: undefined as never, random: Math.random },
    );
    assert.throws(() => getter({} as never), /invalid duration/);
  });

  it('throws nothing but an OttlError', () => {
    const part = fc.constantFrom('1', '0', '.', '99999999999', '-', 'h', 'm', 's', 'ms', 'é', ' ');
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        try {
          parse(parts.join(''));
        } catch (error) {
          assert.ok(error instanceof OttlError);
        }
      }),
    );
  });
});

describe('durations in a unit', () => {
  it('are doubles from the second on, and whole below', () => {
    const duration = new OttlDuration(5_430_000_000_123n);
    assert.deepEqual(named('Hours', { duration }), 1.5083333333675);
    assert.deepEqual(named('Seconds', { duration: new OttlDuration(10n ** 9n) }), double(1));
    assert.equal(named('Milliseconds', { duration }), 5_430_000);
    assert.equal(named('Microseconds', { duration: new OttlDuration(-1_500n) }), -1);
    assert.throws(() => named('Minutes', { duration: undefined }), /expected duration but got nil/);
  });
});

describe('parts of a time', () => {
  const of = (name: string, unixNano: bigint) => named(name, { time: new OttlTime(unixNano) });

  it('are those of the calendar, also before the epoch and beyond int64', () => {
    assert.equal(of('Second', -999_999_995n), 59);
    assert.equal(of('Nanosecond', -999_999_995n), 5);
    assert.equal(of('Weekday', -1n), 3);
    assert.equal(of('Year', 253_402_300_799_000_000_000n), 9999);
    assert.equal(of('Year', -62_135_596_801_000_000_000n), 0);
    assert.equal(of('Month', BigInt(Date.UTC(2024, 1, 29)) * 1_000_000n), 2);
    assert.equal(of('Day', BigInt(Date.UTC(2024, 1, 29)) * 1_000_000n), 29);
  });

  it('agree with Date', () => {
    fc.assert(
      fc.property(fc.integer({ min: -8.64e15 / 1000, max: 8.64e15 / 1000 }), (seconds) => {
        const date = new Date(seconds * 1000);
        const nano = BigInt(seconds) * 1_000_000_000n;
        const parts = ['Year', 'Month', 'Day', 'Weekday', 'Hour', 'Minute'].map((name) => of(name, nano));
        assert.deepEqual(parts, [
          ...[date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay()],
          ...[date.getUTCHours(), date.getUTCMinutes()],
        ]);
      }),
    );
  });
});

describe('Unix and back', () => {
  it('round towards the past and wrap', () => {
    const time = named('Unix', { seconds: -1, nanoseconds: 5 });
    assert.equal(named('UnixMilli', { time }), -1000);
    assert.equal(named('UnixSeconds', { time }), -1);
    assert.equal(named('UnixNano', { time: named('Unix', { seconds: 253_402_300_799 }) }), -4_852_116_232_933_722_624n);
  });

  it('take integers only', () => {
    assert.throws(() => named('Unix', { seconds: 1.5 }), /expected int64 but got float64/);
    assert.throws(() => named('UnixNano', { time: 1 }), /expected time but got int64/);
  });
});
