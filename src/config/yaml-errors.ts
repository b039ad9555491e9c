/** What is wrong with a YAML text, in words. */
import type { Span } from './source.ts';

export interface YamlProblem {
  readonly severity: 'error' | 'warning';
  readonly at: Span;
  readonly message: string;
  readonly suggestion?: string;
}

export const REFERENCE_IN_FLOW = `inside of [ ] and { } a reference needs quotes: "\${env:NAME}"`;

/** The parser's codes in words; its own texts may quote the file, which may hold a secret. */
export function explain(code: string, message: string): { message: string; suggestion?: string } {
  const bracket = / end with a ([}\]])/.exec(message)?.[1];
  if (bracket)
    return { message: `a ${bracket} is missing here`, suggestion: 'is every bracket and every quote closed?' };
  switch (code) {
    case 'BAD_INDENT':
    case 'BAD_COLLECTION_TYPE':
      return {
        message: 'the indentation does not fit the lines around it',
        suggestion: 'align it with its neighbours',
      };
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used for indentation', suggestion: 'use spaces' };
    case 'MULTILINE_IMPLICIT_KEY':
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'this is neither a key nor a value that can stand here',
        suggestion: 'a key needs ": " behind it, its value stands on the same line or deeper; quote texts with a colon',
      };
    case 'MISSING_CHAR':
      if (message.includes('quote')) return { message: 'a quoted text is not closed' };
      if (message.startsWith('Implicit map keys')) {
        return { message: 'this key has no value', suggestion: 'write a colon and a space behind the key' };
      }
      return { message: 'a comma, a colon or a space is missing here', suggestion: REFERENCE_IN_FLOW };
    case 'BAD_DQ_ESCAPE':
      return { message: 'an unknown escape in double quotes', suggestion: "use single quotes: '\\d+' stays as it is" };
    case 'BAD_SCALAR_START':
      return { message: 'a text cannot start with this character', suggestion: 'put the text in quotes' };
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'MULTIPLE_ANCHORS':
      return {
        message: 'an anchor or an alias is not well formed',
        suggestion: 'a text that starts with * or & needs quotes',
      };
    case 'BLOCK_IN_FLOW':
      return { message: 'a block list or map cannot stand inside of [ ] or { }', suggestion: 'is a bracket closed?' };
    case 'BAD_DIRECTIVE':
      return { message: 'an unknown % directive', suggestion: 'a text that starts with % needs quotes' };
    case 'UNEXPECTED_TOKEN':
      return { message: 'this cannot stand here', suggestion: 'is a bracket or a quote further up not closed?' };
    default:
      return { message: 'is not valid YAML here' };
  }
}
