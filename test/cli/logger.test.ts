import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentLogger } from '../../src/cli/logger.ts';
import { loadConfig } from '../../src/config/load.ts';
import { HEAD, TAIL } from '../config/loading.ts';
import { temporary } from '../control/fixtures.ts';
import { factories } from '../support/factories.ts';

test('log lines go to files, with their fields, and into a new file after a rotation', async (t) => {
  const path = join(temporary(t), 'agent.log');
  const logs = `logs: { encoding: JSON, output_paths: [${path}], initial_fields: { team: support, shift: 2 } }`;
  const yaml = `${HEAD}${TAIL}  telemetry: { ${logs} }\n`;
  const { config, diagnostics } = await loadConfig({
    ...{ sources: ['agent.yaml'], factories, environment: {}, readFile: async () => yaml },
  });
  assert.ok(config, JSON.stringify(diagnostics));
  const logger = agentLogger(config.service.telemetry);
  logger.log.info('First.');
  renameSync(path, `${path}.1`);
  logger.reopen();
  logger.log.info('Second.');
  await logger.shutdown();
  const read = (file: string) =>
    (readFileSync(file, 'utf8').trim().split('\n') as string[]).map((line) => {
      const { message, team, shift } = JSON.parse(line) as Record<string, unknown>;
      return [message, team, shift];
    });
  assert.deepEqual(
    [...read(`${path}.1`), ...read(path)],
    [
      ['First.', 'support', 2],
      ['Second.', 'support', 2],
    ],
  );
});

test('a file that can not be written is told once on stderr, and stops nothing', async (t) => {
  const told: string[] = [];
  t.mock.method(process.stderr, 'write', (text: string) => told.push(text) > 0);
  const logs = {
    level: 'info',
    encoding: 'json',
    outputPaths: ['/nowhere/agent.log'],
    targets: [],
    initialFields: {},
  } as const;
  const logger = agentLogger({ logs, resource: { attributes: {} } });
  for (let line = 0; line < 3; line++) logger.log.info('A line.');
  await logger.shutdown();
  assert.equal(told.filter((text) => text.includes('/nowhere/agent.log')).length, 1);
});
