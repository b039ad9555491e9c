// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors, HEAD, load, settings, TAIL, type World, withStamp } from './loading.ts';

/** What the stamp processor of the tests gets from a block. */
async function stamp(block: string, world?: World) {
  return settings(await load(withStamp(block), world), 'stamp');
}

test('an untyped field gets what YAML makes of a reference, or its text where that is only a text', async () => {
  const cases: [string, unknown][] = [
    ['1', 1],
    ['0123', 83],
    ['1.5', 1.5],
    ['true', true],
    ['~', null],
    ['', null],
    ['a b', 'a b'],
    ['"quoted"', '"quoted"'],
    ['{a: 1, b: [x, y]}', { a: 1, b: ['x', 'y'] }],
    ['[1, two]', [1, 'two']],
    ['["a",', '["a",'],
    ['a: b: c', 'a: b: c'],
    ['2006-01-02', '2006-01-02T00:00:00Z'],
    ['9007199254740993', 9007199254740993n],
    ['yes', 'yes'],
    ['# nothing', null],
    ['${env:V2}', 'second'],
    ['x${env:V2}y', 'xsecondy'],
    ['$$', '$'],
    ['$${env:V2}', '${env:V2}'],
  ];
  for (const [text, expected] of cases) {
    const { value } = await stamp('value: ${env:V}', { environment: { V: text, V2: 'second' } });
    assert.deepEqual(value, expected, text);
  }
});

test('a field of text gets the text that a reference stands for, whatever YAML would make of it', async () => {
  const texts = ['0123', 'true', '1.50', '~', '', '"quoted"', '{a: 1}', '[1]', ' x ', '1 # one', '2006-01-02', '# x'];
  for (const text of texts) {
    const got = await stamp('attributes: { key: "${V}" }\nflags: ["${env:V}"]', { environment: { V: text } });
    assert.deepEqual([got.attributes, got.flags], [{ key: text }, [text]], text);
  }
});

test('a field that is no text gets the parsed value, and refuses a text', async () => {
  const got = await stamp('ratio: ${env:R}\nstrict: ${env:S}\nflags: ${env:F}\nattributes: ${env:A}', {
    environment: { R: '0.25', S: 'true', F: '[a, b]', A: '{k: v}' },
  });
  assert.deepEqual(
    { ratio: got.ratio, strict: got.strict, flags: got.flags, attributes: got.attributes },
    { ratio: 0.25, strict: true, flags: ['a', 'b'], attributes: { k: 'v' } },
  );
  const { diagnostics } = await load(withStamp('ratio: ${env:R}'), { environment: { R: 'half' } });
  assert.match(
    errors(diagnostics)[0]?.message ?? '',
    /^expected a number; got a value from the environment variable R$/,
  );
});

test('a secret stays the text it is, even where it looks like a list', async () => {
  for (const text of ['[abc]', '12345', 'true', '- abc', 'a: b']) {
    const yaml = `receivers:\n  hooks: { integrations: [{ name: one, client_secret: "\${env:S}" }] }\nexporters:\n  print:\n${TAIL}`;
    const result = await load(yaml, { environment: { S: text } });
    const { integrations } = settings<{ integrations: { client_secret: { reveal(): string } }[] }>(result, 'hooks');
    assert.equal(integrations[0]?.client_secret.reveal(), text);
  }
});

test('references inside of a longer text paste their texts', async () => {
  const cases: [string, string][] = [
    ['http://${env:HOST}:${env:PORT}/', 'http://h:0080/'],
    ['${HOST}${HOST}', 'hh'],
    ['a${env:EMPTY}b', 'ab'],
    ['a${env:UNSET}b', 'ab'],
    ['${env:UNSET:-d}${env:HOST:-d}', 'dh'],
    ['${env:UNSET:-${env:PORT}}', '0080'],
    ['${env:UNSET:-}', ''],
    ['${env:EMPTY:-d}', ''],
    ['${env:${env:NAME}}', 'h'],
    ['$HOST', '$HOST'],
    ['$$HOST', '$HOST'],
    ['$${HOST}', '${HOST}'],
    ['$$$${HOST}', '$${HOST}'],
    ['$$${HOST}', '$h'],
    ['${HOST} $${HOST}', 'h ${HOST}'],
    ['${HOST', '${HOST'],
    ['HOST}', 'HOST}'],
    ['^\\d+$', '^\\d+$'],
    ['${yaml:[1, 2]}', '[1, 2]'],
  ];
  const environment = { HOST: 'h', PORT: '0080', EMPTY: '', NAME: 'HOST' };
  for (const [text, expected] of cases) {
    const got = await stamp(`attributes: { key: '${text}' }`, { environment });
    assert.deepEqual(got.attributes, { key: expected }, text);
  }
});

