import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { parseGates } from '../../src/config/gates.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Report } from '../../src/config/report.ts';
import { type ResolveOptions, resolveConfig } from '../../src/config/resolve.ts';
import { toPlain } from '../../src/config/tree.ts';
import { readUrl } from '../../src/net/read-url.ts';
import { factories } from '../support/factories.ts';
import { HEAD, TAIL } from './loading.ts';

/** What the sources resolve to, and what is said about them. */
async function resolve(options: Partial<ResolveOptions>): Promise<{ plain: unknown; text: string }> {
  const report = new Report();
  const whole = { sources: [], environment: {}, readFile: async () => '', readUrl, ...options };
  const { root, sources, garbled } = await resolveConfig(whole, report);
  const diagnostics = report.diagnostics({ sources, garbled, secrets: new Map() });
  const printable = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
  const plain = root && JSON.parse(JSON.stringify(toPlain(root), printable));
  return { plain, text: formatDiagnostics(diagnostics, { color: false }) };
}

describe('a configuration from the environment', () => {
  test('is merged like a file, and nothing of it is shown', async () => {
    const environment = { CFG: 'a: { b: 2 }\nsecret: [' };
    const { text } = await resolve({ sources: ['env:CFG'], environment });
    assert.match(text, /environment variable CFG:2:10: error: a ] is missing here/);
    assert.doesNotMatch(text, /secret/);
    const both = await resolve({ sources: ['yaml:a::b: 1', 'env:CFG'], environment: { CFG: 'a: { c: 2 }' } });
    assert.deepEqual(both.plain, { a: { b: 1, c: 2 } });
  });

  test('that is not set is empty, with a warning', async () => {
    const { plain, text } = await resolve({ sources: ['env:CFG', 'yaml:a: 1'] });
    assert.deepEqual(plain, { a: 1 });
    assert.match(text, /warning: the environment variable CFG is not set/);
  });
});

describe('--set', () => {
  test('comes last, and its dots lead into the tree', async () => {
    const { plain } = await resolve({ sources: ['yaml:a: { b: 1, c: 2 }'], settings: ['a.b=[x, y]', 'd.e=true'] });
    assert.deepEqual(plain, { a: { b: ['x', 'y'], c: 2 }, d: { e: true } });
  });

  test('without an equal sign is refused without its text, which may be a secret', async () => {
    const { text } = await resolve({ settings: ['hunter2'] });
    assert.match(text, /invalid value for flag --set: missing equal sign/);
    assert.doesNotMatch(text, /hunter2/);
  });

  test('that is wrong is named where it stands, and a secret in it is masked and warned of', async () => {
    const options = { sources: ['agent.yaml'], factories, environment: {} };
    const readFile = async () => `${HEAD}${TAIL}`;
    const wrong = await loadConfig({ ...options, readFile, settings: ['exporters.print.verbosity=loud'] });
    assert.match(
      formatDiagnostics(wrong.diagnostics, { color: false }),
      /--set exporters\.print\.verbosity:1:30: error/,
    );
    const settings = ['exporters.vault.private_key=hunter2', 'exporters.vault.endpoint=https://x.example'];
    const secret = formatDiagnostics((await loadConfig({ ...options, readFile, settings })).diagnostics, {
      color: false,
    });
    assert.match(secret, /a secret stands in the command line, where everybody on this machine can read it/);
    assert.doesNotMatch(secret, /hunter2/);
  });
});

test('lists of the service are joined where that gate is on', async () => {
  const sources = ['yaml:service: { extensions: [a, b] }', 'yaml:service: { extensions: [b, c], other: [1] }'];
  const joined = await resolve({ sources, joinLists: true });
  assert.deepEqual(joined.plain, { service: { extensions: ['a', 'b', 'c'], other: [1] } });
  const replaced = await resolve({ sources });
  assert.deepEqual(replaced.plain, { service: { extensions: ['b', 'c'], other: [1] } });
});

