import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blueprintOf, isMovable } from '../../../src/agent/offload/blueprint.ts';
import { decoders, processors } from '../../../src/processing-registry.ts';
import { factories } from '../../../src/registry.ts';
import { configured, REFERENCES, VERSION } from './configured.ts';

describe('the pipelines that another thread can work for', () => {
  it('are all but those whose processors collect or run code of the user', async () => {
    const config = await configured({
      processors: {
        transform: { log_statements: ['set(log.attributes["a"], 1)'] },
        logdedup: {},
        module: { path: './mine.mjs' },
        redaction: {
          allow_all_keys: true,
          hmac_key: REFERENCES.key,
          hash_function: 'hmac-sha256',
          blocked_values: ['x'],
        },
      },
      pipelines: {
        logs: { processors: ['transform', 'redaction'] },
        'logs/plain': { processors: [] },
        'logs/joined': { processors: ['transform', 'logdedup'] },
        'logs/own': { processors: ['module'] },
      },
    });
    const { pipelines, processors: blocks } = blueprintOf(config, VERSION);
    assert.deepEqual(
      pipelines.map(({ id }) => id),
      ['logs', 'logs/plain'],
    );
    assert.deepEqual(
      blocks.map(({ id }) => id),
      ['transform', 'redaction'],
    );
  });

  it('need what the thread knows to load', async () => {
    const movable = factories.filter((factory) => factory.kind === 'processor' && isMovable(factory));
    assert.deepEqual(Object.keys(processors).sort(), movable.map(({ type }) => type).sort());
    for (const factory of movable) assert.equal(await processors[factory.type]?.(), factory);
    const receivers = factories.filter((factory) => factory.kind === 'receiver');
    assert.deepEqual(
      Object.keys(decoders),
      receivers.map(({ type }) => type),
    );
    for (const { type, decoder } of receivers) assert.equal(await decoders[type]?.(), decoder);
  });
});
