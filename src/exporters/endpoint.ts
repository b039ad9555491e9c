import { basicAuthorization } from '../net/proxy.ts';

/** Whether a text is an absolute http(s) URL; the reason, without the text, when it is not. */
export function endpointFault(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'is not a URL; expected for example https://otlp.example.com';
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return 'needs the scheme http:// or https://';
  }
  return url.hash ? 'must not have a fragment (#...)' : undefined;
}

/** Splits a checked URL into what is asked for and the credentials that stood in it, so that those are never shown. */
export function withoutCredentials(text: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(text);
  const authorization = basicAuthorization(url, 'endpoint');
  url.username = '';
  url.password = '';
  return { url, headers: authorization ? { authorization } : {} };
}
