import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkData, type DataCheck, type DataFinding } from '../../src/doctor/data.ts';
import { temporary } from '../control/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';

async function look(options: Partial<DataCheck> & Pick<DataCheck, 'directory'>): Promise<DataFinding[]> {
  const found: DataFinding[] = [];
  for await (const finding of checkData({ needsUrlKey: false, clock: new FakeClock(), ...options }))
    found.push(finding);
  return found;
}

const told = (found: DataFinding[]) => found.map(({ severity, message }) => `${severity} ${message}`).join('\n');
/** The volume of the test may itself be one to warn of. */
const isBad = ({ severity, message }: DataFinding) => severity !== 'ok' && !/ is on /.test(message);

describe('the data directory from outside', () => {
  it('is ok where it is not there yet and can be made, and is not made', async (t) => {
    const directory = join(temporary(t), 'deep', 'data');
    const found = await look({ directory, needsUrlKey: true });
    assert.deepEqual(found.filter(isBad), []);
    assert.match(told(found), /does not exist yet; the agent makes it/);
    assert.match(told(found), /MiB are free/);
    assert.equal(existsSync(directory), false);
  });

  it('is ok where it is there: owner, mode, who runs, room, key', async (t) => {
    const directory = temporary(t);
    chmodSync(directory, 0o700);
    const found = await look({ directory, needsUrlKey: true, maxBytes: 1024 ** 2 });
    assert.deepEqual(found.filter(isBad), []);
    assert.match(told(found), /can be written \(owner \d+, mode 0700\)/);
    assert.match(told(found), /no agent runs on this directory/);
    assert.match(told(found), /key of the URLs is not there yet/);
    assert.deepEqual(readdirSync(directory), []);
  });

  it('is an error where something else has its name, or that of its parent', async (t) => {
    const directory = join(temporary(t), 'data');
    writeFileSync(directory, '');
    assert.match(told(await look({ directory })), /^error \S+ is not a directory$/);
    assert.match(told(await look({ directory: join(directory, 'below') })), /^error /);
  });

  it('is an error where this user may not write', {
    skip: process.getuid?.() === 0 && 'root may write anywhere',
  }, async (t) => {
    const directory = temporary(t);
    chmodSync(directory, 0o500);
    const [found] = await look({ directory, uid: 12345 });
    assert.equal(found?.severity, 'error');
    assert.match(String(found?.advice), /belongs to the user with the id \d+, and this is the one with the id 12345/);
  });

  it('is a warning where everybody may write, or max_bytes is more than there is', async (t) => {
    const directory = temporary(t);
    chmodSync(directory, 0o777);
    const found = await look({ directory, maxBytes: Number.MAX_SAFE_INTEGER });
    assert.match(told(found), /warning anyone on this machine may replace files .* mode is 0777/);
    assert.match(
      told(found),
      /warning the journal may take \d+ MiB \(max_bytes\), and its volume has room for \d+ MiB/,
    );
  });

  it('tells of a key of URLs that is none, or that others may read', async (t) => {
    const directory = temporary(t);
    const key = join(directory, 'url_key');
    writeFileSync(key, `${'k'.repeat(43)}\n`, { mode: 0o600 });
    const keyOf = async () => (await look({ directory, needsUrlKey: true })).find(({ file }) => file === 'url_key');
    assert.equal((await keyOf())?.severity, 'ok');
    chmodSync(key, 0o644);
    assert.deepEqual(
      [(await keyOf())?.severity, (await keyOf())?.message],
      ['warning', 'the mode of the key of the URLs is 0644'],
    );
    writeFileSync(key, 'something else');
    assert.equal((await keyOf())?.severity, 'error');
    assert.match(String((await keyOf())?.message), /not a key that this agent made/);
  });

  it('tells of a path that is too long for commands', async (t) => {
    const directory = join(temporary(t), 'd'.repeat(100));
    mkdirSync(directory);
    const found = (await look({ directory })).find(({ file }) => file === 'agent.sock');
    assert.equal(found?.severity, 'warning');
  });
});
