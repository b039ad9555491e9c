import { copyValue, setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { literal, mapTarget, optional } from '../parameter.ts';
import { isMap } from '../value.ts';

export const flatten = defineFunction({
  name: 'flatten',
  kind: 'editor',
  parameters: {
    target: mapTarget,
    prefix: optional(literal.string, 'none'),
    depth: optional(literal.int, 'all levels'),
    resolveConflicts: optional(literal.bool, 'false: the last one stays'),
  },
  summary: 'Moves the keys of maps inside of a map, and the items of lists, to the top, with names joined by dots.',
  example: {
    statement: 'flatten(log.attributes)',
    before: { attributes: { http: { method: 'GET', codes: [200, 204] } } },
    after: { attributes: { 'http.method': 'GET', 'http.codes.0': 200, 'http.codes.1': 204 } },
  },
  create({ target, prefix = '', depth = Number.MAX_SAFE_INTEGER, resolveConflicts = false }) {
    if (depth < 1) throw new OttlError(`invalid depth '${depth}' for flatten function, must be greater than 0`);
    return (context) => {
      const flattened = new Flattened(Number(depth), resolveConflicts);
      flattened.addMap(target.get(context), prefix, 0);
      target.set(context, flattened.result);
      return undefined;
    };
  },
});

/** The map that comes out. Names and levels are those of the Collector, with their oddities for lists inside of lists. */
class Flattened {
  readonly result: ValueMap = {};
  readonly #depth: number;
  readonly #resolvesConflicts: boolean;
  readonly #conflicts = new Map<string, number>();

  constructor(depth: number, resolvesConflicts: boolean) {
    this.#depth = depth;
    this.#resolvesConflicts = resolvesConflicts;
  }

  addMap(map: ValueMap, name: string, level: number): void {
    const prefix = name === '' ? '' : `${name}.`;
    for (const key of Object.keys(map)) this.#add(`${prefix}${key}`, map[key], level);
  }

  #add(name: string, value: Value, level: number): void {
    if (level >= this.#depth) this.#put(name, name, value);
    else if (isMap(value)) this.addMap(value, name, level + 1);
    else if (Array.isArray(value)) this.#addList(value, name, level);
    else this.#put(name, name, value);
  }

  #addList(list: readonly Value[], name: string, level: number): void {
    const isDeeper = level + 1 < this.#depth;
    for (const [i, item] of list.entries()) {
      const itemName = `${name}.${i}`;
      if (isMap(item) && isDeeper) this.addMap(item, itemName, level + 2);
      else if (Array.isArray(item) && isDeeper) {
        // The Collector puts no dot before the index in a list that stands in a list.
        for (const [j, inner] of item.entries()) this.#add(`${itemName}${j}`, inner, level + 3);
      } else this.#put(name, itemName, item);
    }
  }

  /** @param conflictName what an item of a list is called where conflicts are resolved: all items have the list's name then */
  #put(conflictName: string, name: string, value: Value): void {
    setOwn(this.result, this.#resolvesConflicts ? this.#free(conflictName) : name, copyValue(value));
  }

  #free(name: string): string {
    if (!Object.hasOwn(this.result, name)) {
      this.#conflicts.set(name, 0);
      return name;
    }
    const count = this.#conflicts.get(name) ?? 0;
    this.#conflicts.set(name, count + 1);
    return `${name}.${count}`;
  }
}
