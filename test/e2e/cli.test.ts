import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { cli, command, configuration, SECRET, startAgent, temporaryDirectory } from '../support/agent-process.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { repository } from '../support/shared.ts';

const env = { TEST_SECRET: SECRET, OTHER_SECRET: `${SECRET}-other` };

describe('the command line', () => {
  it('has a version, helps, and tells usage errors by exit code 2', async () => {
    const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
    const printed = await cli(['--version']);
    assert.deepEqual([printed.code, printed.stdout], [0, `intercom-otel-agent ${version}\n`]);
    const help = await cli(['--help']);
    assert.equal(help.code, 0);
    for (const name of ['run', 'validate', 'urls', 'send', 'demo', 'components']) {
      assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
      assert.equal((await command([name, '--help'])).code, 0);
    }
    const wrong = [['nosuch'], ['run'], ['run', '--nosuch'], ['validate', '--config']];
    for (const args of wrong) {
      const { code, stdout, stderr } = await (args === wrong[0] ? cli : command)(args);
      assert.equal(code, 2, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /error:/);
    }
  });

  it('`components` lists them as YAML and as JSON', async () => {
    const yaml = parse((await cli(['components'])).stdout) as Record<string, { name: string }[]>;
    assert.deepEqual(
      yaml.exporters?.map(({ name }) => name),
      ['coralogix', 'debug', 'file', 'nop', 'otlp_http', 'terminal'],
    );
    assert.deepEqual(JSON.parse((await command(['components', '--json'])).stdout), yaml);
  });

  it('`urls` prints the same unguessable URL before the first start, after it, and with another secret', async (t) => {
    const directory = await temporaryDirectory(t);
    const file = join(directory, 'agent.yaml');
    const text = configuration({
      directory,
      exporters: '  nop:\n',
      use: ['nop'],
      receiver: '    public_url: https://hooks.acme.example/in/\n',
    }).replace(', path: /intercom/test', '');
    await writeFile(file, text);
    const first = await cli(['urls', '--config', file], { env });
    assert.equal(first.code, 0, first.stderr);
    assert.match(
      first.stdout,
      /^test {3}https:\/\/hooks\.acme\.example\/in\/intercom\/[\w-]{32}\nother {2}https:\/\/hooks\.acme\.example\/in\/intercom\/other\n$/,
    );
    const again = await command(['urls', '--config', file], { env: { ...env, TEST_SECRET: 'rotated' } });
    assert.equal(again.stdout, first.stdout);
  });

  it('`send` posts a sample, or a file as it is, and explains a refusal', async (t) => {
    const sink = await OtlpSink.start();
    t.after(() => sink.close());
    const directory = await temporaryDirectory(t);
    const agent = await startAgent({
      directory,
      exporters: `  otlp_http:\n    endpoint: ${sink.url}\n    sending_queue: { batch: { flush_timeout: 10ms } }\n`,
      use: ['otlp_http'],
    });
    t.after(() => void agent.child.kill('SIGKILL'));
    const send = (args: string[], more = {}, run: typeof command = command) =>
      run(['send', ...args, '--config', join(directory, 'agent.yaml'), '--url', `${agent.origin}/intercom/test`], {
        env: { ...env, ...more },
      });

    const sample = await send(['ticket.created', '--json'], {}, cli);
    assert.equal(sample.code, 0, sample.stderr);
    assert.deepEqual(
      { ...(JSON.parse(sample.stdout) as object), milliseconds: 0, id: '' },
      { status: 200, milliseconds: 0, topic: 'ticket.created', id: '', integration: 'test' },
    );
    await sink.received(1);
    assert.equal(sink.records[0]?.eventName, 'intercom.ticket.created');

    await writeFile(join(directory, 'own.json'), '{"topic":"my.own","id":"x"}');
    assert.equal((await send([join(directory, 'own.json')])).code, 0);
    await sink.received(2);
    assert.deepEqual(sink.records[1]?.body, { source_system: 'intercom', intercom: { topic: 'my.own', id: 'x' } });

    const refused = await send(['ping'], { TEST_SECRET: 'not the secret' });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /401.*another secret/);
    assert.equal((await send(['no/such/file'])).code, 2);
    assert.equal((await send(['ping', '--integration', 'nosuch'])).code, 2);

    const elsewhere = (url: string, run: typeof command = command) =>
      run(['send', '--config', join(directory, 'agent.yaml'), '--url', url], { env });
    for (const url of [
      'data:,x',
      'file:///etc/hosts',
      'no url',
      `http://user:planted-password@${agent.origin.slice(7)}/`,
    ]) {
      const { code, stdout, stderr } = await elsewhere(url);
      assert.equal(code, 2, url);
      assert.equal(stdout, '');
      assert(!stderr.includes('planted'), stderr);
    }
    const endless = createServer((_request, response) => void response.write('an answer without an end'));
    t.after(() => endless.closeAllConnections());
    t.after(() => endless.close());
    await once(endless.listen(0, '127.0.0.1'), 'listening');
    // In a process of its own, for it must also end.
    assert.equal((await elsewhere(`http://127.0.0.1:${(endless.address() as AddressInfo).port}/`, cli)).code, 0);

    await agent.kill('SIGTERM');
    const gone = await send(['ping'], {}, cli);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /is the agent running/);
  });

  it('`demo --once` shows a record of each sample in plain text and ends', async () => {
    const { code, stdout, stderr } = await cli(['demo', '--once']);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    const posted = [...stdout.matchAll(/POST \/intercom\/demo +(\S+) +\d+ bytes +200 in/g)].map(
      ([, topic]) => `intercom.${topic}`,
    );
    const shown = [...stdout.matchAll(/^\S+Z {2}(?:INFO |WARN |ERROR) {2}(\S+)$/gm)].map(([, name]) => name);
    assert.ok(posted.length >= 5);
    assert.deepEqual(shown, posted);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
    assert.doesNotMatch(stdout, /\u001b/);
    assert.match(stdout, new RegExp(`exported +${posted.length} `));
  });
});

