import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Log, LogFields } from '../../src/telemetry/log.ts';
import { SwitchingLog } from '../../src/telemetry/switching-log.ts';

function recording(lines: string[], fields: LogFields = {}): Log {
  const at = (level: string) => (message: string, more?: LogFields) =>
    void lines.push(`${level} ${message} ${JSON.stringify({ ...fields, ...more })}`);
  return {
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    with: (more) => recording(lines, { ...fields, ...more }),
  };
}

it('lines go to the log of the moment, with the fields of whoever writes them', () => {
  const [first, second]: [string[], string[]] = [[], []];
  const switching = new SwitchingLog(recording(first));
  const mine = switching.log.with({ exporter: 'x' });
  const deeper = mine.with({ pipeline: 'logs' });
  mine.info('one', { n: 1 });
  deeper.warn('two');
  switching.switchTo(recording(second, { service: 'a' }));
  switching.log.error('three');
  deeper.debug('four');
  mine.with({ late: true }).info('five');
  assert.deepEqual(first, ['info one {"exporter":"x","n":1}', 'warn two {"exporter":"x","pipeline":"logs"}']);
  assert.deepEqual(second, [
    'error three {"service":"a"}',
    'debug four {"service":"a","exporter":"x","pipeline":"logs"}',
    'info five {"service":"a","exporter":"x","late":true}',
  ]);
});
