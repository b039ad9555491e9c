/** Permissions of a directory as the Collector writes them: octal digits in a text. */

/** What is wrong with it, in the words of the Collector; undefined when nothing is. */
export function modeFault(text: string): string | undefined {
  if (!/^[+-]?[0-7]+$/.test(text)) return 'directory_permissions value must be a valid octal representation';
  const mode = Number.parseInt(text, 8);
  if (mode < 0 || mode > 0o777) return 'directory_permissions contain invalid bits for file access';
  return undefined;
}
