import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import {
  cli,
  command,
  freePort,
  health,
  healthy,
  SECRET,
  startAgent,
  temporaryDirectory,
} from '../support/agent-process.ts';
import { type Certificate, makeCertificates, opensslMissing } from '../support/certificates.ts';
import { OtlpSink } from '../support/otlp-sink.ts';
import { exporter } from '../support/sink-exporter.ts';

const env = { TEST_SECRET: SECRET, OTHER_SECRET: `${SECRET}-other` };

interface Found {
  readonly severity: string;
  readonly check: string;
  readonly integration?: string;
  readonly message: string;
  readonly advice?: string;
}

async function agentIn(t: Pick<TestContext, 'after'>, { receiver = '' } = {}) {
  const sink = await OtlpSink.start();
  t.after(() => sink.close());
  const directory = await temporaryDirectory(t);
  const agent = await startAgent({ directory, receiver, exporters: exporter('otlp_http', sink), use: ['otlp_http'] });
  t.after(() => void agent.child.kill('SIGKILL'));
  const config = join(directory, 'agent.yaml');
  const { port } = new URL(agent.origin);
  /** What it says of the URL of the first integration. */
  const ask = async (publicUrl: string, ...more: string[]): Promise<Found> => {
    const door = ['--set', `receivers.intercom.endpoint=127.0.0.1:${port}`];
    const to = ['--set', `receivers.intercom.public_url=${publicUrl}`];
    const args = ['doctor', '--config', config, ...door, ...to, '--only', 'url', '--json', ...more];
    const { stdout, code } = await command(args, { env });
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Found)
      .filter(({ integration }) => integration === 'test');
    assert.equal(found.length, 1, stdout);
    assert.equal(code, found[0]?.severity === 'ok' ? 0 : 1);
    return found[0] as Found;
  };
  return { agent, config, directory, sink, ask };
}

