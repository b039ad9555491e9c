/** The contexts that statements are evaluated in, and the paths that each of them has. */
import { LOG_PLACES } from './log.ts';
import { RESOURCE_PLACES, SCOPE_PLACES } from './owners.ts';
import type { Place } from './place.ts';
import { REQUEST_PLACES } from './request.ts';

export type ContextName = 'log' | 'scope' | 'resource';

/** What stands before the first dot of a path, and the fields that it has. */
export interface PathRoot {
  readonly name: string;
  /** Where the Collector documents its paths: part of its messages. */
  readonly reference: string;
  readonly places: Readonly<Record<string, Place>>;
  /** Setting such a path changes this of the batch. */
  readonly owner?: 'resource' | 'scope';
}

const reference = (name: string) =>
  `https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/pkg/ottl/contexts/ottl${name}`;

const log: PathRoot = { name: 'log', reference: reference('log'), places: LOG_PLACES };
const scope: PathRoot = { name: 'scope', reference: reference('scope'), places: SCOPE_PLACES, owner: 'scope' };
const resource: PathRoot = {
  name: 'resource',
  reference: reference('resource'),
  places: RESOURCE_PLACES,
  owner: 'resource',
};

export interface OttlContext {
  readonly name: ContextName;
  /** By the names that paths may begin with. */
  readonly roots: ReadonlyMap<string, PathRoot>;
  /** More of them, in conditions of a group that names its context: an oddity of the Collector. */
  readonly inPlain?: ReadonlyMap<string, PathRoot>;
  readonly enums: ReadonlyMap<string, number>;
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

const SEVERITIES = new Map<string, number>([
  ['SEVERITY_NUMBER_UNSPECIFIED', 0],
  ...LEVELS.flatMap((level, index) =>
    [1, 2, 3, 4].map((step): [string, number] => [`SEVERITY_NUMBER_${level}${step > 1 ? step : ''}`, index * 4 + step]),
  ),
]);

const otelcol: PathRoot = { name: 'otelcol', reference: reference('otelcol'), places: REQUEST_PLACES };

export const CONTEXTS: Readonly<Record<ContextName, OttlContext>> = {
  log: {
    name: 'log',
    roots: new Map([
      ['log', log],
      ['instrumentation_scope', scope],
      ['scope', scope],
      ['resource', resource],
      ['otelcol', otelcol],
    ]),
    enums: SEVERITIES,
  },
  scope: {
    name: 'scope',
    roots: new Map([
      ['scope', scope],
      ['resource', resource],
      ['otelcol', otelcol],
    ]),
    inPlain: new Map([['instrumentation_scope', scope]]),
    enums: new Map(),
  },
  resource: {
    name: 'resource',
    roots: new Map([
      ['resource', resource],
      ['otelcol', otelcol],
    ]),
    enums: new Map(),
  },
};
