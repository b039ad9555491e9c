import assert from 'node:assert/strict';
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  type AgentSettings,
  health,
  healthy,
  notification,
  post,
  type RunningAgent,
  SECRET,
  startAgent,
  temporaryDirectory,
} from '../support/agent-process.ts';

async function agentOf(t: TestContext, more: Partial<AgentSettings> = {}) {
  const directory = await temporaryDirectory(t);
  const agent = await startAgent({ ...{ directory, exporters: '  nop:\n', use: ['nop'] }, ...more });
  t.after(() => void agent.child.kill('SIGKILL'));
  const file = join(directory, 'agent.yaml');
  return { agent, directory, file, yaml: await readFile(file, 'utf8') };
}

const succeeded = (agent: RunningAgent, times: number) =>
  healthy(agent, ({ reloads }) => reloads.succeeded === times && reloads.failure === null);

describe('SIGHUP', () => {
  it('puts a new configuration in force; one that is wrong changes nothing, and is told with its place', async (t) => {
    const { agent, directory, file, yaml } = await agentOf(t);
    assert.equal(await post(agent.origin, notification('1')), 200);

    await writeFile(file, yaml.replace('  nop:\n', '  nop:\n  nosuch:\n'));
    agent.child.kill('SIGHUP');
    const failed = await healthy(agent, ({ reloads }) => reloads.failed === 1);
    const line = yaml.split('\n').indexOf('  nop:') + 2;
    const place = new RegExp(`agent\\.yaml:${line}:3: error: .*unknown type: .*nosuch`);
    assert.match(failed.reloads.failure?.reason ?? '', place);
    assert.match(failed.reasons.join(), place);
    assert.match(await agent.logged(/could not be reloaded/), /nosuch/);
    assert.equal(failed.phase, 'running');
    assert.equal(await post(agent.origin, notification('2')), 200);

    const secret = join(directory, 'secret');
    await writeFile(secret, 'another one\n');
    const logs = join(directory, 'agent.log');
    await writeFile(
      file,
      yaml
        .replace(`'\${env:TEST_SECRET}'`, `'\${file:${secret}}'`)
        .replace('  nop:\n', '  nop:\n  nop/two:\n')
        .replace('exporters: [nop]', 'exporters: [nop, nop/two]')
        .replace('encoding: json', `encoding: json, level: debug, output_paths: [stderr, ${JSON.stringify(logs)}]`),
    );
    agent.child.kill('SIGHUP');
    const after = await succeeded(agent, 1);
    assert.deepEqual([after.degraded, after.deliveries.length], [false, 2]);
    assert.equal(await post(agent.origin, notification('3')), 401);
    assert.equal(await post(agent.origin, notification('4'), { secret: 'another one' }), 200);
    const told = JSON.parse(await agent.logged(/new configuration is in force/)) as Record<string, unknown>;
    assert.deepEqual(
      [told.added, told.changed, told.kept],
      [['exporter nop/two'], ['receiver intercom', 'service telemetry logs'], 2],
    );
    assert.match(await readFile(logs, 'utf8'), /new configuration is in force/);

    agent.child.kill('SIGHUP');
    await succeeded(agent, 2);
    assert.match(await agent.logged(/has not changed/), /Everything goes on/);
    const { code, stderr } = await agent.kill('SIGTERM');
    assert.equal(code, 0);
    assert.ok(!stderr.includes('another one') && !stderr.includes('Warning'), 'no secret and no leak is told');
  });
});

describe('run --watch', () => {
  it('takes up a file that an editor renamed into its place, and tells one that is gone only once', async (t) => {
    const { agent, directory, file, yaml } = await agentOf(t, { runArgs: ['--watch'] });
    const draft = join(directory, 'draft');
    await writeFile(draft, yaml.replace('  nop:\n', '  nop:\n  nop/two:\n').replace('[nop]', '[nop, nop/two]'));
    await rename(draft, file);
    assert.equal((await succeeded(agent, 1)).deliveries.length, 2);
    await rename(file, draft);
    const { reloads } = await healthy(agent, (now) => now.reloads.failed > 0);
    assert.match(reloads.failure?.reason ?? '', /unable to read the file .*agent\.yaml.*no such file/);
    await rename(draft, file);
    const { reloads: again } = await succeeded(agent, 2);
    assert.deepEqual([again.failed, again.failure], [1, null]);
  });

  it('takes up what a swapped link leads to, as with mounted secrets', async (t) => {
    const { agent, directory, file, yaml } = await agentOf(t, { runArgs: ['--watch'] });
    const version = async (name: string, secret: string) => {
      await mkdir(join(directory, name));
      await writeFile(join(directory, name, 'secret'), secret);
      await symlink(name, join(directory, 'next'));
      await rename(join(directory, 'next'), join(directory, 'mount'));
    };
    await version('first', SECRET);
    await writeFile(file, yaml.replace(`'\${env:TEST_SECRET}'`, `'\${file:${join(directory, 'mount/secret')}}'`));
    await succeeded(agent, 1);
    assert.equal(await post(agent.origin, notification('1')), 200);
    await version('second', 'rotated');
    await succeeded(agent, 2);
    assert.equal(await post(agent.origin, notification('2'), { secret: 'rotated' }), 200);
    assert.equal((await health(agent)).refused.signature, undefined);
  });
});
