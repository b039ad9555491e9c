import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { factory } from '../../src/extensions/bearertokenauth/index.ts';
import { type LogLine, recordingLog } from '../receivers/intercom/door-harness.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { remarksOn, startExtension } from './authenticators.ts';

const judge = async (extension: Awaited<ReturnType<typeof startExtension>>, authorization?: string) =>
  extension.serverAuth?.judge({ authorization });

async function tokenFile(t: TestContext, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tokens-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'token');
  await writeFile(path, text);
  return path;
}

/** The file as one that swaps files leaves it, and one look later. */
async function replaced(path: string, text: string, clock: FakeClock, done: () => boolean): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
  for (let i = 0; i < 200 && !done(); i++) {
    await clock.advance(5000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('bearertokenauth', () => {
  it('sends its first token, and admits any of them, in the scheme and header that it is told', async (t) => {
    const plain = await startExtension(t, factory, { tokens: ['first-token', 'second-token'] });
    assert.deepEqual(plain.clientAuth?.headers(), { authorization: 'Bearer first-token' });
    for (const right of ['Bearer first-token', 'Bearer second-token', 'bearer first-token', 'Bearer  first-token']) {
      assert.equal(await judge(plain, right), 'admitted', right);
    }
    for (const wrong of [
      undefined,
      '',
      'first-token',
      'Basic first-token',
      'Bearer',
      'Bearer first-toke',
      'Bearer FIRST-TOKEN',
    ]) {
      assert.equal(await judge(plain, wrong), 'refused', wrong);
    }
    assert.equal(plain.serverAuth?.challenge, 'Bearer');

    const bare = await startExtension(t, factory, { token: 'the-token', scheme: '', header: 'X-Api-Key' });
    assert.deepEqual(bare.clientAuth?.headers(), { 'x-api-key': 'the-token' });
    assert.equal(await bare.serverAuth?.judge({ 'x-api-key': 'the-token' }), 'admitted');
    assert.equal(await bare.serverAuth?.judge({ authorization: 'the-token' }), 'refused');
  });

  it('follows its file; what can not be used leaves the old tokens, and is told once', async (t) => {
    const clock = new FakeClock();
    const lines: LogLine[] = [];
    const filename = await tokenFile(t, 'old-token\r\n\n  other-token  \n');
    const extension = await startExtension(t, factory, { filename }, { clock, log: recordingLog(lines) });
    assert.deepEqual(extension.clientAuth?.headers(), { authorization: 'Bearer old-token' });
    assert.equal(await judge(extension, 'Bearer other-token'), 'admitted');

    await replaced(filename, 'new-token\n', clock, () => lines.length === 1);
    assert.deepEqual(extension.clientAuth?.headers(), { authorization: 'Bearer new-token' });
    assert.equal(await judge(extension, 'Bearer old-token'), 'refused');

    await replaced(filename, '\n', clock, () => lines.length === 2);
    await clock.advance(20_000);
    assert.deepEqual(extension.clientAuth?.headers(), { authorization: 'Bearer new-token' });
    const told = lines.map(({ level, fields }) => `${level} ${fields.error ?? ''}`);
    assert.deepEqual(told, ['info ', `error filename: ${filename} holds no token`]);
    assert(!JSON.stringify(lines).includes('-token"'), 'no token in the log');

    await extension.shutdown(AbortSignal.abort());
    assert.equal(clock.pending, 0);
  });

  it('does not start without a token that can be sent, and names the file', async (t) => {
    const start = (filename: string) => startExtension(t, factory, { filename });
    await assert.rejects(start('/absent/token'), { message: 'filename: cannot read /absent/token: ENOENT' });
    const empty = await tokenFile(t, '\n\n');
    await assert.rejects(start(empty), { message: `filename: ${empty} holds no token` });
    const odd = await tokenFile(t, 'se→cret');
    await assert.rejects(start(odd), (error: Error) => error.message.includes(odd) && !error.message.includes('cret'));
  });

  it('says what is wrong with its block', () => {
    assert.deepEqual(remarksOn(factory, {}), ['error : no bearer token provided']);
    assert.deepEqual(remarksOn(factory, { token: 'a', tokens: ['b'] }), [
      'error tokens: either tokens or token should be provided, not both',
    ]);
    assert.match(
      remarksOn(factory, { token: 'a', filename: 'f' }).join(),
      /^warning token: the tokens of the file count/,
    );
    assert.match(
      remarksOn(factory, { token: 'a', header: 'Content-Length' }).join(),
      /^error header: is set by the agent/,
    );
    assert.match(remarksOn(factory, { token: 'a\nb' }).join(), /^error token: has a line break/);
    assert.match(remarksOn(factory, { token: 'a', scheme: 'two words' }).join(), /^error scheme: expected one word/);
    assert.deepEqual(remarksOn(factory, { token: 'a' }), []);
  });
});
