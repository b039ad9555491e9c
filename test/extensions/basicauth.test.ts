import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { hashSync } from 'bcryptjs';
import type { Extension } from '../../src/component.ts';
import { factory } from '../../src/extensions/basicauth/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { remarksOn, startExtension } from './authenticators.ts';

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const judge = async (extension: Extension, authorization?: string) => extension.serverAuth?.judge({ authorization });
const sha1 = (text: string) => createHash('sha1').update(text);

async function folder(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'htpasswd-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

const salt = Buffer.from('salt');
const USERS = {
  plain: 'open sesame',
  sha: `{SHA}${sha1('pw-sha').digest('base64')}`,
  ssha: `{SSHA}${Buffer.concat([sha1('pw-ssha').update(salt).digest(), salt]).toString('base64')}`,
  bcrypt: hashSync('pw-bcrypt', 4),
  apache: hashSync('pw-apache', 4).replace(/^\$2b/, '$2y'),
};
const inline = `# users\n\n${Object.entries(USERS)
  .map(([user, hash]) => `${user}:${hash}`)
  .join('\r\n')}\n`;

describe('basicauth for servers', () => {
  it('admits users with every supported kind of hash, also a second time, and nobody else', async (t) => {
    const extension = await startExtension(t, factory, { htpasswd: { inline } });
    for (const user of ['sha', 'ssha', 'bcrypt', 'apache']) {
      for (let i = 0; i < 2; i++) assert.equal(await judge(extension, basic(user, `pw-${user}`)), 'admitted', user);
      assert.equal(await judge(extension, basic(user, 'pw-other')), 'refused', user);
      assert.equal(await judge(extension, basic(user, USERS[user as keyof typeof USERS])), 'refused', user);
    }
    assert.equal(await judge(extension, basic('plain', 'open sesame')), 'admitted');
    assert.equal(await judge(extension, basic('nobody', 'open sesame')), 'refused', 'the first user is no stand-in');
    for (const wrong of [
      undefined,
      '',
      'Basic',
      'Basic !!!',
      `Bearer ${basic('plain', 'open sesame').slice(6)}`,
      'Basic YQ==',
    ]) {
      assert.equal(await judge(extension, wrong), 'refused', wrong);
    }
    assert.match(extension.serverAuth?.challenge ?? '', /^Basic realm=/);
    assert.equal(extension.clientAuth, undefined);
  });

  it('checks slow hashes one at a time, and turns away what would wait in a long line', async (t) => {
    const extension = await startExtension(t, factory, { htpasswd: { inline: `a:${hashSync('right', 8)}` } });
    const guesses = await Promise.all(Array.from({ length: 40 }, (_, i) => judge(extension, basic('b', `${i}`))));
    assert.equal(guesses.filter((verdict) => verdict === 'busy').length, 8);
    assert.equal(guesses.filter((verdict) => verdict === 'refused').length, 32);
    assert.equal(await judge(extension, basic('a', 'right')), 'admitted');
  });

  it('follows its file, over which the lines of the configuration win', async (t) => {
    const file = join(await folder(t), 'users');
    await writeFile(file, 'a:from-file\nb:from-file\n');
    const clock = new FakeClock();
    const extension = await startExtension(t, factory, { htpasswd: { file, inline: 'a:from-config' } }, { clock });
    assert.equal(await judge(extension, basic('a', 'from-file')), 'refused');
    assert.equal(await judge(extension, basic('a', 'from-config')), 'admitted');
    assert.equal(await judge(extension, basic('b', 'from-file')), 'admitted');
    await writeFile(file, 'c:from-file\n');
    for (let i = 0; i < 200 && (await judge(extension, basic('c', 'from-file'))) !== 'admitted'; i++) {
      await clock.advance(5000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(await judge(extension, basic('b', 'from-file')), 'refused', 'also what was remembered as right');
  });

  it('names the lines that it can not use, and shows nothing of them', async (t) => {
    const file = join(await folder(t), 'users');
    await writeFile(file, `a:pw\nb:$apr1$salt$secret-hash\nc:{SHA}c2hvcnQ=\nno colon\nd:\ne:$2y$31$${'.'.repeat(53)}`);
    await assert.rejects(startExtension(t, factory, { htpasswd: { file } }), (error: Error) => {
      assert.match(error.message, /^htpasswd\.file: \S+ line 2 has a kind of hash that is not supported.*htpasswd -nB/);
      assert.match(
        error.message,
        /line 3 has a SHA-1 .*; line 4 is not user:hash; line 5 has no password; line 6 .* cost 31/,
      );
      assert(!/secret-hash|c2hvcnQ|no colon/.test(error.message));
      return true;
    });
    await writeFile(file, '# nobody\n');
    await assert.rejects(startExtension(t, factory, { htpasswd: { file } }), /htpasswd\.file: \S+ holds no user$/);
  });
});

describe('basicauth for clients', () => {
  it('sends what is written, or what its files hold, anew when they change', async (t) => {
    const written = await startExtension(t, factory, { client_auth: { username: 'ü', password: 'p:w' } });
    assert.deepEqual(written.clientAuth?.headers(), { authorization: basic('ü', 'p:w') });
    assert.equal(written.serverAuth, undefined);

    const directory = await folder(t);
    const [username_file, password_file] = [join(directory, 'user'), join(directory, 'password')];
    await Promise.all([writeFile(username_file, 'me\n'), writeFile(password_file, 'old \n')]);
    const clock = new FakeClock();
    const client_auth = { username: 'unused', username_file, password_file };
    const filed = await startExtension(t, factory, { client_auth }, { clock });
    assert.deepEqual(filed.clientAuth?.headers(), { authorization: basic('me', 'old ') });
    await writeFile(password_file, 'new');
    for (let i = 0; i < 200 && filed.clientAuth?.headers().authorization !== basic('me', 'new'); i++) {
      await clock.advance(5000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.deepEqual(filed.clientAuth?.headers(), { authorization: basic('me', 'new') });

    const absent = { client_auth: { username: 'me', password_file: '/absent' } };
    await assert.rejects(startExtension(t, factory, absent), {
      message: 'client_auth.password_file: cannot read /absent: ENOENT',
    });
  });
});

it('basicauth says what is wrong with its block', () => {
  const client_auth = { username: 'a', password: 'b' };
  assert.deepEqual(remarksOn(factory, {}), ['error : no credential source provided']);
  assert.deepEqual(remarksOn(factory, { client_auth, htpasswd: { inline: 'a:b' } }), [
    'error client_auth: only one of `htpasswd` or `client_auth` can be specified',
  ]);
  assert.match(remarksOn(factory, { htpasswd: {} }).join(), /^error htpasswd: needs `file` or `inline`/);
  assert.match(
    remarksOn(factory, { htpasswd: { inline: 'a:$5$x$y' } }).join(),
    /^error htpasswd\.inline: line 1 has a kind/,
  );
  assert.deepEqual(remarksOn(factory, { client_auth: { username: 'a' } }), [
    'error client_auth: needs `password` or `password_file`',
  ]);
  assert.match(
    remarksOn(factory, { client_auth: { ...client_auth, password_file: 'f' } }).join(),
    /^warning client_auth.password/,
  );
  assert.match(
    remarksOn(factory, { client_auth: { ...client_auth, username: 'a:b' } }).join(),
    /must not have a colon/,
  );
  assert.deepEqual(remarksOn(factory, { client_auth }), []);
});
