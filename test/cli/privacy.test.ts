/** `privacy`: what leaves, in which form, and to whom. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run } from '../support/run.ts';

interface Row {
  readonly path: string;
  readonly class: string;
  readonly topics: readonly string[];
  readonly forms: Readonly<Record<string, string>>;
  readonly copies: Readonly<Record<string, readonly string[]>>;
}

const CONFIGURATION = `
receivers:
  intercom:
    integrations: [{ name: one, client_secret: '\${env:PATH}', application_name: acme, subsystem_name: s }]
processors:
  intercom_privacy: { level: ids }
  intercom_privacy/hash: { level: no_contact_data, replace_with: hash, hmac_key: '\${env:PATH}0123456789abcdef0123456789abcdef' }
  redaction: { allow_all_keys: true, blocked_key_patterns: ['^email$'] }
  transform:
    log_statements:
      - set(log.attributes["mail"], log.body["intercom"]["data"]["item"]["source"]["author"]["email"])
      - set(log.body["intercom"]["data"]["item"]["source"]["subject"], "A question")
  filter: { log_conditions: ['IsMatch(log.attributes["intercom.topic"], "^contact")'] }
exporters: { otlp_http/a: { endpoint: 'http://localhost:1' }, otlp_http/b: { endpoint: 'http://localhost:1' }, nop: }
service:
  pipelines:
    logs/strict: { receivers: [intercom], processors: [filter, intercom_privacy], exporters: [otlp_http/a] }
    logs/hashed: { receivers: [intercom], processors: [intercom_privacy/hash], exporters: [otlp_http/b] }
    logs/mine: { receivers: [intercom], processors: [transform, redaction], exporters: [nop] }
`;

const NOTIFICATION = {
  ...{ type: 'notification_event', app_id: 'abc123', topic: 'conversation.user.replied', id: 'notif_1' },
  data: {
    item: {
      type: 'conversation',
      id: '215472621202693',
      source: {
        subject: 'Where is it?',
        body: '<p>I am Zebulon Quark, write to zebulon@quark.example</p>',
        author: { type: 'user', id: 'u1', name: 'Zebulon Quark', email: 'zebulon@quark.example' },
        url: 'https://shop.example/orders?token=abc',
      },
      tags: { type: 'tag.list', tags: [{ type: 'tag', id: '5', name: 'shipping' }] },
      contacts: { type: 'contact.list', contacts: [{ type: 'contact', id: 'u1', external_id: 'cust-17' }] },
      data: JSON.stringify({ added_by: { label: 'Zebulon Quark' } }),
      open: true,
    },
  },
};

describe('`privacy`', () => {
  let folder = '';
  let file = '';
  let sample = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'privacy-'));
    file = join(folder, 'agent.yaml');
    sample = join(folder, 'captured.json');
    await writeFile(file, CONFIGURATION);
    await writeFile(sample, JSON.stringify(NOTIFICATION));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const rowsOf = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(['privacy', '--config', file, '--json', ...args]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Row[];
  };

  it('is right for three exporters with different processors, field by field', async () => {
    const rows = await rowsOf(sample);
    const item = 'data.item';
    const told = rows.map(({ path, class: found, forms, copies }) => [path, found, forms, copies] as const);
    const forms = (a: string, b: string, nop: string) => ({ 'otlp_http/a': a, 'otlp_http/b': b, nop });
    assert.deepEqual(told, [
      [`${item}.data -> added_by.label`, 'contact', forms('removed', 'hashed', 'as it is'), {}],
      [`${item}.source.author.email`, 'contact', forms('removed', 'hashed', 'masked'), { nop: ['attributes["mail"]'] }],
      [`${item}.source.author.name`, 'contact', forms('removed', 'hashed', 'as it is'), {}],
      [`${item}.source.body`, 'content', forms('removed', 'masked in part', 'as it is'), {}],
      [`${item}.source.subject`, 'content', forms('removed', 'as it is', 'changed'), {}],
      [`${item}.source.url`, 'link', forms('removed', 'hashed', 'as it is'), {}],
      [`${item}.tags.tags[].name`, 'thing', forms('removed', 'hashed', 'as it is'), {}],
    ]);
    assert.deepEqual(rows[0]?.topics, ['conversation.user.replied']);
  });

  it('is not led astray by elements that go from a list, and takes a text that is masked in part for one that leaves', async () => {
    const listed = join(folder, 'listed.json');
    const item = { ...NOTIFICATION.data.item, tag_ids: ['zebulon@quark.example', 'June Quark', '17', '18'] };
    await writeFile(listed, JSON.stringify({ ...NOTIFICATION, data: { item } }));
    const rows = await rowsOf('--all', listed);
    const told = rows.filter(({ path }) => path === 'data.item.tag_ids[]');
    assert.deepEqual(
      told.map((row) => [row.class, row.forms['otlp_http/a']]),
      [
        ['contact', 'removed'],
        ['id', 'as it is'],
      ],
    );
    const denied = await run(['privacy', '--config', file, '--deny', 'content', sample]);
    assert.match(denied.stderr, /otlp_http\/b: 2 fields that --deny names leave\./);
  });

  it('shows every field with --all', async () => {
    const rows = await rowsOf('--all', sample);
    const forms = { 'otlp_http/a': 'as it is', 'otlp_http/b': 'as it is', nop: 'as it is' };
    for (const path of [
      'id',
      'data.item.open',
      'data.item.contacts.contacts[].external_id',
      'attributes["user.id"]',
      'attributes["intercom.conversation.id"]',
      'resource["cx.application.name"]',
    ])
      assert.deepEqual(rows.find((row) => row.path === path)?.forms, forms, path);
  });

  it('says what is dropped', async () => {
    const rows = await rowsOf('contact.user.created');
    assert.ok(rows.length > 5);
    for (const { forms } of rows) assert.equal(forms['otlp_http/a'], 'dropped');
  });

  it('finds nothing personal that leaves at the level ids, over samples of every topic', async () => {
    const rows = await rowsOf();
    assert.ok(new Set(rows.flatMap(({ topics }) => topics)).size > 20);
    for (const { path, forms, copies } of rows) {
      assert.ok(['removed', 'dropped'].includes(forms['otlp_http/a'] ?? ''), `${path}: ${forms['otlp_http/a']}`);
      assert.equal(copies['otlp_http/a'], undefined, path);
    }
  });

  it('is a table for people', async () => {
    const { stdout } = await run(['privacy', '--config', file, sample]);
    const [head, ...lines] = stdout.split('\n');
    assert.match(head ?? '', /^FIELD +CLASS +otlp_http\/a +otlp_http\/b +nop$/);
    assert.match(lines.join('\n'), /author\.email +contact +removed +hashed +masked -> attributes\["mail"\]/);
    assert.match(stdout, /otlp_http\/a: no personal field leaves as it is\./);
    assert.match(stdout, /nop: fields that leave: contact 3, content 2, link 1, thing 1\./);
  });

  it('fails with --deny where something leaves', async () => {
    const denied = await run(['privacy', '--config', file, '--deny', 'contact,link', sample]);
    assert.equal(denied.code, 1);
    assert.match(denied.stderr, /^nop: 4 fields that --deny names leave\.$/m);
    assert.doesNotMatch(denied.stderr, /otlp_http/);
    assert.equal((await run(['privacy', '--config', file, '--deny', 'custom', sample])).code, 0);
  });

  it('refuses what it does not understand', async () => {
    for (const [args, text] of [
      [['--deny', 'names'], /there is no class "names"; there are: contact, content/],
      [['no.such.topic'], /no\.such\.topic: neither a file nor a known topic/],
      [[folder], /is a directory/],
    ] as const) {
      const { code, stderr } = await run(['privacy', '--config', file, ...args]);
      assert.equal(code, 2);
      assert.match(stderr, text);
    }
  });
});
