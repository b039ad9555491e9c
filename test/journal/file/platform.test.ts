import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { nodeFileSystem } from '../../../src/journal/file/fs.ts';
import { hollowVolume, systemPlatform } from '../../../src/journal/file/platform.ts';

test('a process has the same start for as long as it runs, and none afterwards', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid as number;
  const start = systemPlatform.startOf(pid);
  assert.ok(start);
  assert.equal(systemPlatform.startOf(pid), start);
  assert.notEqual(systemPlatform.startOf(process.pid), start);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(systemPlatform.startOf(pid), undefined);
});

test('volumes on which a sync means little are named, with the way out', () => {
  const named = [0x01021994, -2054924042, 0x794c7630, 0x6969, 0x65735546].map((type) =>
    hollowVolume('/data', type, 'linux'),
  );
  for (const [index, name] of ['tmpfs', 'ramfs', 'overlay', 'NFS', 'FUSE'].entries()) {
    assert.match(
      named[index] ?? '',
      new RegExp(`^/data is on ${name}.*Give the agent a directory on a volume of its own`),
    );
  }
  assert.equal(hollowVolume('/data', 0xef53, 'linux'), undefined);
  assert.equal(hollowVolume('/data', 0x01021994, 'darwin'), undefined);
});

test('a volume tells its type and free bytes', async () => {
  const { type, freeBytes } = await nodeFileSystem.volume(tmpdir());
  assert.ok(Number.isInteger(type) && freeBytes > 0);
});
