import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../src/telemetry/logger.ts';
import { LineSampler } from '../../src/telemetry/sampling.ts';

test('of equal lines the first of each tick are written, then every so many-th', () => {
  let now = 0;
  const sampler = new LineSampler({ tickMs: 1_000, initial: 2, thereafter: 3 }, () => now);
  const admitted = (lines: number) => Array.from({ length: lines }, () => sampler.admits('info', 'a') && 1).map(Number);
  assert.deepEqual(admitted(9), [1, 1, 0, 0, 1, 0, 0, 1, 0]);
  assert.ok(sampler.admits('warn', 'a'), 'another level is another kind');
  now = 1_000;
  assert.deepEqual(admitted(3), [1, 1, 0]);
  const none = new LineSampler({ tickMs: 1_000, initial: 1, thereafter: 0 }, () => 0);
  assert.deepEqual(
    [none.admits('info', 'b'), none.admits('info', 'b'), none.admits('info', 'b')],
    [true, false, false],
  );
});

test('fields of every line are in every line, also of logs with fields of their own', () => {
  const lines: string[] = [];
  const options = { level: 'info', encoding: 'json', colour: false } as const;
  const { log } = createLogger({ ...options, fields: { team: 'support' }, write: (line) => lines.push(line) });
  log.with({ exporter: 'nop' }).info('It happened.');
  const { team, exporter } = JSON.parse(lines[0] as string) as Record<string, string>;
  assert.deepEqual([team, exporter], ['support', 'nop']);
});
