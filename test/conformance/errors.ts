/**
 * Is it the same problem? Our errors have places, help and no values in them, so the texts differ; what names the problem
 * must be there.
 */

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
  [/cannot parse value as 'uint32': -.* overflows uint/, /cannot parse value as 'uint32': .* overflows uint/],
  // Ours stand at their place in the file, and are ordered by it.
  [/contents are not valid YAML: /, /:\d+:\d+: error: /],
  [/cannot be used as a Conf$/, /holds a (?:list|single value), not sections/],
  [/unsupported type=map\[interface/, /a key of .* must be a text/],
  [/unsupported type=uint64/, /larger than an integer can be/],
];

/** Which step failed, and for which component: ours says so by the place. */
const STAGE =
  /^(?:invalid configuration: |failed to build pipelines: )?(?:processors::[^:]+: |failed to create "[^"]*" processor, in pipeline "[^"]*": )?(?:error creating a redaction processor: )?/;

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
  const same = SAME.find(([pattern]) => pattern.test(theirs));
  if (same) return same[1].test(ours);
  if (ours.split('\n').some((line) => isSameButHidden(theirs, line))) return true;
  return (
    theirs
      .split('\n')
      .map((line) => line.replace(/ \(valid values: .*| expected type .*/, '').replace(STAGE, ''))
      // What components say begins, after all that, with the field in quotes.
      .map((line) => line.replace(/^'[^']*' (?!must|should|or )/, ''))
      .filter((line) => line !== '')
      .some((line) => ours.includes(line))
  );
}

/** What a reference gave is hidden in ours, and must be all that is missing. */
function isSameButHidden(theirs: string, line: string): boolean {
  const message = /: error: \S+: (.*\*{8}.*)$/.exec(line)?.[1];
  if (message === undefined) return false;
  const parts = message.split(/\*{8}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return parts.join('').length >= 20 && new RegExp(`(?:^|: |' )${parts.join('[^]*')}$`, 'm').test(theirs);
}
