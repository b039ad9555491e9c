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
  [/`num_consumers` must be positive/, /::num_consumers: must be at least 1/],
  [/`queue_size` must be positive/, /::queue_size: must be at least 1/],
  [/`min_size` must be non-negative/, /::min_size: must be at least 0/],
  [/`flush_timeout` must be positive/, /::flush_timeout: (?:must be greater than 0|expected a duration)/],
  [/supports only `items` or `bytes` sizer/, /::batch::sizer: expected one of items, bytes/],
  [/invalid sizer: /, /::sizer: expected one of requests, items, bytes/],
  [/unexpected type .* for 'enabled'/, /::enabled: expected true or false/],
  [
    /'(?:max_elapsed_time|initial_interval|max_interval)' must be non-negative/,
    /_(?:time|interval): expected a duration/,
  ],
  [/'multiplier' must be non-negative/, /::multiplier: must be at least 1/],
  [/verbosity level|unknown metrics level/, /::verbosity: verbosity level/],
  [/' expected a map or struct, got /, /: expected a map \(key: value\); got /],
  [/legacy resource attribute/, /legacy resource attribute/],
  [/'max_elapsed_time' must not be less than/, /'max_elapsed_time' must not be less than/],
  [/unknown flag: /, /unknown option/],
  [/no such feature gate/, /no such feature gate/],
  // Ours stand at their place in the file, and are ordered by it.
  [/contents are not valid YAML: /, /:\d+:\d+: error: /],
  [/cannot be used as a Conf$/, /holds a (?:list|single value), not sections/],
  [/unsupported type=map\[interface/, /a key of .* must be a text/],
  [/invalid (\w+) type, expected: array/, /invalid \w+ type, expected: array/],
  [/unsupported type=uint64/, /larger than an integer can be/],
];

export function isSameProblem(theirs: string, ours: string): boolean {
  const keys = /has invalid keys: ([^"\n]+)/.exec(theirs)?.[1]?.split(', ');
  // Keys in what a reference gives are not shown.
  if (keys)
    return (
      keys.every((key) => new RegExp(`unknown (?:key|section) (?:"${key}"|in what)`).test(ours)) ||
      /an unknown key in what/.test(ours)
    );
  const field = /'(?:[^']*[.\][])?\[?([\w/]+)\]?' (?:expected (?:type|a map)|source data must be)/.exec(theirs)?.[1];
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
  return (
    theirs
      .split('\n')
      .map((line) => line.replace(/ \(valid values: .*| expected type .*/, ''))
      // Ours has the path of the setting in front.
      .map((line) =>
        line.replace(
          /^(?:invalid configuration: |processors::[^ ]*: |(?:'processors' )?error reading configuration for "[^"]*": )/,
          '',
        ),
      )
      .map((line) => line.replace(/^'[^']*' (?!requires)/, '').trimEnd())
      .filter((line) => line !== '')
      .some((line) => ours.includes(line))
  );
}
