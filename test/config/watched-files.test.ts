import assert from 'node:assert/strict';
import { it } from 'node:test';
import { WatchedFiles } from '../../src/config/watched-files.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Files that change as told, and a reader that reads all of them again whenever it is told of a change. */
async function scene() {
  const clock = new FakeClock();
  const files = new Map([
    ['a', '1'],
    ['b', '1'],
  ]);
  let told = 0;
  const reads: string[] = [];
  const reload = async () => {
    watched.begin();
    const results = await Promise.allSettled([...new Set(['a', ...reads])].map((path) => watched.read(path)));
    watched.end(results.every(({ status }) => status === 'fulfilled'));
  };
  const watched = new WatchedFiles({
    clock,
    intervalMs: 1000,
    readFile: async (path) => {
      const text = files.get(path);
      if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return text;
    },
    changed: async () => {
      told++;
      await reload();
    },
  });
  for (const path of ['a', 'b']) await watched.read(path);
  reads.push('b');
  watched.start();
  return { clock, files, watched, reload, reads, told: () => told };
}

it('nothing is told while nothing changes', async () => {
  const { clock, told } = await scene();
  await clock.advance(60_000);
  assert.equal(told(), 0);
});

it('a change is told once, when it has stayed the same for a look', async () => {
  const { clock, files, told } = await scene();
  for (const text of ['2', '3', '4']) {
    files.set('b', text);
    await clock.advance(1000);
    assert.equal(told(), 0, 'it is still being written');
  }
  await clock.advance(1000);
  assert.equal(told(), 1);
  await clock.advance(60_000);
  assert.equal(told(), 1);
});

it('a file that is put back in time is no change', async () => {
  const { clock, files, told } = await scene();
  files.delete('a');
  await clock.advance(1000);
  files.set('a', '1');
  await clock.advance(10_000);
  assert.equal(told(), 0);
});

it('one that is gone is told once, and once more when it is back', async () => {
  const { clock, files, told } = await scene();
  files.delete('a');
  await clock.advance(30_000);
  assert.equal(told(), 1);
  files.set('a', '1');
  await clock.advance(30_000);
  assert.equal(told(), 2);
});

it('what another reload has read since is known', async () => {
  const { clock, files, told, reload } = await scene();
  files.set('a', '2');
  await reload();
  await clock.advance(30_000);
  assert.equal(told(), 0);
});

it('a file that is not read any more is not watched any more; after a reading that failed it is', async () => {
  const { clock, files, told, reload, reads } = await scene();
  reads.splice(0);
  files.delete('a');
  await reload();
  files.set('b', '2');
  await clock.advance(5000);
  assert.equal(told(), 1, 'the mistake may be in b');
  files.set('a', '2');
  await clock.advance(5000);
  assert.equal(told(), 2);
  files.set('b', '3');
  await clock.advance(30_000);
  assert.equal(told(), 2);
});

it('nothing is told after the end', async () => {
  const { clock, files, told, watched } = await scene();
  files.set('a', '2');
  watched.stop();
  await clock.advance(5000);
  assert.deepEqual([told(), clock.pending], [0, 0]);
});
