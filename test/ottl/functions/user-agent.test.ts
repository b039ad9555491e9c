import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { userAgent } from '../../../src/ottl/functions/user-agent.ts';
import { call } from './call.ts';

const parts = (text: string) => call(userAgent, { userAgent: text }) as Record<string, unknown>;

describe('UserAgent', () => {
  it('knows programs and systems', () => {
    const edge =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.124 Safari/537.36 Edg/91.0.864.59';
    assert.deepEqual(parts(edge), {
      'user_agent.name': 'Edge',
      'user_agent.original': edge,
      'user_agent.version': '91.0.864',
      'os.name': 'Windows',
      'os.version': '10',
    });
  });

  it('calls all others so', () => {
    assert.deepEqual(parts('Nobody'), {
      'user_agent.name': 'Other',
      'user_agent.original': 'Nobody',
      'user_agent.version': '',
      'os.name': 'Other',
    });
    assert.throws(() => call(userAgent, { userAgent: undefined }), /expected string but got nil/);
  });

  it('takes its time on nothing', () => {
    for (const seed of ['Mozilla', 'Linux CrKey', 'CFNetwork/ Darwin/', 'a', '1.', 'Mozilla Mobile', '; ', '(']) {
      const started = performance.now();
      parts(seed.repeat(200_000));
      assert.ok(performance.now() - started < 2000, seed);
    }
  });
});
