import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { functions } from '../../../src/ottl/functions/index.ts';
import { recordOf, run } from '../run.ts';

describe('the functions of OTTL', () => {
  for (const { name, example, kind, summary } of functions) {
    it(`${name} does what its example shows`, () => {
      const record = run(example.statement, recordOf(structuredClone(example.before ?? {}) as object));
      for (const [field, wanted] of Object.entries(example.after)) {
        const actual = (record as unknown as Record<string, unknown>)[field];
        assert.deepEqual(field === 'attributes' ? pick(actual as object, wanted) : actual, wanted);
      }
    });

    it(`${name} is named and described as its kind is`, () => {
      assert.match(name, kind === 'editor' ? /^[a-z_]+$/ : /^[A-Z][A-Za-z0-9]*$/);
      assert.match(summary, /\.$/);
    });
  }

  it('have one name each', () => {
    assert.equal(new Set(functions.map(({ name }) => name)).size, functions.length);
  });
});

/** Of the attributes, those that the example names. */
function pick(attributes: object, wanted: object): object {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => Object.hasOwn(wanted, key)));
}
