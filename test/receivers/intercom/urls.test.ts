import assert from 'node:assert/strict';
import * as nodeFs from 'node:fs/promises';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Secret } from '../../../src/config/secret.ts';
import { config as schema } from '../../../src/receivers/intercom/config.ts';
import { integrationUrls, loadUrlKey, resolveUrlKey, servedPaths } from '../../../src/receivers/intercom/urls.ts';
import { send } from '../../support/raw-client.ts';
import { notification, openDoor, request, SECRET } from './door-harness.ts';

const parse = (settings: Record<string, unknown>, names = ['support', 'sales']) =>
  schema.parse({
    integrations: names.map((name) => ({ name, client_secret: SECRET, application_name: 'acme' })),
    ...settings,
  });

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'urls-test-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe('the URLs', () => {
  const key = new Secret('0123456789abcdef');

  it('are unguessable, one per integration, and depend on nothing but name and key', () => {
    const [support, sales] = integrationUrls(parse({ public_url: 'https://hooks.acme.example' }), key);
    assert.match(support?.url ?? '', /^https:\/\/hooks\.acme\.example\/intercom\/[A-Za-z0-9_-]{32}$/);
    assert.equal(support?.url, `https://hooks.acme.example${support?.path}`);
    assert.notEqual(support?.path, sales?.path);
    const reordered = integrationUrls(parse({ endpoint: '0.0.0.0:99' }, ['sales', 'other', 'support']), key);
    assert.deepEqual(
      reordered.map(({ path }) => path).filter((path) => path === support?.path || path === sales?.path),
      [sales?.path, support?.path],
    );
    assert.notEqual(integrationUrls(parse({}), new Secret('0123456789abcdeg'))[0]?.path, support?.path);
  });

  it('have the prefix of public_url, or the path that was chosen, or else this machine', () => {
    const url = (settings: Record<string, unknown>) =>
      integrationUrls(parse(settings), key)[0]?.url.replace(/[^/]+$/, 'T');
    assert.equal(url({ public_url: 'https://a.example/hooks/' }), 'https://a.example/hooks/intercom/T');
    assert.equal(url({ public_url: 'https://a.example:8443' }), 'https://a.example:8443/intercom/T');
    assert.equal(url({}), 'http://localhost:8080/intercom/T');
    assert.equal(url({ endpoint: ':81' }), 'http://localhost:81/intercom/T');
    assert.equal(url({ endpoint: '[::1]:81', tls: { cert_file: 'c', key_file: 'k' } }), 'https://[::1]:81/intercom/T');
    const chosen = schema.parse({
      public_url: 'https://a.example/hooks',
      integrations: [{ name: 'n', client_secret: SECRET, application_name: 'a', path: '/x/y' }],
    });
    assert.deepEqual(integrationUrls(chosen, undefined), [
      { name: 'n', path: '/x/y', url: 'https://a.example/hooks/x/y' },
    ]);
    assert.deepEqual(servedPaths('/x/y', 'https://a.example/hooks/'), ['/x/y', '/hooks/x/y']);
    assert.deepEqual(servedPaths('/x/y', 'https://a.example'), ['/x/y']);
  });

  it('are where the door answers, with the prefix and without', async (t) => {
    const dataDirectory = await directory(t);
    const settings = {
      public_url: 'https://a.example/hooks',
      integrations: [{ name: 'support', client_secret: SECRET, application_name: 'acme' }],
    };
    const door = await openDoor(t, settings, { dataDirectory });
    const config = schema.parse(settings);
    const [{ path, url } = { path: '', url: '' }] = integrationUrls(config, await resolveUrlKey(config, dataDirectory));
    for (const served of [path, new URL(url).pathname]) {
      assert.equal((await send(door.port, request({ path: served, body: notification() })))?.status, 200);
    }
    assert.equal(door.accepted.length, 2);
    const said = JSON.stringify(door.lines);
    assert.ok(!said.includes(path.slice('/intercom/'.length)), 'the log has no token');
    assert.match(said, /https:\/\/a\.example\/hooks\/…/);
  });
});

describe('the key of the URLs', () => {
  it('is made once, mode 0600, and read from then on', async (t) => {
    const folder = await directory(t);
    const key = await loadUrlKey(folder);
    assert.match(key.reveal(), /^[A-Za-z0-9_-]{43}$/);
    assert.equal((await loadUrlKey(folder)).reveal(), key.reveal());
    assert.equal((await stat(join(folder, 'url_key'))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ['url_key']);
    assert.notEqual((await loadUrlKey(await directory(t))).reveal(), key.reveal());
  });

  it('is one for all of many simultaneous starts', async (t) => {
    const folder = await directory(t);
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadUrlKey(folder)));
    assert.equal(new Set(keys.map((key) => key.reveal())).size, 1);
    assert.deepEqual(await readdir(folder), ['url_key']);
  });

  it('is synced before it has its name, and its name before it is used', async (t) => {
    const folder = await directory(t);
    const steps: string[] = [];
    const note = (step: string) => steps.push(step.replaceAll(folder, '.').replace(/url_key\.[0-9a-f]+/, 'draft'));
    await loadUrlKey(folder, {
      readFile: nodeFs.readFile,
      unlink: nodeFs.unlink,
      link: async (from, to) => {
        note(`link ${from} ${to}`);
        await nodeFs.link(from, to);
      },
      open: async (path, ...rest) => {
        const handle = await nodeFs.open(path, ...rest);
        const sync = handle.sync.bind(handle);
        handle.sync = async () => {
          note(`sync ${path}`);
          await sync();
        };
        return handle;
      },
    });
    assert.deepEqual(steps, ['sync ./draft', 'link ./draft ./url_key', 'sync .']);
  });

  it('that is damaged is not replaced: the error says what to do', async (t) => {
    const folder = await directory(t);
    for (const content of ['', 'short', 'x'.repeat(500)]) {
      await writeFile(join(folder, 'url_key'), content);
      await assert.rejects(loadUrlKey(folder), (error: Error) => {
        assert.ok(error.message.includes(join(folder, 'url_key')));
        assert.match(error.message, /restore it from a backup/);
        return true;
      });
      assert.equal(await readFile(join(folder, 'url_key'), 'utf8'), content);
    }
  });

  it('that cannot be written names the file and leaves nothing behind', async (t) => {
    const folder = await directory(t);
    await assert.rejects(loadUrlKey(join(folder, 'missing')), /missing.url_key: ENOENT/);
    await assert.rejects(
      loadUrlKey(folder, { ...nodeFs, link: () => Promise.reject(new Error('no links here')) }),
      /url_key: no links here/,
    );
    assert.deepEqual(await readdir(folder), []);
    await chmod(folder, 0o700);
  });

  it('is not needed when every path is chosen, and is the configured one where there is one', async () => {
    const chosen = schema.parse({
      integrations: [{ name: 'n', client_secret: SECRET, application_name: 'a', path: '/x' }],
    });
    assert.equal(await resolveUrlKey(chosen, '/nonexistent'), undefined);
    const configured = parse({ url_key: 'a configured key of some length' });
    assert.equal((await resolveUrlKey(configured, '/nonexistent'))?.reveal(), 'a configured key of some length');
    assert.throws(() => integrationUrls(parse({}), undefined), /BUG:/);
  });
});