interface Way {
  /** What reaches the agent in place of the path and the body. */
  readonly path?: (path: string) => string;
  readonly body?: (body: Buffer) => Buffer;
  readonly beforePost?: () => Promise<void>;
  /** Instead of passing anything on. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly tls?: Certificate;
}

/** What stands in front of an agent. */
async function front(t: TestContext, origin: string, way: Way = {}): Promise<string> {
  const pass = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (way.answer) return void way.answer(incoming, response);
    if (incoming.method === 'POST') await way.beforePost?.();
    const body = (way.body ?? ((bytes) => bytes))(Buffer.concat(chunks));
    const url = `${origin}${(way.path ?? ((path) => path))(incoming.url ?? '')}`;
    const headers = { ...incoming.headers, 'content-length': body.length };
    const onwards = request(url, { method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    onwards.on('error', () => response.writeHead(502).end());
    onwards.end(body);
  };
  const handle = (incoming: IncomingMessage, response: ServerResponse) => void pass(incoming, response);
  const server = way.tls ? createSecureServer(way.tls, handle) : createServer(handle);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${way.tls ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}`;
}

describe('`doctor --config` beside a running agent', () => {
  const ending: (() => unknown)[] = [];
  let beside: Awaited<ReturnType<typeof agentIn>>;
  before(async () => {
    beside = await agentIn({ after: (task) => void ending.push(task as () => unknown) });
  });
  after(async () => {
    for (const end of ending) await end();
  });

  it('says nothing but ok where all is well, and the ping is delivered', { skip: opensslMissing }, async (t) => {
    const { agent, config, sink, directory } = beside;
    sink.requests.length = 0;
    const { ca, valid, expired } = makeCertificates();
    const file = join(directory, 'ca.pem');
    await writeFile(file, ca.cert);
    const run = (url: string, ...more: string[]) =>
      cli(['doctor', '--config', config, '--set', `receivers.intercom.public_url=${url}`, ...more], {
        env: { ...env, NODE_EXTRA_CA_CERTS: file },
      });
    const url = await front(t, agent.origin, { tls: valid });
    const earlier = await health(agent);
    const well = await run(url);
    const lines = well.stdout.trimEnd().split('\n');
    // The volume of the test may itself be one to warn of.
    const hollow = lines.some((line) => / is on /.test(line));
    if (!hollow) assert.deepEqual([well.code, well.stderr], [0, '']);
    for (const line of lines.filter((one) => !/ is on |^ {9}/.test(one))) assert.match(line, /^ok {7}/);
    for (const wanted of [
      /exporter otlp_http: localhost:\d+ answered 200 to a test record/,
      /data can be written/,
      /process \d+ on \S+ runs on this directory/,
      /MiB are free/,
      /integration test: https:\S+ leads to this agent, which took a signed ping in \d+ ms/,
      /integration other: https:\S+ leads to this agent/,
    ])
      assert.match(well.stdout, wanted);
    assert.doesNotMatch(well.stdout + well.stderr, new RegExp(SECRET));
    const later = await healthy(agent, ({ deliveries }) => deliveries.every(({ pending }) => pending === 0));
    const refused = (later.refused.signature ?? 0) - (earlier.refused.signature ?? 0);
    assert.deepEqual([later.accepted - earlier.accepted, refused], [2, 2]);
    const topics = sink.records.map(({ eventName }) => eventName);
    assert.deepEqual(topics.sort(), ['intercom-otel-agent.doctor', 'intercom.ping', 'intercom.ping']);

    const silent = await run(url, '--no-send');
    assert.match(silent.stdout, /leads to this agent, which checks signatures/);
    assert.equal((await health(agent)).accepted, later.accepted);

    const old = await run(await front(t, agent.origin, { tls: expired }), '--only', 'url');
    assert.equal(old.code, 1);
    assert.match(old.stdout, /^error .*its certificate has expired/m);
    const untrusted = await command(
      ['doctor', '--config', config, '--set', `receivers.intercom.public_url=${url}`, '--only', 'url'],
      { env },
    );
    assert.match(untrusted.stdout, /nobody that is trusted here[^\n]*\n.*public authorities/);
  });

  it('knows another agent by its counts', async (t) => {
    const there = await agentIn(t);
    const found = await beside.ask(there.agent.origin);
    assert.equal(found.severity, 'error');
    assert.match(found.message, /401 Unauthorized to a ping with a wrong signature, but not this agent/);
    assert.match(String(found.advice), /another agent.*replicas/);
  });

  it('names what stands in front and does wrong', async (t) => {
    const { agent, ask } = beside;
    const said = async (way: Way) => {
      const { severity, message, advice = '' } = await ask(await front(t, agent.origin, way));
      return `${severity} ${message} | ${advice}`;
    };
    assert.match(
      await said({ path: () => '/' }),
      /^error .*404 .*leads to this agent, at a path of no integration \| .*changes the path/,
    );
    assert.match(
      await said({ answer: (_, response) => void response.end('ok') }),
      /^error .*200 .*not this agent that answers there \| .*yes to everything/,
    );
    const changed = await said({
      body: (body) => Buffer.from(JSON.stringify(JSON.parse(body.toString() || '{}'), null, 1)),
    });
    assert.match(changed, /^error .*401 .*a signed ping: something on the way changes the body.* \| .*rewrites bodies/);
    const moved = await said({
      answer: (_, response) => void response.writeHead(301, { location: 'https://www.example.com/?a=b' }).end(),
    });
    assert.match(moved, /^error .*301 .*a redirect to https:\/\/www\.example\.com\/ \| .*follows no redirects/);
    const login = await said({ answer: (_, response) => void response.writeHead(401).end() });
    assert.match(login, /^error .*401 .*HEAD \| something in front .* wants a log-in/);
    const missing = await said({ answer: (_, response) => void response.writeHead(404).end() });
    assert.match(missing, /^error .*404 .* \| the request does not reach this agent; the door itself answers 200/);
    const method = await said({
      answer: ({ method: used }, response) => void response.writeHead(used === 'HEAD' ? 405 : 200).end(),
    });
    assert.match(method, /^error .*405 .* \| .*HEAD and POST must be passed on/);
    const slow = await said({ beforePost: () => new Promise((resolve) => setTimeout(resolve, 600)) });
    assert.match(slow, /^warning .*leads to this agent, and took \d{3,4} ms .* \| .*500 ms/);
    const nobody = await ask(`http://localhost:${await freePort()}`);
    assert.match(`${nobody.message} | ${nobody.advice}`, /nothing listens there.* \| the door itself answers 200/);
    const away = await ask(await front(t, `http://127.0.0.1:${await freePort()}`));
    assert.match(`${away.message} | ${away.advice}`, /502 .* \| what is in front does not reach the agent/);
  });

