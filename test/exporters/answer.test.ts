import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AnswerContext, classifyAnswer, classifyError, parseRetryAfter } from '../../src/exporters/answer.ts';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { RequestError } from '../../src/net/client-error.ts';
import { NOW } from './support.ts';

const context: AnswerContext = {
  host: 'otlp.example',
  now: NOW,
  partialSuccess: () => undefined,
  errorText: (body) => Buffer.from(body).toString(),
};

function answer(status: number, body = '', headers: Record<string, string> = {}) {
  return classifyAnswer({ status, headers, body: Buffer.from(body), truncated: false }, context);
}

function reasonOf(outcome: Outcome) {
  assert(outcome.kind !== 'delivered');
  return outcome.reason;
}

describe('the meaning of a status', () => {
  for (const [kind, statuses] of Object.entries({
    delivered: [200, 201, 202, 204, 299],
    hold: [300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 404, 405, 407, 600, 999],
    retry: [408, 429, 500, 501, 502, 503, 504, 507, 511, 599],
    split: [413],
    reject: [400, 406, 409, 410, 411, 415, 418, 422, 431, 451, 499],
  })) {
    it(`${kind}: ${statuses.join(', ')}`, () => {
      for (const status of statuses) assert.equal(answer(status).kind, kind, String(status));
    });
  }

  it('is what the user says, where the user says something: by status before class, over quota wording too', () => {
    const outcomes = { '409': 'delivered', '5xx': 'hold', '503': 'reject', '429': 'split', '401': 'retry' } as const;
    const kinds = [409, 500, 503, 429, 401, 400].map((status) => {
      const body = Buffer.from('daily quota exceeded');
      const given = { status, headers: { 'retry-after': '7' }, body, truncated: false };
      return classifyAnswer(given, { ...context, outcomes }).kind;
    });
    assert.deepEqual(kinds, ['delivered', 'hold', 'reject', 'split', 'retry', 'hold']);
  });

  it('never shows what the backend wrote, but in the body of the reason', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 999 }), fc.string({ minLength: 12, maxLength: 40 }), (status, noise) => {
        const text = `<${noise}>`;
        const outcome = answer(status, text, { 'x-noise': text, 'content-type': 'text/plain' });
        if (outcome.kind === 'delivered') return;
        const { body, ...shown } = outcome.reason;
        assert(!JSON.stringify(shown).includes(JSON.stringify(text).slice(1, -1)));
        assert.equal(body, text);
        assert.equal(shown.status, status);
      }),
    );
  });

  it('comes with advice wherever a person must act', () => {
    for (const status of [301, 401, 402, 403, 404, 405, 407, 413, 999]) {
      assert(reasonOf(answer(status)).advice, String(status));
    }
  });

  it('leaves open whether the records were stored where a server broke down or a gateway lost the answer', () => {
    const ambiguous = [408, 429, 500, 502, 503, 504].map((status) => {
      const outcome = answer(status);
      return outcome.kind === 'retry' && outcome.ambiguous;
    });
    assert.deepEqual(ambiguous, [false, false, true, true, false, true]);
  });
});

describe('the wish of Retry-After', () => {
  it('counts on whatever is tried again, in seconds or as a date', () => {
    for (const status of [408, 429, 500, 503]) {
      const outcome = answer(status, '', { 'retry-after': '7' });
      assert.equal(outcome.kind === 'retry' && outcome.afterMs, 7000);
    }
    const date = answer(503, '', { 'retry-after': new Date(NOW + 30_000).toUTCString() });
    assert.equal(date.kind === 'retry' && date.afterMs, 30_000);
    assert.equal('afterMs' in answer(503), false);
  });

  for (const [text, ms] of [
    ['0', undefined],
    ['120', 120_000],
    ['86400', 3_600_000],
    ['9999999999', 3_600_000],
    [new Date(NOW - 5000).toUTCString(), undefined],
    [new Date(NOW + 86_400_000).toUTCString(), 3_600_000],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026', 2_026_000],
    ['99999999999999999999', undefined],
    ['Mon, 99 Xyz 2026 00:00:00 GMT', undefined],
  ] as const) {
    it(`${JSON.stringify(text)} is ${ms} ms`, () => assert.equal(parseRetryAfter(text, NOW), ms));
  }

  it('is at most an hour and never no wait at all, whatever a backend writes', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseRetryAfter(text, NOW);
        assert(ms === undefined || (ms > 0 && ms <= 3_600_000));
      }),
    );
  });
});

