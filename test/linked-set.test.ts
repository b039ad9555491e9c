import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LinkedSet } from '../src/linked-set.ts';

test('a linked set is a set, in the order of additions', () => {
  const step = fc.tuple(fc.constantFrom('add', 'delete', 'has'), fc.nat({ max: 6 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const members = Array.from({ length: 7 }, (_, name) => ({ name }));
      const [linked, other, model] = [new LinkedSet<object>(), new LinkedSet<object>(), new Set<object>()];
      for (const member of members) other.add(member);
      for (const [what, index] of steps) {
        const member = members[index] as object;
        if (what === 'add') {
          linked.add(member);
          model.add(member);
        } else if (what === 'delete') assert.equal(linked.delete(member), model.delete(member));
        assert.equal(linked.has(member), model.has(member));
        assert.deepEqual([...linked], [...model]);
        assert.equal(linked.size, model.size);
        assert.equal(linked.first, [...model][0]);
      }
      assert.deepEqual([...other], members, 'members of two sets know their places in both');
    }),
  );
});

test('a linked set may change while somebody goes through it', () => {
  const members = Array.from({ length: 5 }, (_, name) => ({ name }));
  const linked = new LinkedSet<object>();
  for (const member of members) linked.add(member);
  const seen: object[] = [];
  for (const member of linked) {
    seen.push(member);
    linked.delete(member);
  }
  assert.deepEqual(seen, members);
  assert.equal(linked.size, 0);
});
