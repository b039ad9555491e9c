import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OttlError } from '../../../src/ottl/error.ts';
import { formatTime, now, timeFunction, truncateTime } from '../../../src/ottl/functions/time.ts';
import { textForm } from '../../../src/ottl/text.ts';
import { OttlDuration, OttlTime } from '../../../src/ottl/value.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { call } from './call.ts';

const JANUARY = Date.UTC(2026, 0, 10);

interface Place {
  readonly location?: string;
  readonly locale?: string;
}

function read(text: string, format: string, place: Place = {}): string {
  const time = call(timeFunction, { time: text, format, ...place }, { clock: new FakeClock(JANUARY) });
  return String(call(formatTime, { time, format: '%FT%T.%s%z' }));
}

function write(iso: string, format: string): string {
  return String(call(formatTime, { time: new OttlTime(BigInt(Date.parse(iso)) * 1_000_000n + 123_456n), format }));
}

describe('Time', () => {
  it('reads numbers with and without leading zeros, and spaces before them', () => {
    assert.equal(read('2024-2-9', '%Y-%m-%d'), '2024-02-09T00:00:00Z');
    assert.equal(read('2024- 2- 9', '%Y-%o-%e'), '2024-02-09T00:00:00Z');
    assert.equal(read('2/9/24 5:06 PM', '%D %l:%M %p'), '2024-02-09T17:06:00Z');
  });

  it('reads offsets in any form, and fractions that nobody asked for', () => {
    for (const offset of ['+0100', '+01:00', '+01']) {
      assert.equal(read(`2024-02-09 10:00:00${offset}`, '%F %T%z'), '2024-02-09T10:00:00+0100');
    }
    assert.equal(read('2024-02-09 10:00:00.123456789123', '%F %T'), '2024-02-09T10:00:00.123456789Z');
    assert.equal(read('2024-02-09 10:00:00,5', '%F %T'), '2024-02-09T10:00:00.5Z');
  });

  it('counts the clocks of a location, also when they are changed', () => {
    const location = 'America/New_York';
    assert.equal(read('2023-01-26 12:34:56', '%F %T', { location }), '2023-01-26T12:34:56-0500');
    assert.equal(read('2023-03-12 02:30:00', '%F %T', { location }), '2023-03-12T01:30:00-0500');
    assert.equal(read('2023-11-05 01:30:00', '%F %T', { location }), '2023-11-05T01:30:00-0400');
    assert.equal(read('2023-05-26 12:34:56+0200', '%F %T%z', { location }), '2023-05-26T12:34:56+0200');
  });

  it('knows short names of zones', () => {
    assert.equal(
      read('2023-05-26 12:34:56 CEST', '%F %T %Z', { location: 'Europe/Berlin' }),
      '2023-05-26T12:34:56+0200',
    );
    assert.equal(read('1986-10-01 00:17:33 MST', '%F %T %Z'), '1986-10-01T00:17:33-0700');
    assert.throws(
      () => read('2023-05-26 12:34:56 XYZ', '%F %T %Z'),
      /failed to load location XYZ: unknown time zone XYZ/,
    );
  });

  it('takes the year of the clock where there is none, or the one before', () => {
    assert.equal(read('Jan 12 10:00:00', '%b %e %T'), '2026-01-12T10:00:00Z');
    assert.equal(read('Mar  2 10:00:00', '%b %e %T'), '2025-03-02T10:00:00Z');
  });

  it('reads names of other languages', () => {
    const place = { location: 'America/New_York', locale: 'es-ES' };
    assert.equal(read('Febrero 25 lunes, 2002, 02:03:04 p.m.', '%B %d %A, %Y, %r', place), '2002-02-25T14:03:04-0500');
    assert.equal(read('9 août 2024', '%e %B %Y', { locale: 'fr' }), '2024-08-09T00:00:00Z');
    assert.equal(read('2024 8月 9', '%Y %B %d', { locale: 'ja' }), '2024-08-09T00:00:00Z');
    assert.throws(() => read('9 août 2024', '%e %B %Y', { locale: 'de' }), /does not match the layout element "%B"/);
    assert.throws(() => read('9 PM', '%l %p', { locale: 'de' }), /"PM" is not supported by the language "de"/);
  });

  it('tells what does not fit', () => {
    assert.throws(() => read('abc', '%Y'), { message: 'parsing time "abc" as "%Y": cannot parse "abc" as "%Y"' });
    assert.throws(() => read('24:00', '%H:%M'), { message: 'parsing time "24:00": hour out of range' });
    assert.throws(() => read('2024-02-30', '%F'), { message: 'parsing time "2024-02-30": day out of range' });
    assert.throws(() => read('2024 é', '%Y'), {
      message: 'parsing time "2024 \\xc3\\xa9": extra text: " \\xc3\\xa9"',
    });
    assert.throws(() => read('', '%Y'), /time cannot be nil/);
  });

  it('refuses formats, places and languages that are none', () => {
    assert.throws(() => read('1', ''), /format cannot be nil/);
    assert.throws(() => read('1', '2006-01-02'), /should not contain decimals/);
    assert.throws(
      () => read('1', '%G'),
      /invalid strptime format: \[unsupported ctimefmt.toNative\(\) directive: %G\]/,
    );
    assert.throws(() => read('1', '%S %L'), /invalid fractional seconds directive: ' %L'/);
    assert.throws(
      () => read('1', '%Y', { location: 'Nowhere/Land' }),
      /failed to load location Nowhere\/Land: unknown/,
    );
    assert.throws(() => read('1', '%Y', { location: 'europe/berlin' }), /unknown time zone/);
    for (const locale of ['zz', 'zh-CN', 'es_ES', ''])
      assert.throws(() => read('1', '%Y', { locale }), /unsupported locale/);
  });

  it('gives up where the Collector would look for ever', () => {
    assert.throws(() => read(' 13 13', '%I %I'), OttlError);
    assert.throws(() => read('   2 Jan   3', '%d Jan %e'), OttlError);
  });

  it('throws nothing but an OttlError', () => {
    const directive = fc.constantFrom(...'YymoqbBdegaAHlIpPMSLfsZzwijkDxFTXrRnt%c').map((letter) => `%${letter}`);
    const format = fc.array(fc.oneof(directive, fc.constantFrom('-', ' ', '.', ':', 'Jan', 'é')), { minLength: 1 });
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('1', '24', '2024', ' ', '-', ':', 'Jan', 'Z')).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(format, text, fc.constantFrom(undefined, 'fr', 'ja'), (parts, value, locale) => {
        try {
          read(value, parts.join(''), locale ? { locale } : {});
        } catch (error) {
          assert.ok(error instanceof OttlError, String(error));
        }
      }),
    );
  });

  it('reads what FormatTime wrote', () => {
    const instant = fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n });
    const place = fc.constantFrom('UTC', 'Asia/Kolkata', 'America/New_York', 'Europe/Berlin');
    fc.assert(
      fc.property(instant, fc.nat(999_999_999), (seconds, nanos) => {
        const time = new OttlTime(seconds * 1_000_000_000n + BigInt(nanos));
        const text = call(formatTime, { time, format: '%a %d %b %Y %T.%s %z' });
        const again = call(timeFunction, { time: text, format: '%a %d %b %Y %T.%s %z' }) as OttlTime;
        assert.equal(again.unixNano, time.unixNano);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 4_000_000_000n }), place, (seconds, location) => {
        const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
        const time = call(timeFunction, { time: text, format: '%FT%T', location }) as OttlTime;
        const shown = call(formatTime, { time, format: '%FT%T' });
        const offset = BigInt(time.zone.at(time.unixNano).offsetSeconds);
        // An hour that clocks skip is never shown.
        assert.ok(shown === text || time.unixNano / 1_000_000_000n + offset + 3600n === seconds);
      }),
    );
  });
});

