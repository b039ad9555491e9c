/** Ids of components and pipelines: `type` or `type/name`, by the Collector's rules, without spaces. */

export interface Id {
  readonly type: string;
  /** Absent where the id is only a type. */
  readonly name?: string;
}

/** Why it is none, in the Collector's words. */
export interface BadId {
  readonly problem: string;
  readonly suggestion?: string;
}

/** Without the spaces that mean nothing to the Collector in a reference: around both parts. */
export function withoutSpaces(id: string): string {
  return id.trim().replace(/^([^/]*?)\s*\/\s*/, '$1/');
}

export function parseId(id: string): Id | BadId {
  const split = id.indexOf('/');
  const type = split < 0 ? id : id.slice(0, split);
  const name = split < 0 ? undefined : id.slice(split + 1);
  const short = id.length > 80 ? `${id.slice(0, 80)}…` : id;
  const shown = JSON.stringify(short);
  if (type.trim() === '') {
    const problem = split < 0 ? 'id must not be empty' : `in ${shown} id: the part before / should not be empty`;
    return { problem, suggestion: 'write the type, or type/name' };
  }
  if (name?.trim() === '') {
    return {
      problem: `in ${shown} id: the part after / should not be empty`,
      suggestion: 'write the type alone, or type/name',
    };
  }
  if (/\s/.test(id)) {
    // The Collector accepts them around both parts, and then ignores the settings that stand under such an id.
    const joined = short
      .trim()
      .replaceAll(/\s*\/\s*/g, '/')
      .replaceAll(/\s+/g, '_');
    return {
      problem: `in ${shown} id: invalid character(s): spaces are not allowed`,
      suggestion: `write ${JSON.stringify(joined)}`,
    };
  }
  if (!/^[a-zA-Z][0-9a-zA-Z_]{0,62}$/.test(type)) {
    return {
      problem: `in ${shown} id: invalid character(s) in type`,
      suggestion: 'a type is a letter, then at most 62 letters, digits and underscores',
    };
  }
  if (name !== undefined && ([...name].length > 1024 || !/^[^\p{Z}\p{C}\p{S}]+$/u.test(name))) {
    return {
      problem: `in ${shown} id: invalid character(s) in name`,
      suggestion: 'a name has no spaces and no symbols such as = + $ |',
    };
  }
  return name === undefined ? { type } : { type, name };
}

export function isBad(id: Id | BadId): id is BadId {
  return 'problem' in id;
}

export function formatId({ type, name }: Id): string {
  return name === undefined ? type : `${type}/${name}`;
}
