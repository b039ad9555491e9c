import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import type { ConnectorFactory } from '../../src/component.ts';
import { errors, load } from './loading.ts';

/** `pipelines`: by name, `receivers | processors | exporters`, ids apart by spaces. */
function joined(pipelines: Readonly<Record<string, string>>, connectors = ['joint']) {
  const list = (ids = '') => `[${ids.trim().split(/\s+/).join(', ')}]`;
  const lines = Object.entries(pipelines).map(([id, text]) => {
    const [receivers, processors, exporters] = text.split('|');
    return `    ${id}: { receivers: ${list(receivers)}, processors: ${list(processors)}, exporters: ${list(exporters)} }`;
  });
  return `receivers:
  hooks: { integrations: [{ name: one, signature: none }] }
  hooks/2: { integrations: [{ name: two, signature: none }] }
processors: { stamp: , stamp/a: , stamp/b: , stamp/c: }
exporters: { print: , print/2: }
connectors: { ${connectors.map((id) => `${id}: `).join(', ')} }
service:
  pipelines:
${lines.join('\n')}
`;
}

async function routesIn(pipelines: Readonly<Record<string, string>>, connectors?: string[]) {
  const { config, diagnostics } = await load(joined(pipelines, connectors));
  assert.ok(config, JSON.stringify(errors(diagnostics)));
  return Object.fromEntries(
    config.service.pipelines.map(({ id, routes }) => [
      id,
      routes.map(({ receivers, pipelines: through, processors }) => [
        receivers.join(),
        through.join(),
        processors.join(),
      ]),
    ]),
  );
}

async function errorsIn(pipelines: Readonly<Record<string, string>>, connectors?: string[]) {
  const { config, diagnostics } = await load(joined(pipelines, connectors));
  assert.equal(config, undefined);
  return errors(diagnostics).map(({ path, message, place }) => `${place?.line}: ${path}: ${message}`);
}

describe('connectors', () => {
  it('join pipelines: processors of both work, in order', async () => {
    const { config, diagnostics } = await load(
      joined({ 'logs/in': 'hooks | stamp/a stamp/b | joint print/2', logs: 'joint | stamp/c | print' }),
    );
    assert.deepEqual(errors(diagnostics), []);
    assert.deepEqual(config?.service.pipelines, [
      {
        ...{ id: 'logs/in', receivers: ['hooks'], processors: ['stamp/a', 'stamp/b'], exporters: ['print/2'] },
        ...{ receivesFrom: [], sendsTo: ['joint'] },
        routes: [{ receivers: ['hooks'], pipelines: ['logs/in'], processors: ['stamp/a', 'stamp/b'] }],
      },
      {
        ...{ id: 'logs', receivers: [], processors: ['stamp/c'], exporters: ['print'] },
        ...{ receivesFrom: ['joint'], sendsTo: [] },
        routes: [
          { receivers: ['hooks'], pipelines: ['logs/in', 'logs'], processors: ['stamp/a', 'stamp/b', 'stamp/c'] },
        ],
      },
    ]);
  });

  it('fan out and in, also over several steps, whatever the order in the file', async () => {
    const routes = await routesIn(
      {
        'logs/end': 'joint/2 hooks/2 | stamp | print',
        'logs/left': 'joint | stamp/a | joint/2',
        'logs/right': 'joint | stamp/b | joint/2 print/2',
        'logs/in': 'hooks | stamp | joint',
      },
      ['joint', 'joint/2'],
    );
    assert.deepEqual(routes, {
      'logs/end': [
        ['hooks/2', 'logs/end', 'stamp'],
        ['hooks', 'logs/in,logs/left,logs/end', 'stamp,stamp/a,stamp'],
        ['hooks', 'logs/in,logs/right,logs/end', 'stamp,stamp/b,stamp'],
      ],
      'logs/left': [['hooks', 'logs/in,logs/left', 'stamp,stamp/a']],
      'logs/right': [['hooks', 'logs/in,logs/right', 'stamp,stamp/b']],
      'logs/in': [['hooks', 'logs/in', 'stamp']],
    });
  });

  it('two between the same pipelines are two ways', async () => {
    const routes = await routesIn({ 'logs/in': 'hooks || joint joint/2', logs: 'joint joint/2 || print' }, [
      'joint',
      'joint/2',
    ]);
    assert.equal(routes.logs?.length, 2);
  });

  it('are known by old names of their type', async () => {
    const routes = await routesIn({ 'logs/in': 'hooks || old_joint/x', logs: 'joint/x || print' }, ['old_joint/x']);
    assert.equal(routes.logs?.length, 1);
  });

  it('that no pipeline uses are told like other unused components', async () => {
    const { config, diagnostics } = await load(joined({ logs: 'hooks || print' }));
    assert.ok(config);
    const told = diagnostics.find(({ path }) => path === 'connectors');
    assert.deepEqual([told?.severity, told?.place?.line], ['warning', 6]);
    assert.match(String(told?.message), /"joint" is configured, but no pipeline uses it/);
  });
});

