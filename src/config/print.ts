/**
 * The configuration as plain data for people to look at: what the schemas make of it, defaults filled in, or what the sources
 * say. Secrets are masked, and so is everything whose meaning no schema knows. What is printed is a configuration again.
 */
import type { ZodType } from 'zod';
import { formatDuration, formatSize } from './blocks/scalars.ts';
import { type Catalog, sectionKind } from './catalog.ts';
import { conform, wantsText } from './conform.ts';
import { mayHoldSecret } from './excerpt.ts';
import { Report } from './report.ts';
import { accepts, child, isOpen, kindOfValue, NOTHING_KNOWN, type View, view } from './schema-walk.ts';
import { REDACTED, Secret } from './secret.ts';
import { serviceSchema } from './service-schema.ts';
import { Float, isNull, type ListNode, type MapEntry, type MapNode, type Node, type ScalarValue } from './tree.ts';

export interface PrintOptions {
  /** false shows secrets. */
  readonly redact: boolean;
  /** With defaults; else as the sources say it. */
  readonly fill: boolean;
}

export interface Printed {
  readonly data: unknown;
  /** Blocks that their schema refuses, as `exporters::coralogix`: they are as the sources say, without defaults. */
  readonly unfilled: readonly string[];
  /** A reference in it could not be resolved: it is not what the agent would run with. */
  readonly incomplete: boolean;
}

export function printedConfig(root: Node, catalog: Catalog, options: PrintOptions): Printed {
  const printer = new Printer(catalog, options);
  return { data: printer.file(root), unfilled: printer.unfilled, incomplete: hasFailed(root) };
}

class Printer {
  readonly unfilled: string[] = [];
  readonly #catalog: Catalog;
  readonly #redact: boolean;
  readonly #fill: boolean;

  constructor(catalog: Catalog, { redact, fill }: PrintOptions) {
    this.#catalog = catalog;
    this.#redact = redact;
    this.#fill = fill;
  }

