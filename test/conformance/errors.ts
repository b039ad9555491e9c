/**
 * Is it the same problem? Our errors have places, help and no values in them, so the texts differ; what names the problem
 * must be there.
 */

import { isSameOttlProblem } from './ottl-errors.ts';

/** What the Collector says, and what ours must say then. The first that fits counts. */
const SAME: readonly (readonly [theirs: RegExp, ours: RegExp])[] = [
  [/invalid uri: /, /invalid uri/],
  [/scheme ".*" is not supported for uri|unsupported scheme on URI/, /scheme .*is not supported/],
  [/has invalid name: must match regex/, /invalid name: must match regex/],
  [/contains unsupported characters \('\$'\)/, /contains unsupported characters \('\$'\)/],
  [/unable to read the file .*is a directory/, /unable to read the file.*is a directory/],
  [/unable to read the file .*no such file/, /unable to read the file.*no such file/],
  [/too many recursive expansions/, /too many recursive expansions/],
  [/at least one config flag must be provided/, /at least one config flag must be provided/],
  [/flag needs an argument: --config/, /'-c, --config <uri>' argument missing/],
  [/id: invalid character\(s\) in (?:name|type)/, /id: invalid character\(s\)/],
  [/duplicate name /, /duplicate name|spaces are not allowed/],
  [/unknown pipeline signal/, /id: invalid character\(s\) in type|unknown pipeline signal/],
  [/`flush_timeout` must be positive/, /::flush_timeout: (?:`flush_timeout` must be positive|expected a duration)/],
  [/v2 healthcheck configuration .* detected/, /v2 healthcheck configuration .* detected/],
  [/directory must exist: stat : /, /::directory: must have at least 1 characters/],
  [/no bearer token provided/, /no bearer token provided|::token: must not be empty/],
  [/no credential source provided/, /no credential source provided|needs `file` or `inline`/],
  [/http endpoint required/, /::endpoint: expected host:port/],
  [/path must start with \//, /::path: must start with \//],
  [/: endpoint must be a valid URL/, /::endpoint: endpoint is not a URL/],
  [
    /TLS configuration must include both certificate and key/,
    /TLS configuration must include both certificate and key/,
  ],
  [/flush_interval must be larger than zero/, /::flush_interval: expected a duration/],
  [/'randomization_factor' must be within/, /::randomization_factor: must be at (?:most 1|least 0)/],
  [/invalid sizer: /, /::sizer: invalid sizer: /],
  [/unexpected type .* for 'enabled'/, /::enabled: expected true or false|: missing: enabled/],
  [
    /'(?:max_elapsed_time|initial_interval|max_interval)' must be non-negative/,
    /_(?:time|interval): expected a duration/,
  ],
  [/'multiplier' must be non-negative/, /::multiplier: must be at least 0/],
  [/'level' unknown metrics level/, /::level: expected one of none, basic, normal, detailed/],
  [/'level' unrecognized level: /, /::level: expected one of debug, info, warn, error/],
  // Ours stand where the key does.
  [
    /telemetry metrics reader should exist/,
    /::readers: collector telemetry metrics reader should exist when metric level/,
  ],
  [/metrics::views can only be set when/, /::views: service::telemetry::metrics::views can only be set when/],
  [/resource::attributes_list is not/, /::attributes_list: resource::attributes_list is not currently supported/],
  [/resource::attributes cannot be used/, /::attributes: resource::attributes cannot be used together with legacy/],
  [/verbosity level|unknown metrics level/, /::verbosity: verbosity level/],
  [/' expected a map or struct, got /, /: expected a map \(key: value\); got /],
  [/legacy resource attribute/, /legacy resource attribute/],
  [/'max_elapsed_time' must not be less than/, /'max_elapsed_time' must not be less than/],
  [/unknown flag: /, /unknown option/],
  [/no such feature gate/, /no such feature gate/],
  [/cannot parse value as 'uint32': -.* overflows uint/, /cannot parse value as 'uint32': .* overflows uint/],
  // Ours stand at their place in the file, and are ordered by it.
  [/contents are not valid YAML: /, /:\d+:\d+: error: /],
  [/cannot be used as a Conf$/, /holds a (?:list|single value), not sections/],
  [/unsupported type=map\[interface/, /a key of .* must be a text/],
  [/invalid (\w+) type, expected: array/, /invalid \w+ type, expected: array/],
  [/unsupported type=uint64/, /larger than an integer can be/],
];

/** Which step failed, and for which component: ours says so by the place. */
const STAGE =
  /^(?:invalid configuration: |failed to build pipelines: )?(?:processors::[^ ]*: |(?:'processors' )?error reading configuration for "[^"]*": |failed to create "[^"]*" processor, in pipeline "[^"]*": )?(?:error creating a redaction processor: )?/;

export function isSameProblem(theirs: string, ours: string): boolean {
  const keys = /has invalid keys: ([^"\n]+)/.exec(theirs)?.[1]?.split(', ');
  // Keys in what a reference gives are not shown.
  if (keys)
    return (
      keys.every((key) => new RegExp(`unknown (?:key|section) (?:"${key}"|in what)`).test(ours)) ||
      /an unknown key in what/.test(ours)
    );
  const field = /'(?:[^']*[.\][])?\[?([\w/]+)\]?' (?:expected (?:type|a map)|source data must be|time: )/.exec(
    theirs,
  )?.[1];
  // Ours names the field in its path, and the kinds in words.
  if (field !== undefined) {
    return new RegExp(
      `(?:::|: )(?:${field}|\\*)(?:::\\d+)?: .*\\b(?:expected|YAML takes|not supported|invalid)\\b`,
    ).test(ours);
  }
  const ottl = isSameOttlProblem(theirs, ours);
  if (ottl !== undefined) return ottl;
  const same = SAME.find(([pattern]) => pattern.test(theirs));
  if (same) return same[1].test(ours);
  const cycle = cycleIn(theirs);
  if (cycle) return cycle === cycleIn(ours);
  if (theirs.split('\n').some((line) => isSaidOf(line, ours))) return true;
  if (ours.split('\n').some((line) => isSameButHidden(theirs, line))) return true;
  return (
    theirs
      .split('\n')
      .map((line) => line.replace(/ \(valid values: .*| expected type .*/, '').replace(STAGE, ''))
      // What components say begins, after all that, with the field in quotes.
      .map((line) => line.replace(/^'[^']*' (?!must|should|or |requires)/, '').trimEnd())
      .filter((line) => line !== '')
      .some((line) => ours.includes(line))
  );
}

/** The steps of a cycle from one of them on, whichever was told first: it has no beginning. */
function cycleIn(text: string): string | undefined {
  const told = /cycle detected: (.*)/.exec(text)?.[1];
  if (told === undefined) return undefined;
  // The last one repeats the first.
  const steps = told.split(' -> ').slice(0, -1);
  const turns = steps.map((_, index) => [...steps.slice(index), ...steps.slice(0, index)].join(' -> '));
  return turns.sort()[0];
}

/**
 * What a component says of its settings, `exporters::file: format type is not supported`: ours says the same of the same
 * component, at the key. Names of Go structs stand in the rest of their path, and of blocks before their words.
 */
function isSaidOf(theirs: string, ours: string): boolean {
  const checked = /^((?:receivers|processors|exporters|extensions)::[^\s:]+)(?:::[^\s]+)?: (.+)$/.exec(theirs);
  const created = /^failed to build pipelines: failed to create "([^"]+)" (\w+) for data type "logs": (.+)$/.exec(
    theirs,
  );
  const component = checked?.[1] ?? (created && `${created[2]}s::${created[1]}`);
  const words = (checked?.[2] ?? created?.[3])?.replace(/^(?:[a-z_]+: )+/, '');
  if (component === undefined || words === undefined) return false;
  return ours
    .split('\n')
    .some((line) => (line.includes(`${component}::`) || line.includes(`${component}: `)) && line.includes(words));
}

/** What a reference gave is hidden in ours, and must be all that is missing. */
function isSameButHidden(theirs: string, line: string): boolean {
  const message = /: error: \S+: (.*\*{8}.*)$/.exec(line)?.[1];
  if (message === undefined) return false;
  const parts = message.split(/\*{8}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return parts.join('').length >= 20 && new RegExp(`(?:^|: |' )${parts.join('[^]*')}$`, 'm').test(theirs);
}