test('keys are not expanded', async () => {
  const got = await stamp("attributes: { '${K}': '${K}', '$$k': '$$v' }", { environment: { K: 'x' } });
  assert.deepEqual(got.attributes, { '${K}': 'x', $$k: '$v' });
});

test('a file gives a text without its last newline, or whatever YAML sees in it', async () => {
  const files = {
    'key.txt': 's3cret\n',
    'two.txt': 'one\n\n',
    'crlf.txt': 'x\r\n',
    'map.yaml': "k: '${env:V}'\n",
    dir: 'key',
  };
  const block = [
    'attributes: { key: "${file:key.txt}", two: "${file:two.txt}", crlf: "${file:crlf.txt}", named: "${file:${file:dir}.txt}" }',
    'value: ${file:map.yaml}',
  ].join('\n');
  const got = await stamp(block, { files, environment: { V: '7' } });
  assert.deepEqual(got.attributes, { key: 's3cret', two: 'one\n', crlf: 'x', named: 's3cret' });
  assert.deepEqual(got.value, { k: 7 });
});

test('a variable that is not set is a warning, and nothing, not the default', async () => {
  const result = await load(
    withStamp('ratio: ${env:NO_RATIO}\nflags: ${env:NO_FLAGS}\nstrict: ${NO_STRICT}\nvalue: ${env:NO_VALUE}'),
  );
  const got = settings(result, 'stamp');
  assert.deepEqual([got.ratio, got.flags, got.strict, got.value], [undefined, [], false, null]);
  const warnings = result.diagnostics.map(({ severity, message, place }) => [severity, message, place?.line]);
  assert.deepEqual(warnings, [
    ['warning', 'the environment variable NO_RATIO is not set', 7],
    ['warning', 'the environment variable NO_FLAGS is not set', 8],
    ['warning', 'the environment variable NO_STRICT is not set', 9],
    ['warning', 'the environment variable NO_VALUE is not set', 10],
  ]);
});

test('an environment never answers with what every object has', async () => {
  const { diagnostics } = await load(withStamp('value: ${env:constructor}'), { environment: {} });
  assert.equal(diagnostics[0]?.message, 'the environment variable constructor is not set');
});

test('null is an empty block where a block is wanted, and otherwise nothing, with a warning where that is not the default', async () => {
  const yaml = `${HEAD}  vault:\n    endpoint: https://vault.example\n    private_key: '\${env:KEY}'\n    sending_queue:\n    timeout:\n    headers: ~\n    disable_keep_alives: ~\n    max_idle_conns: \${env:EMPTY}\n    idle_conn_timeout: \${env:GONE}\n${TAIL.replace('print', 'vault')}`;
  const result = await load(yaml, { environment: { KEY: 'k-1234567', EMPTY: '' } });
  const got = settings<Record<string, unknown>>(result, 'vault');
  const shown = [got.timeout, got.headers, got.disable_keep_alives, got.max_idle_conns, got.idle_conn_timeout];
  assert.deepEqual(shown, [0, {}, false, 0, 0]);
  assert.equal((got.sending_queue as { num_consumers: number }).num_consumers, 10);
  const told = result.diagnostics.slice(1).map(({ path = '', message }) => `${path}: ${message}`);
  assert.deepEqual(told, [
    'exporters::vault::timeout: the value is empty, which means 0s and not the default 30s',
    'exporters::vault::max_idle_conns: the environment variable EMPTY is empty, which means 0 and not the default 100',
    ': the environment variable GONE is not set',
    'exporters::vault::idle_conn_timeout: the environment variable GONE is not set, which means 0s and not the default 90s',
  ]);
});