  it('knows what the agent itself refuses', async (t) => {
    const closed = await agentIn(t, { receiver: '    allow_from: [192.0.2.0/24]' });
    const forbidden = await closed.ask(closed.agent.origin);
    assert.match(
      `${forbidden.severity} ${forbidden.message}`,
      /^error .*403 .*addresses of `allow_from`, and not this machine/,
    );
    const { agent, ask } = beside;
    const secret = await ask(
      agent.origin,
      '--set',
      'receivers.intercom.integrations=[{name: test, client_secret: another, application_name: acme, path: /intercom/test}]',
    );
    assert.match(`${secret.message} | ${secret.advice}`, /401 .*another secret than this configuration \| reload it/);
    const path = await ask(
      agent.origin,
      '--set',
      'receivers.intercom.integrations=[{name: test, client_secret: x, application_name: acme, path: /elsewhere}]',
    );
    assert.match(
      `${path.message} | ${path.advice}`,
      /404 .*path of no integration \| the running agent has another configuration/,
    );
  });

  it('does not know a public URL that nobody named, and tries the door itself', async () => {
    const { agent, config } = beside;
    const door = `receivers.intercom.endpoint=${new URL(agent.origin).host}`;
    const { code, stdout } = await command(['doctor', '--config', config, '--only', 'url', '--set', door], { env });
    assert.equal(code, 1);
    assert.match(stdout, /warning {2}integration test: `public_url` is not set/);
    assert.match(stdout, /ok {7}integration test: http:\/\/127\.0\.0\.1:\d+\/… leads to this agent/);
  });
});

describe('`doctor --config` without an agent', () => {
  it('says that the URLs need one, and counts what is wrong', async (t) => {
    const { agent, config, sink } = await agentIn(t);
    await agent.kill('SIGINT');
    sink.answerWith({ status: 401 });
    const ended = await cli(['doctor', '--config', config], { env });
    assert.equal(ended.code, 1);
    assert.match(ended.stdout, /^error {4}exporter otlp_http: 401 Unauthorized/m);
    assert.match(ended.stdout, /^warning {2}integration test: not checked: no agent runs on /m);
    assert.match(ended.stderr, /^1 error and [23] warnings\.$/m);
    sink.answerWith({});
    const only = await command(['doctor', '--config', config, '--only', 'backends', '--no-send'], { env });
    assert.deepEqual([only.code, only.stderr], [0, '']);
    const { stdout } = await command(['doctor', '--config', config, '--only', 'backends,data', '--json'], { env });
    const [first, ...others] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Found);
    assert.deepEqual(first && { ...first, message: '' }, {
      severity: 'ok',
      check: 'backends',
      exporter: 'otlp_http',
      message: '',
    });
    assert.ok(others.length > 2 && others.every((one) => one.check === 'data' && 'file' in one), stdout);
    const broken = await command(['doctor', '--config', config], { env: { ...env, HTTPS_PROXY: '::' } });
    assert.match(broken.stdout, /^error {4}exporter otlp_http: the environment variable HTTPS_PROXY is not a URL/m);
    const frames = await command(
      ['doctor', '--config', config, '--only', 'data', '--data', join(config, '..', 'data')],
      {
        env,
      },
    );
    assert.match(frames.stdout, /entries in \d+ segments/);
    assert.equal(frames.stdout.match(/no agent runs on this directory/g)?.length, 1);
  });

  it('is strict about its command line', async (t) => {
    const directory = await temporaryDirectory(t);
    await mkdir(join(directory, 'data'));
    const code = async (...args: string[]) => (await command(['doctor', ...args], { cwd: directory, env })).code;
    assert.equal(await code('--only', 'nosuch', '--config', 'yaml:{}'), 2);
    assert.equal(await code('--only', 'url'), 2);
    assert.equal(await code('--no-send'), 2);
    assert.equal(await code('--config', join(directory, 'nosuch.yaml')), 2);
  });
});
