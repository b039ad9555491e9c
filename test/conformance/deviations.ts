import type { Case } from './cases.ts';

/**
 * Where we differ from the Collector on purpose: ids, or patterns where a rule of ours differs, each with its reason. One that
 * passes is an error, so that the list stays true.
 */
const DEVIATIONS: readonly (readonly [ids: RegExp, reason: string])[] = [
  [
    /^config\/(file\/(scalar|string-newline|string-quoted|comment-only|invalid-yaml)|escape\/file\/1|e2e\/file-string\/(newline|quoted|int))$/,
    'a newline at the end of a file is no part of the value: editors and secret mounts add it, and no secret has one',
  ],
  [/^config\/cli\/allow-no-pipelines\/ext-only$/, 'an agent without a pipeline carries nothing, gate or not'],
  [
    /^config\/service\/signal-(traces|all-three|profiles|sampler-metrics)$/,
    'this agent carries logs only, and refuses what it would drop',
  ],
  [
    /^config\/otlp-http\/(endpoint-ftp|logs-endpoint-noscheme|proxy-bad)$/,
    'a URL that nothing can be sent to is told at once',
  ],
  [/^config\/otlp-http\/timeout-zero$/, 'an attempt without a limit would hold up its delivery for ever'],
  [/^config\/otlp-http\/redacted$/, 'a certificate is public: it is shown, so that one sees which it is'],
  [/^config\/e2e\/map-of-strings\/6$/, 'a header with a line break in it could never be sent'],
  [
    /^config\/ids\/duplicate\/2$/,
    'the old and the new name of a type are one here: two ids that differ in it only would share a place in the journal',
  ],
  [/^config\/types-env-scalar\/int\/23$/, 'no setting is a number beyond 2^53'],
  [/^ottl\/syntax\/73$/, 'an argument that is named twice leaves another one out: an error of the configuration'],
  [/^ottl\/path\/set-all\/5$/, 'a severity below 0 is sent as none: no backend knows one, and it could be refused'],
  [/^config\/yaml\/json$/, '\\/ in double quotes is taken: JSON has it'],
  [/^config\/yaml\/tab-blank-line$/, 'a tab on a line that is empty otherwise does no harm'],
  [/^config\/yaml\/dup-int$/, 'two spellings of one key are refused: one of the settings would be dropped unseen'],
  [
    /^(?:attributes|resource)\/duplicate-keys\/(?!delete-pattern$)|^redaction\/keys\/duplicate-keys/,
    'a record holds each attribute once: of a key that is sent twice the later one counts',
  ],
  [
    /^redaction\/(?:url|db)\/(?!.*(?:without-enabled|disabled))|^config\/processors-misc\/redaction\/(?:url|db)/,
    'the sanitizers of URLs (a trained classifier) and of queries (lexers of seven languages) are refused, in words',
  ],
  [
    /^chain\/config\/unused-bad-action/,
    'what no pipeline uses is looked at as closely as what one does: a mistake is found before it matters',
  ],
  [/^config\/yaml\/date-key$/, 'a date as a key keeps its text: nobody means 2006-01-02 00:00:00 +0000 UTC'],
];

/** What this agent refuses and the Collector takes, by the words of ours. */
const REFUSED_HERE: readonly (readonly [ours: RegExp, reason: string])[] = [
  [/spaces are not allowed/, 'ids with spaces are refused: their settings would be ignored unseen'],
  [/invalid (?:TLS cipher suite|curve type)/, 'names that TLS could not start with are told by `validate`'],
  [
    /is (?:not the name of a header|set by the agent itself)/,
    'a header that could never be sent, or would break requests',
  ],
  [/has a (?:line break|character) in its value/, 'a header with a line break in it could never be sent'],
  [/is there twice, written differently/, 'only one of two values could be sent, and chance would choose it'],
  [/this agent has no (?:encoding extensions|middlewares|TPM)/, 'the data would be other than was asked for'],
  [/zstd needs Node\.js 22\.15/, 'this Node.js has no zstd'],
  [/needs the scheme http:|is not a URL; expected|::proxy_url: /, 'a URL that nothing can be sent to is told at once'],
  [/must be greater than 0: an attempt has to end/, 'an attempt without a limit would hold up its delivery for ever'],
  [/expected a duration such as .*; got "?-/, 'no time is below 0'],
  [/invalid encoding type: $/, 'a request has an encoding'],
  [/client_auth: needs `|htpasswd::inline: line \d/, 'credentials that could never be right are told by `validate`'],
  [/unix sockets are not supported/, 'clients behind a unix socket have no address to allow or to limit'],
  [/expected host:port, for example/, 'an address that nothing can listen at is told at once'],
  [
    /references authenticator .* not configured|extensions does not list it|the extension .* (?:is no authenticator|checks who|tells backends)/,
    'an authenticator that is missing is told by `validate`, not by the start',
  ],
];

/** What the Collector refuses and this agent takes, by the words of theirs. */
const TAKEN_HERE: readonly (readonly [theirs: RegExp, reason: string])[] = [
  [/^extensions::file_storage.*: directory must exist: /, 'the directory is made when it is missing'],
  [/^extensions::file_storage.*: .* is not a directory$/, '`validate` opens nothing: the start says so'],
  [/append and rotation enabled at the same time is not supported/, 'here they go together: the file always grows'],
  [/'fileexporter\.Config' has invalid keys: (?:sending_queue|retry_on_failure|, )+$/, 'every exporter has them here'],
  [/'max_elapsed_time' must not be less than/, 'where it is not written there is no such limit here'],
];

/** Why a case that fails may. `ours`: what our loading says. */
export function deviationOf(one: Case, { expected, actual }: { expected?: unknown; actual?: unknown } = {}) {
  const listed = DEVIATIONS.find(([ids]) => ids.test(one.id))?.[1];
  if (listed !== undefined || one.kind !== 'config') return listed;
  if (expected === 'valid' && typeof actual === 'string') {
    const errors = actual.split('\n').filter((line) => /^\S+:\d+:\d+: error: /.test(line));
    const reasons = errors.map((line) => REFUSED_HERE.find(([ours]) => ours.test(line))?.[1]);
    return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
  }
  const { error } = one;
  if (error === undefined || !isTaken(actual)) return undefined;
  return TAKEN_HERE.find(([theirs]) => theirs.test(error))?.[1];
}

/** Our loading found nothing wrong. */
const isTaken = (actual: unknown) => typeof actual === 'object' && actual !== null && 'resolved' in actual;