describe('`validate`', () => {
  it('says of a good configuration where events go, and nothing on stdout', async (t) => {
    const directory = await temporaryDirectory(t);
    const file = join(directory, 'agent.yaml');
    await writeFile(file, configuration({ directory, exporters: '  nop:\n', use: ['nop'] }));
    const { code, stdout, stderr } = await cli(['validate', '--config', file], { env });
    assert.deepEqual([code, stdout, stderr], [0, '', `${file}: fine. Pipeline logs: intercom to nop.\n`]);
  });

  it('tells everything that is wrong in one run, each with its place, and no secret', async (t) => {
    const directory = await temporaryDirectory(t);
    const file = join(directory, 'agent.yaml');
    await writeFile(
      file,
      `receivers:
  intercom:
    endpoint: 8080
    integrations:
      - { name: support, client_secret: planted-secret-1, aplication_name: acme }
exporters:
  coralogix:
    domain: https://team.app.eu2.coralogix.com
    private_key: planted-secret-2
  otlp_http/grafana:
    endpoint: https://otlp.example.net
    timeout: 30
    compression: gzp
    headers: { authorization: planted-secret-3 }
  kafka:
service:
  pipelines:
    logs: { receivers: [intercom], exporters: [coralogix, otlphttp/grafna] }
    traces: { receivers: [intercom], exporters: [coralogix] }
  telemetri: {}
`,
    );
    const { code, stdout, stderr } = await cli(['validate', '--config', file]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    const wanted = [
      [/:3:\d+: error: .*endpoint/, 'a port alone'],
      [/:5:\d+: error: .*aplication_name/, 'a misspelt key'],
      [/did you mean "?application_name/, 'its suggestion'],
      [/:8:\d+: error: .*domain/, 'an address of the user interface'],
      [/:12:\d+: warning: .*nanoseconds/, 'a number without a unit'],
      [/:13:\d+: error: .*gzip/, 'an unknown compression'],
      [/:15:\d+: error: .*kafka/, 'a component that is not here'],
      [/:18:\d+: error: .*references exporter "otlphttp\/grafna" which is not configured/, 'a reference to nothing'],
      [/:19:\d+: error: .*traces/, 'another signal'],
      [/:20:\d+: error: .*telemetri/, 'an unknown section'],
    ] as const;
    for (const [pattern, what] of wanted) assert.match(stderr, pattern, what);
    assert.doesNotMatch(stderr, /planted-secret/);
    const machine = await command(['validate', '--json', '--config', file]);
    assert.ok((JSON.parse(machine.stdout) as object[]).length >= 9);
    assert.doesNotMatch(machine.stdout, /planted-secret/);
  });
});
