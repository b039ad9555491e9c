// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostics } from '../../src/config/diagnostics.ts';
import { errors, HEAD, load, TAIL } from './loading.ts';

interface Case {
  readonly name: string;
  readonly yaml: string;
  /** Each error: line:column, then what its text holds, help included. In the order in which they must come. */
  readonly errors: readonly (readonly [place: string, ...texts: string[]])[];
}

const receiver = (block: string) => `receivers:\n  hooks:\n${block}exporters:\n  print:\n${TAIL}`;
const exporter = (block: string) => `${HEAD}  vault:\n${block}${TAIL.replace('[print]', '[print, vault]')}`;
const VAULT = `    endpoint: https://vault.example\n    private_key: '\${env:KEY}'\n`;
const INTEGRATIONS = '    integrations: [{ name: one, signature: none }]\n';
const service = (text: string) => `${HEAD}service:\n${text}`;

const CASES: readonly Case[] = [
  // The text
  {
    name: 'a quote that is not closed',
    yaml: 'receivers:\n  hooks:\n    endpoint: "localhost\n    x: y\n',
    errors: [['3:15', 'not closed']],
  },
  {
    name: 'a bracket that is not closed',
    yaml: `${HEAD}service:\n  extensions: [probe\n  pipelines:\n    logs: { receivers: [hooks], exporters: [print] }\n`,
    errors: [['7:3', 'a ] is missing']],
  },
  { name: 'a tab as indentation', yaml: 'receivers:\n\thooks:\n', errors: [['2:1', 'tab', 'use spaces']] },
  {
    name: 'two colons in one line',
    yaml: 'receivers:\n  hooks: endpoint: localhost:80\n',
    errors: [['2:10', 'neither a key nor a value']],
  },
  {
    name: 'a line without a colon',
    yaml: `${HEAD}service:\n  pipelines\n  telemetry:\n`,
    errors: [['6:3', 'neither a key nor a value', 'a key needs ": "']],
  },
  {
    name: 'an unquoted reference in brackets',
    yaml: receiver('    integrations: [{ name: one, client_secrets: [${env:A}, ${env:B}] }]\n'),
    errors: [
      ['3:50', 'a reference without quotes', 'needs quotes: "${env:NAME}"'],
      ['3:60', 'a reference without quotes', 'needs quotes: "${env:NAME}"'],
    ],
  },
  {
    name: 'an unquoted reference in braces, and what else is wrong in the file',
    yaml: `${receiver('    integrations:\n      - { name: one, client_secret: ${env:A:-${B}, c}, typo: 1 }\n')}extra: 1\n`,
    errors: [
      ['4:37', 'a reference without quotes', 'needs quotes: "${env:NAME}"'],
      ['4:56', 'typo'],
      ['10:1', 'extra'],
    ],
  },
  {
    name: 'an unquoted reference as a part of a text and as a key, and no YAML further down',
    yaml: `${receiver('    integrations: [{ name: "${A}", client_secret: a-${A}-b, ${KEY}: 1 }]\n')}extra: [\n`,
    errors: [
      ['3:53', 'a reference without quotes', 'needs quotes'],
      ['3:61', 'a reference without quotes', 'needs quotes'],
      ['10:1', 'a ] is missing'],
    ],
  },
  {
    name: 'a key twice',
    yaml: receiver(`    endpoint: localhost:1\n${INTEGRATIONS}    endpoint: localhost:2\n`),
    errors: [['5:5', '"endpoint" stands twice']],
  },
  { name: 'a section twice', yaml: `${HEAD}${TAIL}exporters:\n`, errors: [['8:1', '"exporters" stands twice']] },
  {
    name: 'an alias of nothing',
    yaml: `${HEAD}  vault: *base\n${TAIL}`,
    errors: [['5:10', 'this alias has no anchor']],
  },
  {
    name: 'an alias of itself',
    yaml: `${HEAD}processors:\n  stamp: &s { attributes: *s }\n${TAIL}`,
    errors: [['6:27', '*s contains itself']],
  },
  {
    name: 'a merge key without a map',
    yaml: `${HEAD}processors:\n  stamp: { <<: text }\n${TAIL}`,
    errors: [['6:12', 'merge key << takes a map']],
  },
  { name: 'a list as a key', yaml: `${HEAD}${TAIL}? [a, b]\n: 1\n`, errors: [['8:3', 'a key must be a text']] },
  { name: 'an empty text', yaml: '', errors: [['1:1', 'empty configuration file']] },
  { name: 'a list instead of sections', yaml: '- receivers\n', errors: [['', 'holds a list, not sections']] },
  { name: 'a word instead of sections', yaml: 'receivers\n', errors: [['', 'holds a single value']] },

  // Sections and ids
  {
    name: 'an unknown section',
    yaml: `${HEAD}procesors:\n  stamp:\n${TAIL}`,
    errors: [['5:1', 'unknown section "procesors"', 'did you mean "processors"?']],
  },
  {
    name: 'a connector of the Collector that is not there',
    yaml: `${HEAD}connectors:\n  count:\n${TAIL}`,
    errors: [['6:3', 'connectors: unknown type: "count" for id: "count" (valid values: [joint])', 'does not have']],
  },
  {
    name: 'a list of ids as a section',
    yaml: `${HEAD}processors: [stamp]\n${TAIL}`,
    errors: [['5:13', 'processors: expected a map or struct, got "slice"']],
  },
  {
    name: 'no receivers and no exporters',
    yaml: TAIL,
    errors: [
      ['1:1', 'no receiver configuration specified in config'],
      ['1:1', 'no exporter configuration specified in config'],
      ['3:25', 'references receiver "hooks" which is not configured', '"hooks:" is enough'],
      ['3:45', 'references exporter "print" which is not configured'],
    ],
  },
  {
    name: 'an unknown type',
    yaml: `${HEAD}  valt:\n${TAIL}`,
    errors: [['5:3', 'unknown type: "valt" for id: "valt" (valid values: [print vault])', 'did you mean "vault"?']],
  },
  {
    name: 'a type of the Collector',
    yaml: `${HEAD}  loki/eu:\n${TAIL}`,
    errors: [['5:3', 'unknown type: "loki" for id: "loki/eu"', 'a component of the Collector', 'otlp_http']],
  },
  {
    name: 'a type in the wrong section',
    yaml: `${HEAD}  stamp:\n${TAIL}`,
    errors: [['5:3', 'unknown type: "stamp"', '"stamp" is a processor: it belongs under processors']],
  },
  {
    name: 'an id without a name',
    yaml: `${HEAD}  vault/:\n${TAIL}`,
    errors: [['5:3', 'the part after / should not be empty']],
  },
  {
    name: 'an id without a type',
    yaml: `${HEAD}  /x:\n${TAIL}`,
    errors: [['5:3', 'the part before / should not be empty']],
  },
  { name: 'an empty id', yaml: `${HEAD}  '':\n${TAIL}`, errors: [['5:3', 'id must not be empty']] },
  {
    name: 'an id with spaces',
    yaml: `${HEAD}  'print / x':\n${TAIL}`,
    errors: [['5:3', 'spaces are not allowed', 'write "print/x"']],
  },
  { name: 'a type with a dash', yaml: `${HEAD}  pri-nt:\n${TAIL}`, errors: [['5:3', 'invalid character(s) in type']] },
  {
    name: 'a name with a symbol',
    yaml: `${HEAD}  print/a=b:\n${TAIL}`,
    errors: [['5:3', 'invalid character(s) in name']],
  },
  {
    name: 'two ids that mean the same',
    yaml: `${HEAD}  vault/a:\n${VAULT.replace(/^/gm, ' ').trimEnd()}\n  vaulthttp/a:\n${VAULT}${TAIL}`,
    errors: [['8:3', 'duplicate name', '"vault/a" and "vaulthttp/a" are the same component']],
  },

  // Blocks
  {
    name: 'a text as a block',
    yaml: `${HEAD}  vault: yes\n${TAIL}`,
    errors: [['5:10', 'exporters::vault: expected a map (key: value); got "yes"']],
  },
  {
    name: 'a list as a block',
    yaml: `${HEAD}  vault: [1]\n${TAIL}`,
    errors: [['5:10', 'expected a map (key: value); got a list']],
  },
  {
    name: 'an unknown key',
    yaml: exporter(`${VAULT}    compresion: gzip\n`),
    errors: [['8:5', 'exporters::vault: unknown key "compresion"', 'did you mean "compression"?']],
  },
  {
    name: 'an unknown key with nothing behind it',
    yaml: exporter(`${VAULT}    compresion:\n`),
    errors: [['8:5', 'exporters::vault: unknown key "compresion"', 'did you mean "compression"?']],
  },
  {
    name: 'a key in another spelling',
    yaml: exporter("    endpoint: https://vault.example\n    privateKey: '${env:KEY}'\n"),
    errors: [
      ['5:3', 'missing: private_key', 'Key to send data with.'],
      ['7:5', 'unknown key "privateKey"', 'did you mean "private_key"?'],
    ],
  },
  {
    name: 'a key one level too high',
    yaml: receiver(`    client_secret: x\n${INTEGRATIONS}`),
    errors: [['3:5', 'unknown key "client_secret"', 'belongs under integrations, in an item of that list']],
  },
  {
    name: 'a key one level too deep',
    yaml: exporter(`${VAULT}    sending_queue: { timeout: 5s }\n`),
    errors: [
      [
        '8:22',
        'exporters::vault::sending_queue: unknown key "timeout"',
        '"timeout" belongs directly under exporters::vault',
      ],
    ],
  },
  {
    name: 'a key of another block',
    yaml: exporter(`${VAULT}    flush_timeout: 5s\n`),
    errors: [['8:5', 'unknown key "flush_timeout"', 'belongs under sending_queue::batch']],
  },
  {
    name: 'an unknown key far from any other',
    yaml: `${HEAD.replace('print:', 'print: { zzzzzzzz: 1 }')}${TAIL}`,
    errors: [['4:12', 'unknown key "zzzzzzzz"', 'the keys here are: verbosity']],
  },
  {
    name: 'a missing list',
    yaml: receiver('    endpoint: localhost:80\n'),
    errors: [['2:3', 'receivers::hooks: missing: integrations', 'One for each app.']],
  },
  {
    name: 'an empty list',
    yaml: receiver('    integrations: []\n'),
    errors: [['3:19', 'integrations: must have at least 1 entries']],
  },
  {
    name: 'a missing field in an item',
    yaml: receiver('    integrations:\n      - signature: none\n'),
    errors: [['4:9', 'receivers::hooks::integrations::0: missing: name']],
  },
  {
    name: 'a map where a list is wanted',
    yaml: receiver('    integrations: { name: one }\n'),
    errors: [['3:19', 'expected a list; got a map']],
  },
  {
    name: 'a number where a text is wanted',
    yaml: receiver('    integrations: [{ name: 0123, signature: none }]\n'),
    errors: [['3:28', 'name: expected a text; got 0123', 'write it in quotes: "0123"']],
  },
  {
    name: 'a version that YAML takes for a number',
    yaml: exporter(`${VAULT}    tls: { min_version: 1.2 }\n`),
    errors: [['8:25', 'expected one of 1.0, 1.1, 1.2, 1.3; got 1.2', 'write it in quotes: "1.2"']],
  },
  {
    name: 'a text where a number is wanted',
    yaml: exporter(`${VAULT}    max_idle_conns: "10"\n`),
    errors: [['8:21', 'max_idle_conns: expected a whole number; got "10"', 'without quotes']],
  },
  {
    name: 'what is no number where a whole one is wanted',
    yaml: exporter(`${VAULT}    max_idle_conns: .inf\n`),
    errors: [['8:21', 'expected a whole number; got .inf']],
  },
  {
    name: 'a number too small',
    yaml: exporter(`${VAULT}    retry_on_failure: { multiplier: -1 }\n`),
    errors: [['8:37', 'must be at least 0; got -1']],
  },
  {
    name: 'yes instead of true',
    yaml: exporter(`${VAULT}    disable_keep_alives: yes\n`),
    errors: [['8:26', 'expected true or false; got "yes"', 'write true']],
  },
  {
    name: 'a value that is none of the choices',
    yaml: exporter(`${VAULT}    compression: gzp\n`),
    errors: [['8:18', 'compression: unsupported compression type "gzp"', 'did you mean "gzip"?']],
  },
  {
    name: 'a duration without a unit, in quotes',
    yaml: exporter(`${VAULT}    timeout: '30'\n`),
    errors: [['8:14', 'timeout: expected a duration such as 500ms, 5s or 1m30s; got "30"', 'a number needs its unit']],
  },
  {
    name: 'a duration in words',
    yaml: exporter(`${VAULT}    timeout: soon\n`),
    errors: [['8:14', 'expected a duration', 'got "soon"']],
  },
  {
    name: 'a duration in days',
    yaml: exporter(`${VAULT}    timeout: 3d\n`),
    errors: [['8:14', 'expected a duration', 'write 72h']],
  },
  {
    name: 'a list as a duration',
    yaml: exporter(`${VAULT}    timeout: [5s]\n`),
    errors: [['8:14', 'expected a duration', 'got a list']],
  },
  {
    name: 'a size in unknown units',
    yaml: receiver(`    max_request_body_size: 5 elephants\n${INTEGRATIONS}`),
    errors: [['3:28', 'expected a size such as 5MiB', 'got "5 elephants"']],
  },
  {
    name: 'an endpoint without a port',
    yaml: receiver(`    endpoint: localhost\n${INTEGRATIONS}`),
    errors: [['3:15', 'endpoint: expected host:port', 'got "localhost"']],
  },
  {
    name: 'a URL without a scheme',
    yaml: receiver(`    public_url: hooks.example\n${INTEGRATIONS}`),
    errors: [['3:17', 'public_url: expected a URL', 'got "hooks.example"']],
  },
  {
    name: 'a wrong value deep in a union',
    yaml: exporter(`${VAULT}    headers: [{ name: a, value: 5 }]\n`),
    errors: [['8:33', 'headers::0::value: expected a text; got a number', 'write it in quotes']],
  },
  {
    name: 'a value of no form of a union',
    yaml: exporter(`${VAULT}    headers: none\n`),
    errors: [['8:14', 'headers: expected a map (key: value) or a list; got a text']],
  },
  {
    name: 'what only the component knows',
    yaml: receiver('    integrations: [{ name: one }]\n'),
    errors: [
      [
        '3:20',
        'receivers::hooks::integrations::0: the integration "one" has no client_secret',
        "copy it from the app's page",
      ],
    ],
  },
  {
    name: 'keys of JavaScript objects',
    yaml: `${HEAD}  __proto__:\n  constructor:\n  toString:\n${TAIL}`,
    errors: [
      ['5:3', 'invalid character(s) in type'],
      ['6:3', 'unknown type: "constructor"'],
      ['7:3', 'unknown type: "toString"'],
    ],
  },
  {
    name: 'keys of JavaScript objects in a block',
    yaml: `${HEAD.replace('print:', 'print: { __proto__: { verbosity: detailed }, constructor: 1, hasOwnProperty: 2 }')}${TAIL}`,
    errors: [
      ['4:12', 'a key cannot have the name __proto__'],
      ['4:48', 'unknown key "constructor"'],
      ['4:64', 'unknown key "hasOwnProperty"'],
    ],
  },

  // References
  {
    name: 'an unknown scheme',
    yaml: `${HEAD.replace('print:', 'print: { verbosity: "${vault:a}" }')}${TAIL}`,
    errors: [['4:23', 'scheme is not supported', 'env, file, yaml, http and https']],
  },
  {
    name: 'a default without a scheme',
    yaml: `${HEAD.replace('print:', 'print: { verbosity: "${LEVEL:-basic}" }')}${TAIL}`,
    errors: [['4:23', 'invalid uri', 'write ${env:NAME:-default}']],
  },
  {
    name: 'a variable with a bad name',
    yaml: `${HEAD.replace('print:', 'print: { verbosity: "${env:MY-LEVEL}" }')}${TAIL}`,
    errors: [['4:23', 'must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$']],
  },
  {
    name: 'a file that is not there',
    yaml: `${HEAD}  vault: { private_key: "\${file:/run/key}", endpoint: "https://x.example" }\n${TAIL}`,
    errors: [['5:25', 'file "/run/key"', 'no such file or directory']],
  },
  {
    name: 'a required variable that is not set',
    yaml: exporter(VAULT.replace('KEY', 'NO_KEY')),
    errors: [
      ['7:18', 'exporters::vault: missing: private_key; the environment variable NO_KEY is not set', 'export NO_KEY='],
    ],
  },
  {
    name: 'a required variable that is empty',
    yaml: exporter(VAULT.replace('env:KEY', 'EMPTY')),
    errors: [['7:18', 'private_key: must not be empty']],
  },
  {
    name: 'a variable that is not set inside of a text',
    yaml: receiver(`    endpoint: localhost:\${env:NO_PORT}\n${INTEGRATIONS}`),
    errors: [['3:15', 'expected host:port', 'the environment variable NO_PORT is not set']],
  },
  {
    name: 'references in a circle',
    yaml: `${HEAD.replace('print:', 'print: { verbosity: "${env:LOOP}" }')}${TAIL}`,
    errors: [['4:23', 'environment variable LOOP', 'too many recursive expansions']],
  },

  // The service
  { name: 'no service', yaml: HEAD, errors: [['1:1', 'service::pipelines: service must have at least one pipeline']] },
  {
    name: 'no pipelines',
    yaml: service('  pipelines: {}\n'),
    errors: [['6:3', 'service must have at least one pipeline']],
  },
  {
    name: 'a pipeline without ends',
    yaml: service('  pipelines:\n    logs:\n'),
    errors: [
      ['7:5', 'must have at least one receiver'],
      ['7:5', 'must have at least one exporter'],
    ],
  },
  {
    name: 'a signal other than logs',
    yaml: `${HEAD}${TAIL}    traces: { receivers: [hooks], exporters: [print] }\n`,
    errors: [['8:5', 'service::pipelines: pipeline "traces": this agent carries logs only']],
  },
  {
    name: 'a pipeline in the singular',
    yaml: service('  pipelines:\n    log: { receivers: [hooks], exporters: [print] }\n'),
    errors: [['7:5', 'unknown pipeline signal: "log"', 'did you mean "logs"?']],
  },
  {
    name: 'a pipeline with an empty name',
    yaml: service('  pipelines:\n    logs/: { receivers: [hooks], exporters: [print] }\n'),
    errors: [['7:5', 'the part after / should not be empty']],
  },
  {
    name: 'an unknown key in a pipeline',
    yaml: service('  pipelines:\n    logs: { receivers: [hooks], exporters: [print], processor: [] }\n'),
    errors: [['7:53', 'service::pipelines::logs: unknown key "processor"', 'did you mean "processors"?']],
  },
  {
    name: 'a text as a list of receivers',
    yaml: service('  pipelines:\n    logs: { receivers: hooks, exporters: [print] }\n'),
    errors: [
      ['7:24', 'service::pipelines::logs::receivers: expected a list; got "hooks"', 'write it as a list: [hooks]'],
    ],
  },
  {
    name: 'references to nothing',
    yaml: service(
      '  extensions: [prob]\n  pipelines:\n    logs: { receivers: [hook], processors: [stamp/x], exporters: [print, hooks] }\n',
    ),
    errors: [
      ['6:16', 'service::extensions: references extension "prob" which is not configured'],
      ['8:25', 'service::pipelines::logs: references receiver "hook" which is not configured', 'did you mean "hooks"?'],
      [
        '8:45',
        'service::pipelines::logs: references processor "stamp/x" which is not configured',
        'add it under processors',
      ],
      [
        '8:74',
        'service::pipelines::logs: references exporter "hooks" which is not configured',
        'configured under receivers',
      ],
    ],
  },
  {
    name: 'a processor twice in a pipeline',
    yaml: `${HEAD}processors:\n  stamp:\n${TAIL.replace('exporters', 'processors: [stamp, stamp], exporters')}`,
    errors: [['9:53', 'service::pipelines::logs: references processor "stamp" multiple times']],
  },
  {
    name: 'an unknown key of the service',
    yaml: `${HEAD}${TAIL}  pipeline: {}\n`,
    errors: [['8:3', 'service: unknown key "pipeline"', 'did you mean "pipelines"?']],
  },
  {
    name: 'an unknown log level',
    yaml: `${HEAD}${TAIL}  telemetry: { logs: { level: loud } }\n`,
    errors: [['8:31', 'service::telemetry::logs::level: expected one of debug, info, warn, error; got "loud"']],
  },
  {
    name: 'an unknown log encoding',
    yaml: `${HEAD}${TAIL}  telemetry: { logs: { encoding: xml } }\n`,
    errors: [['8:34', 'expected one of console, json; got "xml"']],
  },
  {
    name: 'many mistakes at once, in the order of the file',
    yaml: `receivers:\n  hooks: { integrations: 5 }\nexporters:\n  vault: { endpoint: x, privat_key: y }\n  prnt:\nservce:\n${TAIL.replace('print', 'vault, gone')}`,
    errors: [
      ['2:26', 'expected a list; got 5'],
      ['4:3', 'missing: private_key'],
      ['4:22', 'expected a URL'],
      ['4:25', 'unknown key "privat_key"'],
      ['5:3', 'unknown type: "prnt"'],
      ['6:1', 'unknown section "servce"'],
      ['9:52', 'references exporter "gone"'],
    ],
  },
];

for (const { name, yaml, errors: expected } of CASES) {
  test(`a wrong file is refused with place and advice: ${name}`, async () => {
    const environment = { KEY: 'k-1234567', EMPTY: '', LOOP: '${env:LOOP}' };
    const { config, diagnostics } = await load(yaml, { environment });
    assert.equal(config, undefined);
    const found = errors(diagnostics);
    const printed = formatDiagnostics(found, { color: false });
    const places = found.map(({ place }) => (place ? `${place.line}:${place.column}` : ''));
    assert.deepEqual(
      places,
      expected.map(([place]) => place),
      printed,
    );
    for (const [index, [, ...texts]] of expected.entries()) {
      const text = formatDiagnostics(found.slice(index, index + 1), { color: false });
      for (const part of texts) assert.ok(text.includes(part), `${JSON.stringify(part)} is not in\n${text}`);
    }
  });
}
