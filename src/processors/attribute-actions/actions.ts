/** What the processors `attributes` and `resource` do to a map of attributes. */

import { copyValue, setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { groupOf, Regex } from '../../regex/regex.ts';
import { toRecordValue } from '../written-value.ts';
import { convert } from './convert.ts';
import { hashOf } from './hash.ts';
import type { ActionSettings } from './schema.ts';

/** Changes the attributes in place. Nothing in them is shared with others afterwards that was not before. */
export type Change = (attributes: ValueMap) => void;

/** All actions, one after the other. The settings have passed their schema. */
export function compileActions(actions: readonly ActionSettings[]): Change {
  const changes = actions.map(compile);
  return (attributes) => {
    for (const change of changes) change(attributes);
  };
}

function compile(settings: ActionSettings): Change {
  const { key } = settings;
  switch (settings.action.toLowerCase()) {
    case 'insert':
      return setter(settings, (attributes) => !Object.hasOwn(attributes, key));
    case 'update':
      return setter(settings, (attributes) => Object.hasOwn(attributes, key));
    case 'upsert':
      return setter(settings, () => true);
    case 'delete':
      return forKeys(settings, (attributes, found) => {
        delete attributes[found];
      });
    case 'hash':
      return forKeys(settings, (attributes, found) => setOwn(attributes, found, hashOf(attributes[found])));
    case 'extract':
      return extractor(settings);
    case 'convert':
      return (attributes) => {
        if (Object.hasOwn(attributes, key)) setOwn(attributes, key, convert(attributes[key], settings.converted_type));
      };
    default:
      throw new Error(`BUG: an action ${settings.action}`);
  }
}

function setter(settings: ActionSettings, applies: (attributes: ValueMap) => boolean): Change {
  const { key } = settings;
  const source = sourceOf(settings);
  return (attributes) => {
    if (!applies(attributes)) return;
    const found = source(attributes);
    if (found) setOwn(attributes, key, copyValue(found.value));
  };
}

/** Undefined: there is none. A source may well give a value that is nothing. */
type Source = (attributes: ValueMap) => { readonly value: Value } | undefined;

function sourceOf({ value, default_value, from_attribute, from_context }: ActionSettings): Source {
  if (value !== undefined && value !== null) return always(toRecordValue(value));
  // A record has no client whose address it could be; in the Collector that is a text too, and beats the default.
  if (from_context === 'client.address') return always('');
  const fallback =
    default_value === undefined || default_value === null ? undefined : always(toRecordValue(default_value));
  if (from_attribute === '') return (attributes) => fallback?.(attributes);
  return (attributes) =>
    Object.hasOwn(attributes, from_attribute) ? { value: attributes[from_attribute] } : fallback?.(attributes);
}

function always(value: Value): Source {
  const source = { value };
  return () => source;
}

/** The attribute of the key first, then those whose keys match the pattern: the same one may come twice. */
function forKeys({ key, pattern }: ActionSettings, change: (attributes: ValueMap, key: string) => void): Change {
  const regex = pattern === '' ? undefined : new Regex(pattern);
  return (attributes) => {
    if (Object.hasOwn(attributes, key)) change(attributes, key);
    if (!regex) return;
    for (const found of Object.keys(attributes)) if (regex.test(found)) change(attributes, found);
  };
}

function extractor({ key, pattern }: ActionSettings): Change {
  const regex = new Regex(pattern);
  return (attributes) => {
    const text = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (typeof text !== 'string') return;
    const match = regex.find(text);
    if (!match) return;
    for (const [index, name] of regex.groupNames.entries())
      setOwn(attributes, name, groupOf(text, match, index + 1) ?? '');
  };
}
