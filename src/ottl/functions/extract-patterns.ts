import { setOwn, type ValueMap } from '../../record/value.ts';
import { groupOf } from '../../regex/regex.ts';
import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { string } from '../parameter.ts';
import { regexOf } from '../pattern.ts';

export const extractPatterns = defineFunction({
  name: 'ExtractPatterns',
  kind: 'converter',
  parameters: { target: string, pattern: string },
  summary: "What the named groups of a regular expression match, as a map; an empty one where it doesn't match.",
  example: {
    statement:
      'merge_maps(log.attributes, ExtractPatterns(log.body, "^(?P<method>\\\\w+) (?P<path>\\\\S+)"), "upsert")',
    before: { body: 'GET /a HTTP/1.1' },
    after: { attributes: { method: 'GET', path: '/a' } },
  },
  create: ({ target, pattern }) => {
    const regexes = regexOf(pattern, 'ExtractPatterns');
    return (context) => {
      const regex = regexes(context);
      if (regex.groupNames.every((name) => name === '')) {
        throw new OttlError('at least 1 named capture group must be supplied in the given regex');
      }
      const text = target(context);
      const match = regex.find(text);
      const groups: ValueMap = {};
      if (!match) return groups;
      for (const [index, name] of regex.groupNames.entries()) {
        if (name !== '') setOwn(groups, name, groupOf(text, match, index + 1) ?? '');
      }
      return groups;
    };
  },
});
