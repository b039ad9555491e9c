/**
 * Where we differ from the Collector on purpose: ids, or patterns where a rule of ours differs, each with its reason. One that
 * passes is an error, so that the list stays true.
 */
const DEVIATIONS: readonly (readonly [ids: RegExp, reason: string])[] = [
  [
    /^config\/(file\/(scalar|string-newline|string-quoted|comment-only|invalid-yaml)|escape\/file\/1|e2e\/file-string\/(newline|quoted))$/,
    'a newline at the end of a file is no part of the value: editors and secret mounts add it, and no secret has one',
  ],
  [/^config\/cli\/allow-no-pipelines\/ext-only$/, 'an agent without a pipeline carries nothing, gate or not'],
  [
    /^config\/service\/signal-(traces|all-three|profiles)$/,
    'this agent carries logs only, and refuses what it would drop',
  ],
  [
    /^config\/otlp-http\/(endpoint-ftp|logs-endpoint-noscheme|proxy-bad)$/,
    'a URL that nothing can be sent to is told at once',
  ],
  [/^config\/otlp-http\/timeout-zero$/, 'an attempt without a limit would hold up its delivery for ever'],
  [
    /^config\/otlp-http\/compression-(x-snappy|zlib|deflate|lz4)/,
    'requests are compressed with gzip or zstd, which every OTLP backend takes',
  ],
  [/^config\/e2e\/map-of-strings\/6$/, 'a header with a line break in it could never be sent'],
  [
    /^config\/transform\/dollar-brace$/,
    'what print-config shows is a configuration again: a dollar that would begin a reference is doubled',
  ],
  [/^ottl\/syntax\/73$/, 'an argument that is named twice leaves another one out: an error of the configuration'],
  [/^ottl\/path\/set-all\/5$/, 'a severity below 0 is sent as none: no backend knows one, and it could be refused'],
  [/^config\/yaml\/json$/, '\\/ in double quotes is taken: JSON has it'],
  [/^config\/yaml\/tab-blank-line$/, 'a tab on a line that is empty otherwise does no harm'],
  [/^config\/yaml\/dup-int$/, 'two spellings of one key are refused: one of the settings would be dropped unseen'],
  [/^config\/yaml\/date-key$/, 'a date as a key keeps its text: nobody means 2006-01-02 00:00:00 +0000 UTC'],
];

export function deviationOf(id: string): string | undefined {
  return DEVIATIONS.find(([ids]) => ids.test(id))?.[1];
}
