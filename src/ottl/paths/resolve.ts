/** From a path as written to what it stands for. */
import { didYouMean } from '../../config/suggest.ts';
import { CompileError } from '../compile-error.ts';
import type { Target } from '../getter.ts';
import type { CompiledKey } from '../keys.ts';
import type { Scope } from '../scope.ts';
import { type Field, type Key, type Path, pathText } from '../syntax/ast.ts';
import type { OttlContext, PathRoot } from './contexts.ts';
import { CACHE_PLACE } from './owners.ts';
import type { Place } from './place.ts';

interface Resolved {
  readonly target: Target;
  /** Setting it changes this of the batch. */
  readonly owner?: 'resource' | 'scope';
}

/** @throws {CompileError} for what is no path of the context, with the names that it has */
export function resolvePath(
  path: Path,
  { context, bare }: Pick<Scope, 'context' | 'bare'>,
  compileKeys: (keys: readonly Key[]) => CompiledKey[],
): Resolved {
  const { root, rootName, fields } = rooted(path, context, bare);
  const shown = bare === 'named' && fields !== path.fields ? `${context.name}.${pathText(path)}` : pathText(path);
  // What is wrong with a key is told before what is wrong with the path.
  const keys = new Map([...fields].reverse().map((field) => [field, compileKeys(field.keys)]));
  const [first] = fields;
  if (!first) throw unknownSegment(rootName, shown, root, path);
  if (first.name === 'cache') {
    if (root.name !== context.name) {
      const full = shown;
      const message = `access to cache must be performed using the same context, please replace "${full}" with "${full.replace(`${rootName}.`, `${context.name}.`)}"`;
      throw new CompileError(message, path);
    }
    return { target: follow(shown, root, { cache: CACHE_PLACE }, fields, keys) };
  }
  const target = follow(shown, root, root.places, fields, keys);
  return { target, ...(root.owner && { owner: root.owner }) };
}

function rooted(
  path: Path,
  context: OttlContext,
  bare: Scope['bare'],
): { root: PathRoot; rootName: string; fields: readonly Field[] } {
  const named = path.context ?? '';
  const root = context.roots.get(named) ?? (bare === 'plain' ? context.inPlain?.get(named) : undefined);
  if (root) return { root, rootName: path.context as string, fields: path.fields };
  if (bare) {
    const own = context.roots.get(context.name) as PathRoot;
    const before: Field[] =
      path.context === undefined
        ? []
        : [{ name: path.context, keys: [], start: path.start, end: path.start + path.context.length }];
    return { root: own, rootName: context.name, fields: [...before, ...path.fields] };
  }
  const full = pathText(path);
  const names = [...context.roots.keys()].sort();
  if (path.context === undefined) {
    const options = names.map((name) => `"${name}.${full}"`).join(', ');
    throw new CompileError(
      `missing context name for path "${full}", possibly valid options are: ${options}`,
      path,
      `write ${context.name}.${full}`,
    );
  }
  throw new CompileError(
    `context "${path.context}" from path "${full}" is not valid, it must be replaced by one of: ${names.map((name) => `"${name}"`).join(', ')}`,
    { start: path.start, end: path.start + path.context.length },
    didYouMean(path.context, names),
  );
}

function follow(
  path: string,
  root: PathRoot,
  places: Readonly<Record<string, Place>>,
  [field, ...rest]: readonly Field[],
  keys: ReadonlyMap<Field, readonly CompiledKey[]>,
): Target {
  if (!field) throw new Error('BUG: a path without fields');
  const place = Object.hasOwn(places, field.name) ? places[field.name] : undefined;
  if (!place) throw unknownSegment(field.name, path, root, field, Object.keys(places));
  const [next] = rest;
  if (next && place.fields) {
    const target = follow(path, root, place.fields, rest, keys);
    if (field.keys.length > 0) throw unusedKeys(field);
    return target;
  }
  if (next) {
    const message = `the path section "${next.name}" was not used by the context - this likely means you are using extra path sections`;
    const help = place.indexable ? `write ${field.name}["${next.name}"]` : undefined;
    throw new CompileError(message, next, help);
  }
  if (!place.target)
    throw unknownSegment(
      field.name,
      path,
      root,
      field,
      Object.keys(place.fields ?? {}).map((name) => `${field.name}.${name}`),
    );
  if (field.keys.length > 0 && !place.indexable) throw unusedKeys(field);
  return place.target(keys.get(field) ?? []);
}

function unusedKeys(field: Field): CompileError {
  return new CompileError(
    `the keys indexing "${field.name}" were not used by the context - this likely means you are trying to index a path that does not support indexing`,
    field,
  );
}

function unknownSegment(
  segment: string,
  path: string,
  root: PathRoot,
  range: { start: number; end: number },
  names: readonly string[] = Object.keys(root.places),
): CompileError {
  const message = `segment "${segment}" from path "${path}" is not a valid path nor a valid OTTL keyword for the ${root.name} context - review ${root.reference} to see all valid paths`;
  const help = didYouMean(segment, names) ?? `the paths here are: ${[...names].sort().join(', ')}`;
  return new CompileError(message, range, help);
}
