import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { Secret } from '../../../src/config/secret.ts';
import { readClaim, Verifier } from '../../../src/receivers/intercom/signature.ts';
import { send } from '../../support/raw-client.ts';
import { shared, sharedMissing } from '../../support/shared.ts';
import { openDoor, PATH, request, sign } from './door-harness.ts';

interface Vectors {
  vectors: { secret: string; body: string; x_hub_signature: string }[];
  own_vectors_over_files_here: { secret: string; body_file: string; x_hub_signature: string }[];
}

function vectors(): { secret: string; body: Buffer; signature: string }[] {
  const folder = join(shared, 'intercom');
  const all: Vectors = JSON.parse(readFileSync(join(folder, 'signature-vectors.json'), 'utf8'));
  return [
    ...all.vectors.map(({ secret, body, x_hub_signature }) => ({
      secret,
      body: Buffer.from(body),
      signature: x_hub_signature,
    })),
    ...all.own_vectors_over_files_here.map(({ secret, body_file, x_hub_signature }) => ({
      secret,
      body: readFileSync(join(folder, 'payloads', body_file)),
      signature: x_hub_signature,
    })),
  ];
}

const doorWith = (t: TestContext, secrets: object) =>
  openDoor(t, { integrations: [{ name: 'vectors', application_name: 'a', path: PATH, ...secrets }] });

describe('the signature vectors', { skip: sharedMissing }, () => {
  it('are taken, with the header in any case and digits in upper case', async (t) => {
    for (const { secret, body, signature } of vectors()) {
      const door = await doorWith(t, { client_secret: secret });
      for (const [header, value] of [
        ['X-Hub-Signature', signature],
        ['x-hub-signature', signature],
        ['X-HUB-SIGNATURE', signature],
        ['X-Hub-Signature', `sha1=${signature.slice(5).toUpperCase()}`],
      ] as const) {
        const answer = await send(
          door.port,
          request({ body, headers: { 'X-Hub-Signature': undefined, [header]: value } }),
        );
        assert.equal(answer?.status, 200, value);
        assert.deepEqual(door.accepted.at(-1)?.body, body);
      }
    }
  });

  it('are refused with every change of the negative list', async (t) => {
    for (const { secret, body, signature } of vectors()) {
      const door = await doorWith(t, { client_secret: secret });
      const hex = signature.slice(5);
      const headers: (string | undefined)[] = [
        undefined,
        '',
        'sha1=',
        hex,
        `sha256=${hex}`,
        `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        `SHA1=${hex}`,
        `Sha1=${hex}`,
        `sha1=${'z'.repeat(40)}`,
        `sha1=${hex.slice(1)}`,
        `sha1=${hex}00`,
        sign(body, `${secret} `),
        sign(`${body} `, secret),
      ];
      for (const value of headers) {
        const answer = await send(door.port, request({ body, headers: { 'X-Hub-Signature': value } }));
        assert.equal(answer?.status, 401, value);
      }
      const changed = Buffer.concat([body, Buffer.from('\n')]);
      const answer = await send(door.port, request({ body: changed, headers: { 'X-Hub-Signature': signature } }));
      assert.equal(answer?.status, 401);
      assert.deepEqual(door.accepted, []);
      assert.deepEqual(new Set(door.refused), new Set(['signature']));
    }
  });

  it('are taken with each of several secrets', async (t) => {
    const all = vectors();
    const client_secrets = ['old', ...new Set(all.map(({ secret }) => secret)), 'new'];
    const door = await doorWith(t, { client_secrets });
    for (const { body, signature } of all) {
      const answer = await send(door.port, request({ body, headers: { 'X-Hub-Signature': signature } }));
      assert.equal(answer?.status, 200);
    }
    assert.equal(door.accepted.length, all.length);
  });
});

describe('secrets', () => {
  it('of one integration are none of another', async (t) => {
    const integration = (name: string) => ({ name, client_secret: name, application_name: 'a', path: `/${name}` });
    const door = await openDoor(t, { integrations: [integration('one'), integration('two')] });
    for (const name of ['one', 'two']) {
      for (const secret of ['one', 'two']) {
        const answer = await send(
          door.port,
          request({ path: `/${name}`, body: '{}', headers: { 'X-Hub-Signature': sign('{}', secret) } }),
        );
        assert.equal(answer?.status, name === secret ? 200 : 401);
      }
    }
    assert.deepEqual(
      door.accepted.map(({ metadata }) => metadata.integration),
      ['one', 'two'],
    );
  });

  it('may be any text, of any length', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.uint8Array(), (secret, body) => {
        const claim = readClaim({ 'x-hub-signature': sign(body, secret) });
        assert.ok(!('problem' in claim));
        assert.ok(new Verifier([new Secret('x'.repeat(200)), new Secret(secret)]).verify(claim, body));
        assert.equal(new Verifier([new Secret(`${secret}.`)]).verify(claim, body), false);
      }),
    );
  });

  it('are a bug when there are none, and so is verifying a claim of nothing', () => {
    assert.throws(() => new Verifier([]), /^Error: BUG:/);
    assert.throws(() => new Verifier([new Secret('a')]).verify({}, Buffer.alloc(0)), /^Error: BUG:/);
  });
});

describe('a claim', () => {
  it('has exactly one form: whatever else a header holds is a problem', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.stringMatching(/^sha1=[0-9a-fA-F]{38,42}$/),
          fc.stringMatching(/^[a-z0-9]{3,7}=[0-9a-z]{40}$/),
        ),
        (header) => {
          const claim = readClaim({ 'x-hub-signature': header });
          assert.equal(!('problem' in claim), /^sha1=[0-9a-f]{40}$/i.test(header) && header.startsWith('sha1'));
        },
      ),
    );
  });
});
