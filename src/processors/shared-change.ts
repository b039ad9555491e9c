/**
 * A change of what many records share, a resource or a scope, made once for each: the same object gives the same object, now
 * and in later batches, so that what stood together still does. What comes in is never changed in place, by nobody.
 */
export function sharedChange<Owner extends object>(change: (owner: Owner) => Owner): (owner: Owner) => Owner {
  const changed = new WeakMap<Owner, Owner>();
  return (owner) => {
    const known = changed.get(owner);
    if (known) return known;
    const result = change(owner);
    changed.set(owner, result);
    return result;
  };
}
