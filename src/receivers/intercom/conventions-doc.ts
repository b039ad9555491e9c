/** Renders docs/intercom-conventions.md from the data that the decoder works with. */
import {
  type AttributeConvention,
  type AttributeType,
  type Entity,
  entities,
} from '../../intercom/convention/model.ts';
import {
  keyBeginnings,
  keyEndings,
  keyMeanings,
  type PersonalClass,
  type PrivacyLevel,
  personalClasses,
  privacyLevels,
  thingKeys,
  thingTypes,
} from '../../intercom/convention/privacy.ts';
import { shapeConventions } from '../../intercom/convention/shapes.ts';
import { attributeConventions, BODY_ERROR } from '../../intercom/convention.ts';
import { SCOPE_NAME } from './decode.ts';
import { severityRules } from './severity.ts';

/** The whole page, ending in a line break. */
export function renderConventions(): string {
  return [
    '# What a record looks like',
    'Every notification becomes one log record. This page is generated from the data that the receiver works with.',
    '## Fields',
    table(
      ['Field', 'Value'],
      [
        [
          '`timestamp`',
          '`created_at` of the notification, in seconds; where it is absent or absurd (before 2011, or more than a day after receipt) the time of receipt',
        ],
        ['`observedTimestamp`', 'when the receiver got it'],
        [
          '`eventName`',
          '`intercom.` and the topic; `intercom.unknown` where there is none or it is no plausible name; `intercom.app.uninstalled` when a workspace removed the app',
        ],
        ['`severity`', 'INFO, or as the table below says; number and text'],
        ['`body`', 'the map `{source_system: "intercom", intercom: <the notification, unchanged>}`'],
        ['scope', `\`${SCOPE_NAME}\` and the version of the agent`],
      ],
    ),
    `A body that is not JSON, not UTF-8 or deeper than 64 levels is carried as text in \`intercom\`, one whose content encoding can not be undone as bytes; the attribute \`${BODY_ERROR}\` then says \`not_json\`, \`not_utf8\`, \`too_deep\` or \`content_encoding\`. Integers are exact up to 64 bits; of equal keys in one object the last counts.`,
    '## Resource',
    table(
      ['Attribute', 'Value'],
      [
        ['`service.namespace`, `cx.application.name`', '`application_name` of the integration or workspace'],
        ['`service.name`, `cx.subsystem.name`', '`subsystem_name` of the integration or workspace'],
        ['`intercom.integration.name`', 'name of the integration'],
      ],
    ),
    '## Severity',
    'The first line that applies counts. The key `severity` overrides it: `severity: info` for one level, or levels by topic, such as `{ "content_stat.*": warn }`.',
    table(
      ['Level', 'When', 'Attribute', 'Values'],
      severityRules.map(({ level, attribute, values, description }) => [
        level.toUpperCase(),
        description,
        `\`${attribute}\``,
        values.map((value) => `\`${value}\``).join(', '),
      ]),
    ),
    '## Attributes',
    'Ids are strings, whatever they were, and "nobody" (0, "0", null, "") is absent. There are no names, addresses, telephone numbers or texts among the attributes: they are in the body only. An id or word that looks like an e-mail address or a telephone number, or is longer than 256 characters, is left out; lists hold 64 elements at most. Of several paths the first with a usable value counts; `[0]` is the first element of a list, `[-1]` the last, `[]` each.',
    'PII: *pseudonymous* stands for a person, *location* is the country or continent of one.',
    ...entities.flatMap(entitySection),
    '## Where things are in an item',
    'By `data.item.type`, or where that is missing or new by the beginning of the topic.',
    table(
      ['Item', 'Types', 'Topics', 'Holds'],
      shapeConventions.map((shape) => [
        shape.shape,
        code(shape.itemTypes),
        code(shape.topics),
        Object.entries(shape.entities)
          .map(
            ([entity, roots]) =>
              `${entity}: ${roots.map((root) => (root === '' ? 'the item' : `\`${root}\``)).join(' or ')}`,
          )
          .join('; '),
      ]),
    ),
    '## Personal data',
    'By the key of a field, whatever the topic: what the processor `intercom_privacy` and the command `privacy` go by. The whole key comes first, then its end, then its beginning; what stands below a key of the classes `contact`, `content`, `custom` or `link`, under a key that is in none of the lists, is of that class too. `id`, `time` and `fact` hold where the value looks like one. A `name` is a `thing` beside a `type`, or below a key, of the last two lists.',
    table(
      ['Class', 'What it is', 'Does not leave at the level'],
      classes.map((name) => [
        `\`${name}\``,
        personalClasses[name],
        levels
          .filter((level) => hiddenAt(level, name))
          .map((level) => `\`${level}\``)
          .join(', '),
      ]),
    ),
    table(
      ['Meaning', 'Keys', 'Ends', 'Beginnings'],
      meanings.map((meaning) => [
        `\`${meaning}\``,
        ...[keyMeanings, keyEndings, keyBeginnings].map((lines) =>
          code(lines.filter(([, means]) => means === meaning).map(([key]) => key)),
        ),
      ]),
    ),
    `Types of things: ${code(thingTypes)}. Keys above a name of one: ${code(thingKeys)}.`,
  ]
    .join('\n\n')
    .concat('\n');
}

const classes = Object.keys(personalClasses) as PersonalClass[];
const levels = Object.keys(privacyLevels) as PrivacyLevel[];
const meanings = [...new Set([...keyMeanings, ...keyEndings, ...keyBeginnings].map(([, meaning]) => meaning))];

function hiddenAt(level: PrivacyLevel, name: PersonalClass): boolean {
  return (privacyLevels[level] as readonly PersonalClass[]).includes(name);
}

/** The table of the README of `intercom_privacy`: what leaves at which level. */
export function renderPrivacyLevels(): string {
  return table(
    ['Class', 'What it is', ...levels.map((level) => `\`${level}\``)],
    classes.map((name) => [
      `\`${name}\``,
      personalClasses[name],
      ...levels.map((level) => (hiddenAt(level, name) ? '' : level === 'off' ? 'leaves' : 'leaves, searched')),
    ]),
  );
}

function entitySection(entity: Entity): string[] {
  const attributes = attributeConventions.filter((attribute) => attribute.entity === entity);
  if (attributes.length === 0) return [];
  return [
    `### ${entity}`,
    table(
      ['Attribute', 'Type', 'Meaning', 'From', 'PII', 'Stability'],
      attributes.map((attribute) => [
        `\`${attribute.name}\``,
        otelTypes[attribute.type],
        attribute.description,
        source(attribute),
        attribute.pii,
        attribute.stability,
      ]),
    ),
  ];
}

function source({ from, also = {} }: AttributeConvention): string {
  return [code(from), ...Object.entries(also).map(([shape, paths]) => `in ${shape} ${code(paths)}`)].join('; ');
}

const otelTypes: Readonly<Record<AttributeType, string>> = {
  id: 'string',
  'id[]': 'string[]',
  enum: 'string',
  'enum[]': 'string[]',
  int: 'int',
  double: 'double',
  boolean: 'boolean',
};

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
