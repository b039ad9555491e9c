/** Checks one block of the file against its schema and says what is wrong in plain words. */
import type { z } from 'zod';
import type { ConfigRemark } from '../component.ts';
import { conform } from './conform.ts';
import { quote } from './diagnostics.ts';
import { looksSecret, mayHoldSecret } from './excerpt.ts';
import { choicesOf, expectation, found, oneOf, rewrite } from './expectation.ts';
import { howToSet, notSet } from './references.ts';
import type { Report } from './report.ts';
import { accepts, child, type Kind, keys, placesOf, type View, view } from './schema-walk.ts';
import type { Span } from './source.ts';
import { didYouMean } from './suggest.ts';
import { isNull, type Node, type Origin } from './tree.ts';
import { withoutUserInfo } from './user-info.ts';
import { spanWithin } from './within.ts';

export interface Block {
  readonly node: Node;
  /** Where the block's key stands: the place of what is missing in it. */
  readonly keyAt: Span;
  /** `exporters::coralogix` */
  readonly path: string;
  readonly schema: z.ZodType;
}

/** What the schema makes of the block; undefined when it has errors, which are in the report then. */
export function checkBlock(
  block: Block,
  report: Report,
): { value: unknown; remark(remark: ConfigRemark): void } | undefined {
  if (block.node.origin?.failed) return undefined;
  const root = view(block.schema);
  const { value, hidden } = conform(block.node, root, block.path, report);
  const result = block.schema.safeParse(value, { error: () => ZOD_DEFAULT });
  const explainer = new Explainer(block, root, hidden, report);
  if (!result.success) {
    for (const issue of result.error.issues) explainer.issue(issue, []);
    return undefined;
  }
  return { value: result.data, remark: (remark) => explainer.remark(remark) };
}

/** Marks the messages that no schema wrote: they are replaced. */
const ZOD_DEFAULT = '\u0000default';

interface Located {
  /** Absent when nothing stands there. */
  readonly node: Node | undefined;
  readonly at: Span;
  readonly view: View;
  readonly path: string;
  readonly parentPath: string;
  readonly key: string;
  readonly inList: boolean;
  /** Of the nearest value around it that a reference gave. */
  readonly origin: Origin | undefined;
}

type Issue = z.core.$ZodIssue;

class Explainer {
  readonly #block: Block;
  readonly #root: View;
  readonly #hidden: readonly string[];
  readonly #report: Report;

  constructor(block: Block, root: View, hidden: readonly string[], report: Report) {
    this.#block = block;
    this.#root = root;
    this.#hidden = hidden.filter((text) => text.trim().length >= 4).sort((a, b) => b.length - a.length);
    this.#report = report;
  }

  remark({ severity, path, message, suggestion, range }: ConfigRemark): void {
    const place = this.#locate(path);
    const { node, origin } = place;
    // What a reference gave is part of such a text: nothing of it is quoted.
    const hide = (text: string) => this.#scrub(range && origin ? text.replace(/"[^"]*"/g, '"…"') : text);
    const isText = node?.kind === 'scalar' && typeof node.value === 'string' && !origin;
    const within = range && isText ? spanWithin(node.at, node.value, range) : undefined;
    this.#add(severity, within ? { ...place, at: within } : place, hide(message), suggestion && hide(suggestion));
  }