test('casts that are traps are made as the Collector makes them, and told', async () => {
  const yaml = `${HEAD}  vault:\n    endpoint: https://vault.example\n    private_key: '\${env:KEY}'\n    timeout: 1500000\n    idle_conn_timeout: \${env:SECONDS}\n    max_idle_conns: 7.9\n${TAIL.replace('print', 'vault')}`;
  const result = await load(yaml, { environment: { KEY: 'k-1234567', SECONDS: '90' } });
  const got = settings<Record<string, unknown>>(result, 'vault');
  assert.deepEqual([got.timeout, got.idle_conn_timeout, got.max_idle_conns], [1.5, 9e-5, 7]);
  assert.deepEqual(
    result.diagnostics.slice(1).map(({ severity, message, place }) => [severity, message, place?.line]),
    [
      ['warning', 'a number without a unit means nanoseconds: 1500000ns', 8],
      ['warning', 'a number without a unit means nanoseconds', 9],
      ['warning', 'the fraction of this number is cut off', 10],
    ],
  );
});

test('a text with commas is a list of texts, but no list of ids', async () => {
  const list = await load(withStamp('flags: a,b'));
  assert.deepEqual(settings(list, 'stamp').flags, ['a', 'b']);
  const given = await load(withStamp('flags: ${env:FLAGS}'), { environment: { FLAGS: 'a, b' } });
  assert.deepEqual(settings(given, 'stamp').flags, ['a', ' b']);
  const ids = await load(withStamp('flags: [~]').replace('receivers: [hooks]', 'receivers: hooks'));
  assert.equal(errors(ids.diagnostics).length, 1);
});

test('later sources are merged over earlier ones: maps join, everything else is replaced', async () => {
  const base = withStamp('attributes: { a: "1", b: "1" }\nflags: [x, y]\nstrict: true');
  const files = { 'over.yaml': 'processors:\n  stamp:\n    attributes: { b: "2", c: "2" }\n    flags: [z]\n' };
  const sources = ['agent.yaml', 'file:over.yaml', 'yaml:processors::stamp::attributes::c: ${env:C}'];
  const result = await load(base, { files, sources, environment: { C: '3' } });
  const got = settings(result, 'stamp');
  assert.deepEqual([got.attributes, got.flags, got.strict], [{ a: '1', b: '2', c: '3' }, ['z'], true]);
});

test('a value that a later source replaces is never looked up', async () => {
  const sources = ['agent.yaml', 'yaml:processors::stamp::value: 1'];
  const result = await load(withStamp('value: ${file:/nowhere}'), { sources });
  assert.equal(settings(result, 'stamp').value, 1);
});

test('an error in a later source names that source', async () => {
  const sources = ['agent.yaml', 'more/over.yaml', 'yaml:exporters::print::verbosity: loud'];
  const files = { 'more/over.yaml': 'processors:\n  stamp:\n    strict: sure\n' };
  const { diagnostics } = await load(withStamp('strict: true'), { sources, files });
  const places = errors(diagnostics).map(({ place }) => `${place?.file}:${place?.line}:${place?.column}`);
  assert.deepEqual(places, ['more/over.yaml:3:13', 'yaml[3]:1:30']);
});

test('sources that cannot be read are errors, all of them', async () => {
  const { config, diagnostics } = await load('', { sources: ['gone.yaml', 'https://config.example/a.yaml'] });
  assert.equal(config, undefined);
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    [
      'unable to read the file "gone.yaml": no such file or directory',
      'cannot resolve the URL "https://config.example/a.yaml": the scheme is not supported here',
    ],
  );
});

test('anchors, aliases and merge keys give shared settings', async () => {
  const yaml = `${HEAD}  vault/a: &a { endpoint: https://a.example, private_key: '\${env:KEY}', application_name: one }
  vault/b: { <<: *a, endpoint: https://b.example }
${TAIL.replace('[print]', '[print, vault/a, vault/b]')}`;
  const result = await load(yaml, { environment: { KEY: 'k-1234567' } });
  const { endpoint, application_name: name } = settings(result, 'vault/b');
  assert.deepEqual([endpoint, name], ['https://b.example', 'one']);
});
