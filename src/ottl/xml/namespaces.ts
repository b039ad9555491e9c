/** Which namespaces the prefixes stand for, element by element. */
import type { Attribute, Name } from './reader.ts';

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

export class Namespaces {
  /** By prefix; `''` is the default one. */
  readonly #current = new Map<string, string>();
  /** For each open element, what its declarations replaced. */
  readonly #replaced: [prefix: string, before: string | undefined][][] = [];

  open(attributes: readonly Attribute[]): void {
    const replaced: [string, string | undefined][] = [];
    for (const { name, value } of attributes) {
      const prefix = name.space === 'xmlns' ? name.local : name.space === '' && name.local === 'xmlns' ? '' : undefined;
      if (prefix === undefined) continue;
      replaced.push([prefix, this.#current.get(prefix)]);
      this.#current.set(prefix, value);
    }
    this.#replaced.push(replaced);
  }

  close(): void {
    for (const [prefix, before] of (this.#replaced.pop() ?? []).reverse()) {
      if (before === undefined) this.#current.delete(prefix);
      else this.#current.set(prefix, before);
    }
  }

  ofElement(name: Name): Name {
    return this.#resolved(name);
  }

  /** Without a prefix it is in no namespace. */
  ofAttribute(name: Name): Name {
    return name.space === '' ? name : this.#resolved(name);
  }

  #resolved({ space, local }: Name): Name {
    if (space === 'xmlns' || (space === '' && local === 'xmlns')) return { space, local };
    if (space === 'xml') return { space: XML_NAMESPACE, local };
    return { space: this.#current.get(space) ?? space, local };
  }
}
