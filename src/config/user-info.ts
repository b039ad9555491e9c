/**
 * The user, password or token in a URL. Whatever stands before the last `@` is taken for it, also where it has a slash or an
 * @ of its own, as passwords have that nobody escaped.
 */
const USER_INFO = /:\/\/([^\s"'<>]*)@/g;

export function withoutUserInfo(text: string): string {
  return text.replace(USER_INFO, '://********@');
}

/** Where it stands. */
export function userInfo(text: string): { start: number; end: number }[] {
  return [...text.matchAll(USER_INFO)].map((match) => {
    const start = match.index + 3;
    return { start, end: start + (match[1] as string).length };
  });
}
