import { isList, kindName, type OttlValue } from '../value.ts';

/** The name of the type that Go would print. */
export function typeName(value: OttlValue): string {
  return isList(value) ? '[]interface {}' : kindName(value);
}
