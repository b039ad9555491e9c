/** Bodies as the messenger and mail programs make them, links with secrets in them, and files. */
import type { SampleSource } from './source.ts';

/** What is put below the words of a body. */
interface Extras {
  /** A link to a page, with a query string. */
  readonly link?: boolean;
  /** The customer's address as a mailto: link. */
  readonly mail?: boolean;
  /** A picture behind a signed URL. */
  readonly picture?: boolean;
}

/** HTML; from API version 2.15 on plain text. */
export function body(source: SampleSource, paragraphs: readonly string[], extras: Extras = {}): string {
  const plain = source.generation === '2.x' && source.version >= 15;
  const lines = [...paragraphs, ...below(source, extras, plain)];
  if (plain) return lines.map((line) => source.personal(line)).join('\n\n');
  const written = paragraphs.map((text) => `<p class="no-margin">${source.personal(escaped(text))}</p>`);
  return [...written, ...lines.slice(paragraphs.length)].join('\n');
}

function below(source: SampleSource, { link, mail, picture }: Extras, plain: boolean): string[] {
  const lines: string[] = [];
  const { email } = source.customer;
  if (link) {
    const url = pageUrl(source);
    lines.push(plain ? url : `<p><a href="${source.personal(escaped(url))}" rel="nofollow">${escaped(url)}</a></p>`);
  }
  if (mail) lines.push(plain ? email : `<p>&nbsp;<a href="mailto:${email}">${email}</a></p>`);
  if (picture) {
    const url = signedUrl(source, `${source.hex(8)}.png`);
    lines.push(plain ? `[Image ${url}]` : `<div><img src="${source.personal(escaped(url))}"></div>`);
  }
  return lines;
}

/** The page that the customer was on. */
export function pageUrl(source: SampleSource): string {
  const token = source.personal(source.hex(20));
  const email = source.personal(encodeURIComponent(source.customer.email));
  return source.personal(`https://app.example.com${source.told.page}?session=${token}&email=${email}`);
}

/** Whoever has it may download the file. */
export function signedUrl(source: SampleSource, file: string): string {
  const signature = source.personal(source.hex(40));
  const query = `expires=${source.unix(-3600)}&signature=${signature}&req=${source.personal(source.hex(24))}`;
  return source.personal(
    `https://downloads.example/i/o/${source.digits(9)}/${source.hex()}/${encodeURIComponent(file)}?${query}`,
  );
}

export function attachment(source: SampleSource): object {
  const { file } = source.told;
  const types: Readonly<Record<string, string>> = { pdf: 'application/pdf', jpg: 'image/jpeg', png: 'image/png' };
  return {
    type: 'upload',
    name: source.personal(file),
    url: signedUrl(source, file),
    content_type: types[file.split('.').at(-1) as string] ?? 'application/octet-stream',
    filesize: source.between(900, 2_000_000),
    width: null,
    height: null,
  };
}

/** The headers of a mail that became part of a conversation. */
export function emailMetadata(source: SampleSource, subject: string): object {
  const { customer } = source;
  return {
    subject: source.personal(subject),
    message_id: source.personal(`<${source.hex(16)}@mail.example>`),
    email_address_headers: [
      { type: 'from', name: customer.name, email_address: customer.email },
      {
        type: 'to',
        name: source.personal('Larkspur Helpdesk'),
        email_address: source.personal('helpdesk@support.example'),
      },
    ],
  };
}

function escaped(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/’/g, '&#39;');
}