describe('words of a used-up quota', () => {
  for (const text of [
    'Quota exceeded for team',
    '{"message":"daily quota reached"}',
    'You have exceeded your monthly ingestion quota.',
    'over quota',
    'The quota of this plan is exhausted',
    'out of quota',
  ]) {
    it(`hold 429, 400 and 422: ${text}`, () => {
      for (const status of [429, 400, 422]) {
        const outcome = answer(status, text);
        assert.equal(outcome.kind, 'hold');
        assert.match(reasonOf(outcome).summary, /quota used up$/);
      }
    });
  }

  for (const text of ['too many requests', 'rate limit exceeded', 'unknown attribute quota_id', 'quotation limit']) {
    it(`are not these: ${text}`, () => {
      assert.equal(answer(429, text).kind, 'retry');
      assert.equal(answer(400, text).kind, 'reject');
    });
  }

  it('change nothing about 413, 408 and 5xx', () => {
    const text = 'quota exceeded';
    assert.deepEqual(
      [413, 408, 503].map((status) => answer(status, text).kind),
      ['split', 'retry', 'retry'],
    );
  });

  it('are looked for in little time, whatever the text', () => {
    const text = 'daily quot '.repeat(6000);
    const before = performance.now();
    answer(429, text);
    answer(429, 'exceed '.repeat(9000));
    assert(performance.now() - before < 1000);
  });
});

describe('a 2xx', () => {
  it('with a web page holds', () => {
    for (const [body, type] of [
      ['<!DOCTYPE html><p>Log in', 'text/plain'],
      ['\ufeff  <html lang="en">', 'application/octet-stream'],
      ['anything', 'text/html; charset=utf-8'],
    ] as const) {
      const outcome = answer(200, body, { 'content-type': type });
      assert.equal(outcome.kind, 'hold');
      assert.match(reasonOf(outcome).advice ?? '', /OTLP endpoint/);
    }
  });

  it('with an empty body, a cut one or one that is no OTLP is delivered', () => {
    assert.deepEqual(answer(200, '', { 'content-type': 'text/html' }), { kind: 'delivered' });
    assert.deepEqual(answer(200, 'thanks'), { kind: 'delivered' });
    const response = { status: 200, headers: {}, body: Buffer.from('x'), truncated: true };
    const partialSuccess = () => assert.fail('a cut body must not be read');
    assert.deepEqual(classifyAnswer(response, { ...context, partialSuccess }), { kind: 'delivered' });
  });

  it('hands on what a partial success says', () => {
    const partial = (rejected: number, message: string) =>
      classifyAnswer(
        { status: 200, headers: {}, body: Buffer.from('x'), truncated: false },
        { ...context, partialSuccess: () => ({ rejected, message }) },
      );
    assert.deepEqual(partial(2, 'too old'), { kind: 'delivered', rejected: 2, message: 'too old' });
    assert.deepEqual(partial(0, 'a warning'), { kind: 'delivered', message: 'a warning' });
    assert.deepEqual(partial(1, ''), { kind: 'delivered', rejected: 1 });
  });
});

describe('the meaning of a missing answer', () => {
  const failed = (code: string, details: Partial<ConstructorParameters<typeof RequestError>[1]> = {}) =>
    classifyError(new RequestError('text', { phase: 'connect', code, ...details }), context);

  it('is trouble that passes for the network, also for codes that are not known', () => {
    for (const code of [
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ECONNRESET',
      'EPIPE',
      'ETIMEDOUT',
      'TIMEOUT',
      'ABORTED',
      'EHOSTUNREACH',
      'EWHATEVER',
      'constructor',
    ]) {
      assert.equal(failed(code).kind, 'retry', code);
    }
  });

  it('is a hold for certificates, TLS and what is no HTTP, with advice', () => {
    for (const code of [
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'EPROTO',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'HPE_INVALID_CONSTANT',
    ]) {
      const outcome = failed(code);
      assert.equal(outcome.kind, 'hold', code);
      assert(reasonOf(outcome).advice, code);
      assert.equal(reasonOf(outcome).code, code);
    }
  });

  it('is ambiguous when the request had been sent', () => {
    for (const phase of ['connect', 'sent'] as const) {
      const outcome = failed('ECONNRESET', { phase });
      assert.equal(outcome.kind === 'retry' && outcome.ambiguous, phase === 'sent');
    }
  });

  it('goes by the status when that had arrived, unless it was a 2xx', () => {
    const response = (status: number) => ({ status, headers: {}, body: Buffer.alloc(0), truncated: true });
    assert.equal(failed('ECONNRESET', { phase: 'sent', response: response(413) }).kind, 'split');
    assert.equal(failed('TIMEOUT', { phase: 'sent', response: response(401) }).kind, 'hold');
    const broken = failed('ECONNRESET', { phase: 'sent', response: response(200) });
    assert.equal(broken.kind === 'retry' && broken.ambiguous, true);
  });

  it('is a hold at the proxy, unless the trouble lies behind it or passes', () => {
    const answered = (proxyStatus: number) => failed('PROXY_ANSWER', { atProxy: true, proxyStatus }).kind;
    assert.deepEqual([403, 404, 405, 407].map(answered), ['hold', 'hold', 'hold', 'hold']);
    assert.deepEqual([429, 502, 503, 504].map(answered), ['retry', 'retry', 'retry', 'retry']);
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED']) {
      assert.equal(failed(code, { atProxy: true }).kind, 'hold', code);
    }
    assert.equal(failed('ECONNRESET', { atProxy: true }).kind, 'retry');
    assert.match(reasonOf(failed('ECONNREFUSED', { atProxy: true })).summary, /^proxy for otlp\.example/);
  });
});