describe('FormatTime', () => {
  it('writes each directive', () => {
    const iso = '2024-02-03T15:04:05Z';
    assert.equal(
      write(iso, '%Y %y|%m %o %q|%b %B|%d %e %g|%a %A'),
      '2024 24|02 _2 2|Feb February|03  3 3|Sat Saturday',
    );
    assert.equal(write(iso, '%H %l %I %p %P|%M %S'), '15 3 03 PM pm|04 05');
    assert.equal(write(iso, '%z %Z %i %j %k %w'), 'Z UTC +00 +00:00 +00:00:00 +000000');
    assert.equal(write(iso, '%D|%F|%T|%r|%R|%n%t%%'), '02/03/2024|2024-02-03|15:04:05|03:04:05 pm|15:04|\n\t%');
    assert.equal(write(iso, '%c'), 'Sat Feb 03 15:04:05 2024');
  });

  it('has fractions only behind a point or a comma, without zeros at the end', () => {
    assert.equal(write('2024-02-03T15:04:05.120Z', '%S.%L|%S,%f|%S.%s'), '05.12|05,120123|05.120123456');
    assert.equal(write('2024-02-03T15:04:05.000Z', '%S.%L'), '05');
    assert.equal(write('2024-02-03T15:04:05.120Z', '%s'), '999999999');
  });

  it('takes words that Go knows for what they stand for', () => {
    assert.equal(write('2024-02-03T15:04:05Z', 'Monday in January'), 'Saturday in February');
    assert.equal(write('2024-02-03T15:04:05Z', 'Months'), 'Months');
  });

  it('takes nothing but a time', () => {
    assert.throws(() => call(formatTime, { time: undefined, format: '%Y' }), /expected time but got nil/);
    assert.throws(() => call(formatTime, { time: 7, format: '%Y' }), /expected time but got int64/);
  });
});

describe('TruncateTime', () => {
  const cut = (iso: string, duration: bigint) =>
    call(truncateTime, {
      time: new OttlTime(BigInt(Date.parse(iso)) * 1_000_000n),
      duration: new OttlDuration(duration),
    }) as OttlTime;

  it('counts from the year 1, so that weeks begin on Mondays', () => {
    const week = cut('2020-02-11T20:26:13Z', 168n * 3_600_000_000_000n);
    assert.equal(week.unixNano, BigInt(Date.UTC(2020, 1, 10)) * 1_000_000n);
    assert.equal(cut('1969-12-31T23:59:59.5Z', 1_000_000_000n).unixNano, -1_000_000_000n);
  });

  it('changes nothing for no duration', () => {
    for (const duration of [0n, -5n])
      assert.equal(cut('2020-02-11T20:26:13Z', duration).unixNano, 1_581_452_773_000_000_000n);
  });
});

describe('Now', () => {
  it('is what the clock says', () => {
    const time = call(now, {}, { clock: new FakeClock(JANUARY) }) as OttlTime;
    assert.equal(time.unixNano, BigInt(JANUARY) * 1_000_000n);
  });
});

describe('times as text', () => {
  it('have the form of RFC 3339, which has no years beyond 9999', () => {
    const at = (seconds: bigint) => textForm(new OttlTime(seconds * 1_000_000_000n));
    assert.equal(at(-62_167_219_200n), '"0000-01-01T00:00:00Z"');
    for (const seconds of [253_402_300_800n, -62_167_219_201n, 2n ** 63n - 1n]) {
      assert.throws(() => at(seconds), { name: 'OttlError', message: 'unsupported type: time.Time' });
    }
  });
});