test('lists that are joined may have integers of any size, and what is no number', async () => {
  const joined = async (base: string, over: string) => {
    const sources = [`yaml:service: { extensions: [${base}] }`, `yaml:service: { extensions: [${over}] }`];
    return (await resolve({ sources, joinLists: true })).plain;
  };
  assert.deepEqual(
    await joined('9007199254740993, [9007199254740995]', "9007199254740993, '9007199254740993', [9007199254740995]"),
    {
      service: { extensions: ['9007199254740993n', ['9007199254740995n'], '9007199254740993'] },
    },
  );
  // As JSON each of them is null.
  assert.deepEqual(await joined('.inf, { a: 1 }', '{ a: 1 }, .nan, null, .inf'), {
    service: { extensions: [null, { a: 1 }, null, null] },
  });
});

test('gates: ours are switched, those of the Collector are known, others are refused with the valid ones', () => {
  const gates = parseGates('config.trustRemote,service.AllowNoPipelines');
  assert.deepEqual([[...gates.on], gates.withoutEffect], [['config.trustRemote'], ['service.AllowNoPipelines']]);
  assert.deepEqual([...parseGates('-config.trustRemote', gates).on], []);
  assert.throws(() => parseGates('nope'), /no such feature gate "nope"\. valid gates: \[.*config\.trustRemote/);
});

/** A web server on this machine; the handler gets the path. */
async function web(t: TestContext, handler: (path: string) => { status?: number; headers?: object; body?: string }) {
  const server = createServer((request, response) => {
    const { status = 200, headers = {}, body = '' } = handler(request.url ?? '');
    response.writeHead(status, headers as Record<string, string>).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a configuration from the web', () => {
  test('is merged like a file, with a warning where it came without encryption', async (t) => {
    const origin = await web(t, () => ({ body: 'a: { b: 1 }\n' }));
    const { plain, text } = await resolve({ sources: [`${origin}/agent.yaml?token=hunter2`, 'yaml:a::c: 2'] });
    assert.deepEqual(plain, { a: { b: 1, c: 2 } });
    assert.match(text, /warning: the configuration comes from the URL .* without encryption/);
    assert.doesNotMatch(text, /hunter2/);
  });

  test('may not look around on this machine, itself or by what it refers to, unless it is trusted', async (t) => {
    const origin = await web(t, (path) => ({ body: path === '/inner' ? `$\{env:HOME}` : `a: $\{env:HOME}\n` }));
    const environment = { HOME: '/root' };
    const direct = await resolve({ sources: [origin], environment });
    assert.match(direct.text, /what comes from the web may not read the environment or files of this machine/);
    const inner = await resolve({ sources: [`yaml:a: \${${origin}/inner}`], environment });
    assert.match(inner.text, /what comes from the web may not read the environment or files of this machine/);
    const trusted = await resolve({ sources: [origin], environment, trustRemote: true });
    assert.deepEqual(trusted.plain, { a: '/root' });
  });

  test('is refused in words when it is not there, is too large, or leads astray', async (t) => {
    const origin = await web(t, (path) => {
      if (path === '/large') return { body: 'x'.repeat(600 * 1024) };
      if (path === '/round') return { status: 302, headers: { location: '/round' } };
      if (path === '/out') return { status: 302, headers: { location: 'file:///etc/passwd' } };
      return { status: 404 };
    });
    const reasons = await Promise.all(
      ['/none', '/large', '/round', '/out'].map((path) =>
        readUrl(origin + path).catch((error: Error) => error.message),
      ),
    );
    assert.deepEqual(reasons, [
      'status code: 404',
      'it is larger than 512 KiB',
      'more than 3 redirects',
      'a redirect to another scheme',
    ]);
    await assert.rejects(readUrl('http://127.0.0.1:1/'), /ECONNREFUSED|the connection failed/);
  });
});
