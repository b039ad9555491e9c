/** Where a member stands. */
interface Place<T> {
  readonly member: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
}

/**
 * A set of objects in the order in which they were added, for those that come and go thousands of times a second. A `Set` of V8 makes a new table
 * after some additions and links the old one to it: once an old one has become part of the old generation, everything that was in
 * any since then outlives it, until the whole heap is collected. Here what has left is linked to nothing. Members know their place,
 * so they must not be frozen.
 */
export class LinkedSet<T extends object> implements Iterable<T> {
  readonly #place = Symbol('place');
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that was added first. */
  get first(): T | undefined {
    return this.#first?.member;
  }

  has(member: T): boolean {
    return this.#placeOf(member) !== undefined;
  }

  /** At the end, or where it stands already. */
  add(member: T): void {
    if (this.has(member)) return;
    const place: Place<T> = { member, before: this.#last, after: undefined };
    if (this.#last) this.#last.after = place;
    else this.#first = place;
    this.#last = place;
    this.#put(member, place);
    this.#size++;
  }

  /** False: it was not there. */
  delete(member: T): boolean {
    const place = this.#placeOf(member);
    if (!place) return false;
    const { before, after } = place;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    place.before = undefined;
    place.after = undefined;
    this.#put(member, undefined);
    this.#size--;
    return true;
  }

  /** Those that are there now. */
  [Symbol.iterator](): Iterator<T> {
    const members: T[] = [];
    for (let place = this.#first; place; place = place.after) members.push(place.member);
    return members[Symbol.iterator]();
  }

  #placeOf(member: T): Place<T> | undefined {
    return (member as { [place: symbol]: Place<T> | undefined })[this.#place];
  }

  #put(member: T, place: Place<T> | undefined): void {
    (member as { [place: symbol]: Place<T> | undefined })[this.#place] = place;
  }
}
