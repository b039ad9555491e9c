/**
 * The name that a named argument stands for: `replacement_format` and `replacementFormat` are ReplacementFormat. A letter behind
 * a digit or an underscore becomes a capital, a capital behind a capital a small one (`sourceIP` is SourceIp), others stay.
 */
export function upperCamel(name: string): string {
  let result = '';
  let capital = true;
  let previous = '';
  for (const char of name) {
    if (/[a-zA-Z]/.test(char)) {
      const isRun = /[A-Z]/.test(previous) && /[A-Z]/.test(char);
      result += capital ? char.toUpperCase() : isRun ? char.toLowerCase() : char;
      capital = false;
    } else {
      if (/\d/.test(char)) result += char;
      capital = true;
    }
    previous = char;
  }
  return result;
}