  issue(issue: Issue, base: readonly PropertyKey[]): void {
    const path = [...base, ...issue.path];
    const place = this.#locate(path);
    if (place.origin?.failed) return;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) this.#unknownKey(place, key);
      return;
    }
    const isNothing = !place.node || (isNull(place.node) && !place.inList);
    if (isNothing && issue.message === ZOD_DEFAULT) {
      this.#missing(place);
      return;
    }
    const branch = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined;
    if (branch) {
      for (const inner of branch) this.issue(inner, path);
      return;
    }
    const message = issue.message === ZOD_DEFAULT ? this.#plain(issue, place) : this.#own(issue.message, place);
    this.#add('error', place, message, this.#help(issue, place));
  }

  /** A message that the schema wrote. */
  #own(message: string, place: Located): string {
    return this.#scrub(message) + (message.startsWith('expected ') ? got(place) : '');
  }

  #plain(issue: Issue, place: Located): string {
    return wanted(issue, place.view) + got(place);
  }

  #help(issue: Issue, place: Located): string | undefined {
    const { view: at, node } = place;
    if (issue.code === 'custom' && typeof issue.params?.suggestion === 'string')
      return this.#scrub(issue.params.suggestion);
    const isKind = ['invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code) || at.format === 'duration';
    if (!node || !isKind) return undefined;
    const hidden = isHidden(place);
    if (node.kind === 'scalar' && typeof node.value === 'string' && !node.origin && !hidden) {
      const near = didYouMean(node.value, choicesIn(issue, at));
      if (near) return near;
    }
    return rewrite(node, at, hidden, (kind: Kind) => accepts(at, kind));
  }

  #missing(place: Located): void {
    const { node, key, parentPath } = place;
    const origin = node?.origin;
    const what = `missing: ${key}`;
    const named = { ...place, path: parentPath };
    if (origin && origin.unset.length === 0) {
      this.#add('error', named, `${what}, because the ${origin.label} is empty`);
      return;
    }
    const purpose = place.view.description;
    this.#add('error', named, what, purpose && `${key}: ${purpose}`);
  }

  #unknownKey(place: Located, key: string): void {
    const entry = place.node?.kind === 'map' ? place.node.entries.get(key) : undefined;
    const at = entry?.keyAt ?? place.at;
    if (entry?.hidden) {
      const label = place.node?.origin?.label ?? 'reference';
      this.#add('error', { ...place, at }, `an unknown key in what the ${label} gives`, this.#keysHelp(place));
      return;
    }
    const shown = quote(key);
    if (this.#report.isFull) {
      this.#add('error', { ...place, at }, `unknown key ${shown}`);
      return;
    }
    const elsewhere = placesOf(this.#root, key)[0];
    const suggestion = elsewhere
      ? `${shown} belongs ${this.#under(elsewhere)}`
      : (didYouMean(key, keys(place.view)) ?? this.#keysHelp(place));
    this.#add('error', { ...place, at }, `unknown key ${shown}`, suggestion);
  }

  #under(path: readonly string[]): string {
    const named = path.filter((step) => step !== '[]' && step !== '*');
    if (named.length === 0) return `directly under ${this.#block.path}`;
    return `under ${named.join('::')}${path.at(-1) === '[]' ? ', in an item of that list' : ''}`;
  }

  #keysHelp({ view: at }: Located): string | undefined {
    const known = keys(at);
    return known.length > 0 && known.length <= 12 ? `the keys here are: ${known.join(', ')}` : undefined;
  }

  #add(severity: ConfigRemark['severity'], place: Located, message: string, suggestion?: string): void {
    const unset = place.node?.origin?.unset ?? [];
    this.#report.add({
      severity,
      at: place.at,
      path: place.path,
      message: unset.length > 0 ? `${message}; ${notSet(unset)}` : message,
      suggestion: unset.length > 0 ? howToSet(unset[0] as string, { secret: isHidden(place) }) : suggestion,
    });
  }

  /** What a schema's own code or a component says may quote what it was given. */
  #scrub(message: string): string {
    let result = withoutUserInfo(message);
    for (const text of this.#hidden) {
      for (const form of [text, text.trim(), JSON.stringify(text).slice(1, -1)]) {
        result = result.split(form).join('********');
      }
    }
    return result;
  }

  #locate(path: readonly PropertyKey[]): Located {
    let node: Node | undefined = this.#block.node;
    let at = this.#block.keyAt;
    let current = this.#root;
    let { origin } = this.#block.node;
    const names = [this.#block.path];
    let inList = false;
    for (const [index, step] of path.entries()) {
      const key = String(step);
      const known = keys(current).includes(key);
      current = child(current, typeof step === 'number' ? step : key);
      const entry: { keyAt: Span; node: Node; hidden?: boolean } | undefined =
        node?.kind === 'map' ? node.entries.get(key) : itemOf(node, Number(key));
      names.push(entry?.hidden && !known ? '*' : key);
      inList = node?.kind === 'list';
      node = entry?.node;
      if (entry) at = index === path.length - 1 || inList ? entry.node.at : entry.keyAt;
      origin = node?.origin ?? origin;
    }
    return {
      node,
      at: path.length === 0 && node && node.kind !== 'map' && !isNull(node) ? node.at : at,
      view: current,
      path: names.join('::'),
      parentPath: names.slice(0, Math.max(1, names.length - 1)).join('::'),
      key: names.at(-1) ?? '',
      inList,
      origin,
    };
  }
}

function itemOf(node: Node | undefined, index: number): { keyAt: Span; node: Node } | undefined {
  const item = node?.kind === 'list' ? node.items[index] : undefined;
  return item && { keyAt: item.at, node: item };
}

/** Of the forms that a value may have, the one that was meant: the one that fails inside, not at its kind. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const isOtherKind = (issue: Issue) =>
    issue.path.length === 0 && ['invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code);
  return branches.filter((issues) => !issues.some(isOtherKind)).sort((a, b) => a.length - b.length)[0];
}

function wanted(issue: Issue, at: View): string {
  switch (issue.code) {
    case 'too_small':
      return `must ${amount(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${amount(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'expected a URL such as https://host.example' : 'does not have the right form';
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_key':
      return 'has a key that is not allowed here';
    case 'invalid_value':
      return `expected ${oneOf(choicesIn(issue, at))}`;
    case 'invalid_type':
    case 'invalid_union':
      return `expected ${expectation(at)}`;
    default:
      return 'is not valid';
  }
}

/** A pipe checks values that the view, which knows what goes in, can't name. */
function choicesIn(issue: Issue, at: View): string[] {
  return issue.code === 'invalid_value' ? issue.values.filter((value) => value !== '').map(String) : choicesOf(at);
}

function amount(of: string, comparison: string, limit: number | bigint): string {
  if (of === 'string') return `have ${comparison} ${limit} characters`;
  if (of === 'array' || of === 'set' || of === 'map') return `have ${comparison} ${limit} entries`;
  return `be ${comparison} ${limit}`;
}

function isHidden({ view: at, key, node }: Located): boolean {
  const misplaced = node?.kind === 'scalar' && typeof node.value === 'string' && !accepts(at, 'text');
  return at.secret || looksSecret(key) || (misplaced && mayHoldSecret(String(node.value)));
}

function got(place: Located): string {
  const { node } = place;
  return node && !node.origin?.unset.length ? `; got ${found(node, isHidden(place))}` : '';
}
