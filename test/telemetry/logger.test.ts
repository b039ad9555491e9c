import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Secret } from '../../src/config/secret.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { ownLogsProcessor } from '../../src/telemetry/otlp-logs.ts';
import { ownResource } from '../../src/telemetry/resource.ts';

function capture(encoding: 'console' | 'json', level: 'debug' | 'info' | 'warn' = 'info', colour = false) {
  const lines: string[] = [];
  const { log, shutdown } = createLogger({ level, encoding, colour, write: (line) => lines.push(line) });
  return { log, lines, shutdown };
}

describe("the agent's own log", () => {
  it('has one JSON object a line: RFC 3339 time, level, message, fields', () => {
    const { log, lines } = capture('json');
    log.with({ exporter: 'nop' }).warn('It happened.', { count: 2, yes: true, nothing: undefined, list: ['a'] });
    assert.equal(lines.length, 1);
    const { time, ...rest } = JSON.parse(lines[0] as string) as { time: string };
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(rest, {
      level: 'warn',
      message: 'It happened.',
      exporter: 'nop',
      count: 2,
      yes: true,
      list: ['a'],
    });
  });

  it('keeps a field from passing for the time, the level or the message', () => {
    const { log, lines } = capture('json');
    log.info('Right.', { message: 'wrong', level: 'wrong' });
    const line = JSON.parse(lines[0] as string) as Record<string, string>;
    assert.deepEqual(
      [line.message, line.level, line['field.message'], line['field.level']],
      ['Right.', 'info', 'wrong', 'wrong'],
    );
  });

  it('is for people on the console', () => {
    const { log, lines } = capture('console');
    log.error('It broke.', { path: '/x', why: 'two words' });
    assert.match(lines[0] as string, /^\S+Z ERROR It broke\. path=\/x why="two words"\n$/);
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = capture('json', 'warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    assert.equal(lines.length, 1);
  });

  it('is one line a message whatever text comes from outside, without control or direction characters', () => {
    for (const encoding of ['console', 'json'] as const) {
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), (text) => {
          const { log, lines } = capture(encoding);
          log.info('Refused.', { path: text });
          assert.equal(lines.length, 1);
          assert.doesNotMatch((lines[0] as string).slice(0, -1), /[\p{Cc}\p{Cf}\u2028\u2029]/u);
        }),
      );
    }
    const { log, lines } = capture('json');
    log.info('Long.', { path: 'x'.repeat(1e6) });
    assert.ok((lines[0] as string).length < 2000);
  });

  it('goes over OTLP as well where it is told to, without what the environment says', async (t) => {
    const requests: { headers: NodeJS.Dict<string | string[]>; url: string; body: string }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      requests.push({ headers: request.headers, url: request.url ?? '', body });
      response.end();
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env.OTEL_EXPORTER_OTLP_HEADERS = 'authorization=of-the-application';
    t.after(() => delete process.env.OTEL_EXPORTER_OTLP_HEADERS);
    const processor = ownLogsProcessor({
      otlp: {
        ...{ url: `${endpoint}/v1/logs`, encoding: 'json', compression: 'none', timeoutMs: 1000 },
        headers: { 'x-key': 'ours' },
        tls: { ca_file: undefined, cert_file: undefined, key_file: undefined },
      },
    });
    assert.equal(process.env.OTEL_EXPORTER_OTLP_HEADERS, 'authorization=of-the-application');
    const logger = createLogger({
      level: 'info',
      encoding: 'json',
      colour: false,
      resource: ownResource({ attributes: { team: 'support', 'service.instance.id': null } }, '1.2.3'),
      write: () => {},
      processors: [processor],
    });
    logger.log.info('To the backend.', { n: 1 });
    await logger.shutdown();
    assert.equal(requests.length, 1);
    assert.equal(requests[0]?.url, '/v1/logs');
    assert.equal(requests[0]?.headers['x-key'], 'ours');
    assert.equal(requests[0]?.headers.authorization, undefined);
    assert.match(requests[0]?.body ?? '', /To the backend\./);
    const { resourceLogs } = JSON.parse(requests[0]?.body ?? '{}');
    assert.deepEqual(resourceLogs[0].resource.attributes, [
      { key: 'service.name', value: { stringValue: 'intercom-otel-agent' } },
      { key: 'service.version', value: { stringValue: '1.2.3' } },
      { key: 'team', value: { stringValue: 'support' } },
    ]);
  });
});

it('a secret turns into text nowhere', () => {
  const secret = new Secret('planted');
  for (const shown of [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    Object.keys(secret).join(),
    `${Object.entries(secret)}`,
  ])
    assert.doesNotMatch(shown, /planted/);
  assert.equal(secret.reveal(), 'planted');
});