describe('connectors are refused', () => {
  it('that lead nowhere', async () => {
    assert.deepEqual(await errorsIn({ 'logs/in': 'hooks || joint', 'logs/b': 'hooks || print joint' }), [
      '9: service::pipelines::logs/in: connector "joint" used as exporter in [logs/in logs/b] pipeline but not used in any supported receiver pipeline',
    ]);
  });

  it('that nothing leads to', async () => {
    assert.deepEqual(await errorsIn({ logs: 'joint hooks || print' }), [
      '9: service::pipelines::logs: connector "joint" used as receiver in [logs] pipeline but not used in any supported exporter pipeline',
    ]);
  });

  it('that lead in a circle, named from the first connector on', async () => {
    assert.deepEqual(await errorsIn({ logs: 'hooks joint | stamp stamp/a | print joint' }), [
      '9: service::pipelines::logs: cycle detected: connector "joint" (logs to logs) -> processor "stamp" in pipeline "logs" -> processor "stamp/a" in pipeline "logs" -> connector "joint" (logs to logs)',
    ]);
    const [two] = await errorsIn(
      {
        'logs/behind': 'joint || print',
        'logs/a': 'hooks joint/2 | stamp/a | joint',
        'logs/b': 'joint | stamp/b | joint/2',
      },
      ['joint', 'joint/2'],
    );
    const steps = String(two).split('cycle detected: ')[1]?.split(' -> ');
    assert.equal(steps?.[0], steps?.at(-1));
    assert.deepEqual(steps?.slice(1).sort(), [
      'connector "joint" (logs to logs)',
      'connector "joint/2" (logs to logs)',
      'processor "stamp/a" in pipeline "logs/a"',
      'processor "stamp/b" in pipeline "logs/b"',
    ]);
  });

  it('whose id is that of a receiver or an exporter', async () => {
    const of = (type: string): ConnectorFactory => ({
      kind: 'connector',
      ...{ type, stability: 'beta', summary: 'Joins.', config: z.strictObject({}) },
    });
    const yaml = joined({ logs: 'hooks || print', 'logs/2': 'hooks || print/2' }, ['hooks', 'print/2']);
    const { diagnostics } = await load(yaml, { more: [of('hooks'), of('print')] });
    const told = errors(diagnostics).map(({ path, message }) => `${path}: ${message}`);
    assert.ok(
      told.includes(
        `connectors::hooks: ambiguous ID: Found both "hooks" receiver and "hooks" connector. Change one of the components' IDs to eliminate ambiguity (e.g. rename "hooks" connector to "hooks/connector")`,
      ),
      told.join('\n'),
    );
    assert.ok(told.some((text) => text.startsWith('connectors::print/2: ambiguous ID: Found both "print/2" exporter')));
  });

  it('that are not configured, with the section where they belong', async () => {
    const { diagnostics } = await load(joined({ 'logs/in': 'hooks || joint/x' }, []));
    const [error] = errors(diagnostics);
    assert.equal(error?.message, 'references exporter "joint/x" which is not configured');
    assert.match(String(error?.suggestion), /under connectors/);
  });

  it('as processors, for they are none', async () => {
    const [error] = await errorsIn({ 'logs/in': 'hooks || joint', logs: 'joint | joint | print' });
    assert.match(String(error), /references processor "joint" which is not configured/);
  });

  it('with more ways to a pipeline than anybody means', async () => {
    const pipelines: Record<string, string> = { 'logs/0': 'hooks || joint/0' };
    const ids = ['joint/0'];
    for (let step = 1; step <= 40; step++) {
      ids.push(`joint/${step}`);
      for (const side of ['a', 'b']) pipelines[`logs/${step}${side}`] = `joint/${step - 1} || joint/${step}`;
    }
    pipelines['logs/end'] = 'joint/40 || print';
    assert.match((await errorsIn(pipelines, ids)).join(), /^\d+: [^,]*more than 256 ways lead from receivers/);
  });

  it('silently where a section could not be resolved: nobody knows what is in it', async () => {
    const yaml = joined({ 'logs/in': 'hooks || joint' }).replace(/connectors: .*/, `connectors: \${file:gone.yaml}`);
    assert.equal(errors((await load(yaml)).diagnostics).length, 1);
  });
});
