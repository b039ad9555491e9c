/** What stands between the percent sign and the verb. */
export interface Flags {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  width: number | undefined;
  precision: number | undefined;
}

export const NO_FLAGS: Flags = {
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
};

/** With spaces, or, to the left, with zeros. */
export function pad(value: string, { width = 0, minus, zero }: Flags): string {
  const missing = width && width - [...value].length;
  if (missing <= 0) return value;
  return minus ? value + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + value;
}
