/**
 * The name that a named argument stands for: `replacement_format` and `replacementFormat` are ReplacementFormat. A letter behind
 * a digit or an underscore is a capital, others stay as they are.
 */
export function upperCamel(name: string): string {
  let result = '';
  let capital = true;
  for (const char of name) {
    if (/[a-zA-Z]/.test(char)) {
      result += capital ? char.toUpperCase() : char;
      capital = false;
    } else {
      if (/\d/.test(char)) result += char;
      capital = true;
    }
  }
  return result;
}
