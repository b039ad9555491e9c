import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { describe, it } from 'node:test';
import { createLookup } from '../../src/net/client-lookup.ts';
import { Slots } from '../../src/net/client-slots.ts';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';

const ADDRESS: LookupAddress = { address: '192.0.2.1', family: 4 };

describe('look-ups of names', () => {
  it('are one while they overlap, and begin anew afterwards', async () => {
    let calls = 0;
    let answer = latch<LookupAddress[]>();
    const lookup = createLookup(() => {
      calls++;
      return answer.promise;
    });
    const results: unknown[] = [];
    const ask = () => lookup('a.example', { all: true }, (error, addresses) => results.push(error ?? addresses));
    ask();
    ask();
    answer.open([ADDRESS]);
    await settle();
    assert.deepEqual(results, [[ADDRESS], [ADDRESS]]);
    assert.equal(calls, 1);
    answer = latch();
    ask();
    await settle();
    assert.equal(calls, 2);
    answer.open([]);
  });

  it('leave most of the thread pool alone, whatever the number of names', async () => {
    const answers = new Map<string, ReturnType<typeof latch<LookupAddress[]>>>();
    const lookup = createLookup((hostname) => {
      const answer = latch<LookupAddress[]>();
      answers.set(hostname, answer);
      return answer.promise;
    }, new Slots(2));
    const done: string[] = [];
    for (const name of ['a', 'b', 'c']) lookup(name, {}, (_, address) => done.push(`${name} ${address}`));
    await settle();
    assert.deepEqual([...answers.keys()], ['a', 'b']);
    answers.get('b')?.open([ADDRESS]);
    await settle();
    assert.deepEqual([...answers.keys()], ['a', 'b', 'c']);
    answers.get('a')?.open([ADDRESS]);
    answers.get('c')?.open([ADDRESS]);
    await settle();
    assert.deepEqual(done, ['b 192.0.2.1', 'a 192.0.2.1', 'c 192.0.2.1']);
  });

  it('hand on the error of the resolver, and free their slot', async () => {
    const lookup = createLookup(
      (hostname) => (hostname === 'bad' ? Promise.reject(new Error('no such name')) : Promise.resolve([ADDRESS])),
      new Slots(1),
    );
    const results: unknown[] = [];
    lookup('bad', {}, (error) => results.push(error?.message));
    lookup('good', {}, (error, address) => results.push(error ?? address));
    await settle();
    assert.deepEqual(results, ['no such name', '192.0.2.1']);
  });
});