  file(root: Node): unknown {
    return this.#entries(root, (name, { node }) => {
      if (name === 'service') return this.#block(node, serviceSchema, name);
      const kind = sectionKind(name);
      if (!kind) return undefined;
      return this.#entries(node, (id, block) => {
        const factory = this.#catalog.find(kind, id.split('/')[0] as string);
        return factory && this.#block(block.node, factory.config, `${name}::${id}`);
      });
    });
  }

  /** @param print undefined for what is not known */
  #entries(node: Node, print: (key: string, entry: MapEntry) => unknown): unknown {
    if (node.kind !== 'map') return isNull(node) && this.#fill ? {} : this.#asWritten(node, NOTHING_KNOWN);
    return plainMap(
      [...node.entries].map(([key, entry]) => {
        const known = print(key, entry);
        if (known !== undefined) return [literal(key), known];
        return [this.#unknownKey(key, entry), this.#asWritten(entry.node, NOTHING_KNOWN)];
      }),
    );
  }

  #block(node: Node, schema: ZodType, path: string): unknown {
    const at = view(schema);
    if (!this.#fill) return this.#asWritten(node, at);
    // What is wrong was reported when it was loaded.
    const { value } = conform(node, at, path, new Report());
    const parsed = schema.safeParse(value);
    if (parsed.success) return this.#asParsed(parsed.data, at);
    this.unfilled.push(path);
    return this.#asWritten(node, at);
  }

  /** What a schema made of a value, written so that the schema makes the same of it again. */
  #asParsed(value: unknown, at: View): unknown {
    if (value instanceof Secret) return this.#redact ? REDACTED : literal(value.reveal());
    if (value === null) return null;
    if (at.format === 'value') return this.#free(value);
    if (this.#redact && isUnknown(at)) return REDACTED;
    if (Array.isArray(value)) return value.map((item, index) => this.#asParsed(item, child(at, index)));
    if (typeof value === 'object') {
      const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
      return plainMap(entries.map(([key, inner]) => [literal(key), this.#asParsed(inner, child(at, key))]));
    }
    if (this.#redact && at.secret) return REDACTED;
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number' && at.format === 'duration') return formatDuration(value);
    return typeof value === 'number' && at.format === 'bytes' ? formatSize(value) : value;
  }

  /** A value that goes into records. */
  #free(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((item) => this.#free(item));
    if (value === null || typeof value !== 'object' || value instanceof Float) return value;
    return plainMap(
      Object.entries(value).map(([key, inner]) => [
        literal(key),
        this.#redact && mayHoldSecret(key) && typeof inner !== 'object' ? REDACTED : this.#free(inner),
      ]),
    );
  }

  /** What the sources say, the text of a reference where the place takes a text. */
  #asWritten(node: Node, at: View): unknown {
    if (at.format === 'value') return this.#free(conform(node, at, '', new Report()).value);
    const text = node.origin?.text;
    if (text !== undefined && wantsText(at, kindOf(node))) return this.#scalar(text, at);
    if (isNull(node)) return null;
    if (node.kind !== 'scalar' && sizeOf(node) === 0) return node.kind === 'list' ? [] : {};
    if (this.#redact && (isUnknown(at) || isMisplaced(node, at))) return REDACTED;
    if (node.kind === 'scalar') return this.#scalar(node.value, at);
    if (node.kind === 'list') return node.items.map((item, index) => this.#asWritten(item, child(at, index)));
    return plainMap(
      [...node.entries].map(([key, entry]) => {
        const field = child(at, key);
        return [isUnknown(field) ? this.#unknownKey(key, entry) : literal(key), this.#asWritten(entry.node, field)];
      }),
    );
  }

  #scalar(value: ScalarValue, at: View): unknown {
    if (this.#redact && at.secret) return REDACTED;
    return typeof value === 'string' ? this.#text(value) : value;
  }

  /** A reference that gives a secret where a map is wanted makes a key of it. */
  #unknownKey(key: string, { hidden }: MapEntry): string {
    return this.#redact && hidden ? REDACTED : literal(key);
  }

  #text(text: string): string {
    return literal(this.#redact ? withoutCredentials(text) : text);
  }
}

/** Undoes what expanding does to dollars, where there would be something to expand. */
function literal(text: string): string {
  return /\$[${]/.test(text) ? text.replaceAll('$', '$$$$') : text;
}

/** Passwords and tokens in URLs, and private keys, which may follow the certificates in a text for these. */
function withoutCredentials(text: string): string {
  if (text.includes('PRIVATE KEY-----')) return REDACTED;
  return withoutUser(text).replace(
    /([?&;#]([^=&;#\s]+)=)([^&;#\s]*)/g,
    (whole: string, before: string, name: string, value: string) =>
      mayHoldSecret(name) || mayHoldSecret(value) ? before + REDACTED : whole,
  );
}

/** Up to the last @, for a password may have others in it, and slashes; with a scheme or without. */
function withoutUser(text: string): string {
  const end = text.lastIndexOf('@');
  const scheme = text.indexOf('://');
  if (scheme >= 0 && scheme < end) return `${text.slice(0, scheme + 3)}${REDACTED}${text.slice(end)}`;
  return text.slice(0, Math.max(0, end)).includes(':') ? REDACTED + text.slice(end) : text;
}

/** No schema says what it is. */
const isUnknown = (at: View) => at.alternatives.length === 0 || isOpen(at);

/** A value of a kind that the place does not take: a secret may have slipped there, or YAML taken one for a map. */
function isMisplaced(node: Node, at: View): boolean {
  const kind = kindOf(node);
  return !accepts(at, kind) && (kind === 'text' || at.secret);
}

const kindOf = (node: Node) => (node.kind === 'scalar' ? kindOfValue(node.value) : node.kind);
const sizeOf = (node: ListNode | MapNode) => (node.kind === 'list' ? node.items.length : node.entries.size);

/** Without a prototype, so that every key is only a key. */
function plainMap(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const map: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) map[key] = value;
  return map;
}

function hasFailed(node: Node): boolean {
  if (node.origin?.failed) return true;
  if (node.kind === 'scalar') return false;
  const inner = node.kind === 'list' ? node.items : [...node.entries.values()].map((entry) => entry.node);
  return inner.some(hasFailed);
}
