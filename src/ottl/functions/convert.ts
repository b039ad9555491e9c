/** From one kind to another. What can't be converted is nil or an error: see coerce.ts. */
import { double } from '../../record/value.ts';
import { defineFunction } from '../function.ts';
import { boolLike, bytesLike, floatLike, intLike, stringLike } from '../parameter.ts';

export const bool = defineFunction({
  name: 'Bool',
  kind: 'converter',
  parameters: { target: boolLike },
  summary: 'The value as a bool: numbers are true unless 0, texts must say true or false; nil stays nil.',
  example: {
    statement: 'set(log.attributes["debug"], Bool(log.body))',
    before: { body: 'T' },
    after: { attributes: { debug: true } },
  },
  create:
    ({ target }) =>
    (context) =>
      target(context),
});

export const doubleFunction = defineFunction({
  name: 'Double',
  kind: 'converter',
  parameters: { target: floatLike },
  summary: 'The value as a double; nil stays nil.',
  example: {
    statement: 'set(log.attributes["seconds"], Double(log.body))',
    before: { body: '1.5' },
    after: { attributes: { seconds: 1.5 } },
  },
  create:
    ({ target }) =>
    (context) => {
      const value = target(context);
      return value === undefined ? undefined : double(value);
    },
});

export const intFunction = defineFunction({
  name: 'Int',
  kind: 'converter',
  parameters: { target: intLike },
  summary: 'The value as an integer: fractions are cut off; nil and a text that is no whole number are nil.',
  example: {
    statement: 'set(log.attributes["status"], Int(log.body))',
    before: { body: '404' },
    after: { attributes: { status: 404 } },
  },
  create:
    ({ target }) =>
    (context) =>
      target(context),
});

export const stringFunction = defineFunction({
  name: 'String',
  kind: 'converter',
  parameters: { target: stringLike },
  summary: 'The value as a text: maps and lists as JSON, bytes in hexadecimal; nil stays nil.',
  example: {
    statement: 'set(log.body, String(log.body))',
    before: { body: { user: 'ada', tries: [1, 2] } },
    after: { body: '{"tries":[1,2],"user":"ada"}' },
  },
  create:
    ({ target }) =>
    (context) =>
      target(context),
});

export const hex = defineFunction({
  name: 'Hex',
  kind: 'converter',
  parameters: { target: bytesLike },
  summary: 'The bytes of the value in hexadecimal: 8 bytes of a number, 1 of a bool, the UTF-8 of a text; nil is "".',
  example: {
    statement: 'set(log.attributes["hex"], Hex(log.body))',
    before: { body: 'hi' },
    after: { attributes: { hex: '6869' } },
  },
  create:
    ({ target }) =>
    (context) =>
      Buffer.from(target(context) ?? []).toString('hex'),
});
