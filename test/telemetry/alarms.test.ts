import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ALARM_SHARES, Alarms, FillAlarm } from '../../src/telemetry/alarms.ts';
import { Growth } from '../../src/telemetry/growth.ts';
import { type LogFields, silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('growth', () => {
  it('is not known before there is a minute to look back on', async () => {
    const clock = new FakeClock();
    const growth = new Growth(clock);
    assert.equal(growth.perHour, null);
    growth.sample(0);
    await clock.advance(59_000);
    growth.sample(59);
    assert.equal(growth.perHour, null);
    await clock.advance(1000);
    growth.sample(60);
    assert.equal(growth.perHour, 3600);
    assert.equal(growth.hoursFor(5400), 1.5);
    assert.equal(growth.hoursFor(36_000_000), 10_000);
  });

  it('is that of the last ten minutes', async () => {
    const clock = new FakeClock();
    const growth = new Growth(clock);
    let value = 0;
    const go = async (minutes: number, perSecond: number) => {
      for (let i = 0; i < minutes * 12; i++) {
        await clock.advance(5000);
        value += 5 * perSecond;
        growth.sample(value);
      }
    };
    await go(30, 100);
    assert.equal(growth.perHour, 360_000);
    await go(5, 0);
    assert.ok(Math.abs((growth.perHour as number) - 180_000) < 5000, `${growth.perHour}`);
    await go(6, 0);
    assert.equal(growth.perHour, 0);
    assert.equal(growth.hoursFor(100), null);
    await go(11, -10);
    assert.equal(growth.perHour, -36_000);
    assert.equal(growth.hoursFor(100), null, 'it shrinks');
  });

  it('does not heed a wall clock that jumps', async () => {
    const clock = new FakeClock();
    const growth = new Growth(clock);
    growth.sample(0);
    clock.jump(-86_400_000);
    await clock.advance(60_000);
    growth.sample(60);
    assert.equal(growth.perHour, 3600);
  });

  it('leaves no time when there is no room', async () => {
    const clock = new FakeClock();
    const growth = new Growth(clock);
    growth.sample(0);
    await clock.advance(60_000);
    growth.sample(60);
    assert.equal(growth.hoursFor(-5), 0);
  });
});

describe('the alarm of a store', () => {
  const looks = (shares: readonly number[]) => {
    const alarm = new FillAlarm();
    return shares.map((share) => alarm.look(share));
  };

  it('goes off once as each share is reached', () => {
    assert.deepEqual(looks([0.4, 0.5, 0.6, 0.79, 0.8, 0.94, 0.95, 1, 1]), [
      null,
      0.5,
      null,
      null,
      0.8,
      null,
      0.95,
      null,
      null,
    ]);
  });

  it('tells the highest alone when several are reached at once', () =>
    assert.deepEqual(looks([0.97, 0.97]), [0.95, null]));

  it('is armed again only well below its share', () => {
    assert.deepEqual(looks([0.5, 0.49, 0.5, 0.46, 0.51]), [0.5, null, null, null, null]);
    assert.deepEqual(looks([0.5, 0.44, 0.5]), [0.5, 'cleared', 0.5]);
    assert.deepEqual(looks([0.96, 0.91, 0.96, 0.89, 0.96]), [0.95, null, null, null, 0.95]);
    assert.deepEqual(looks([0.96, 0.1, 0.96]), [0.95, 'cleared', 0.95]);
  });

  it('never tells the same twice without having been well below in between, and misses none', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1.2, noNaN: true })), (shares) => {
        const told = looks(shares);
        for (const share of ALARM_SHARES) {
          let armed = true;
          for (const [index, value] of shares.entries()) {
            const news = told[index];
            if (value < share - 0.05) armed = true;
            if (news === share) {
              assert.ok(armed && value >= share);
            }
            if (value >= share) {
              if (armed) assert.ok(typeof news === 'number' && news >= share, `${share} at ${index} of ${shares}`);
              armed = false;
            }
          }
        }
      }),
    );
  });
});

describe('alarms', () => {
  function recorded() {
    const lines: [level: string, message: string, fields: LogFields][] = [];
    const at =
      (level: string) =>
      (message: string, fields: LogFields = {}) =>
        void lines.push([level, message, fields]);
    const clock = new FakeClock();
    const log = { ...silentLog, info: at('info'), warn: at('warn'), error: at('error') };
    return { clock, alarms: new Alarms({ clock, log }), taken: () => lines.splice(0) };
  }

  it('tell with the hours left, the slowest delivery and the way out that the journal fills up, the last time as an error', async () => {
    const { clock, alarms, taken } = recorded();
    const lines: ReturnType<typeof taken> = [];
    for (let used = 400; used <= 1000; used += 10) {
      alarms.look({ journal: { used, limit: 1000, slowest: 'logs slow' }, standing: [] });
      await clock.advance(10_000);
      lines.push(...taken());
    }
    assert.deepEqual(
      lines.map(([level, , { percent }]) => [level, percent]),
      [
        ['warn', 50],
        ['warn', 80],
        ['error', 95],
      ],
    );
    for (const [, message, { delivery, hint, limit_bytes }] of lines) {
      assert.match(message, /journal is filling up.*429/);
      assert.match(String(hint), /deliveries skip.*deliveries forget.*when_full.*more room/);
      assert.deepEqual([delivery, limit_bytes], ['logs slow', 1000]);
    }
    // 3,600 an hour.
    assert.deepEqual(
      lines.map(([, , { hours_left }]) => hours_left),
      [0.1, 0.1, 0],
    );
    assert.equal(alarms.hoursLeft, 0);
    alarms.look({ journal: { used: 100, limit: 1000, slowest: null }, standing: [] });
    assert.deepEqual(
      taken().map(([level, message]) => [level, message]),
      [['info', 'The journal has room again.']],
    );
    assert.equal(alarms.hoursLeft, null);
  });

  it('tell that the dead letters fill up, by themselves', () => {
    const { alarms, taken } = recorded();
    alarms.look({
      journal: { used: 1, limit: 1000, slowest: null },
      deadLetters: { used: 80, limit: 100 },
      standing: [],
    });
    const lines = taken();
    assert.deepEqual(
      lines.map(([level, message]) => [level, message.split('.')[0]]),
      [['warn', 'The store of dead letters is filling up']],
    );
    assert.match(String(lines[0]?.[2].hint), /dead-letters list/);
  });

  it('are silent about what has no limit', () => {
    const { alarms, taken } = recorded();
    alarms.look({ journal: { used: 1e12, limit: 0, slowest: null }, standing: [] });
    assert.deepEqual([taken(), alarms.hoursLeft], [[], null]);
  });

  it('tell trouble that stands when it begins, once a minute, and when it is over', async () => {
    const { clock, alarms, taken } = recorded();
    let requests = 3;
    const look = () => alarms.look({ standing: [{ about: 'signatures', text: `${requests++} requests` }] });
    look();
    assert.deepEqual(taken(), [['warn', 'Degraded.', { about: 'signatures', reason: '3 requests' }]]);
    for (let i = 0; i < 11; i++) {
      await clock.advance(5000);
      look();
    }
    assert.deepEqual(taken(), []);
    await clock.advance(5000);
    look();
    assert.deepEqual(taken(), [['warn', 'Degraded.', { about: 'signatures', reason: '15 requests' }]]);
    alarms.look({ standing: [] });
    assert.deepEqual(taken(), [['info', 'No longer degraded.', { about: 'signatures' }]]);
    look();
    assert.equal(taken().length, 1);
  });
});
