/** From a tree to a text, as xmlquery writes it: no empty tags, and few characters as they were. */
import { OttlError } from '../error.ts';
import { trimSpace } from '../space.ts';
import type { XmlNode } from './node.ts';
import { MAX_DEPTH } from './reader.ts';

/** Nodes may stand in several places, so that little may become much. */
const MAX_LENGTH = 2 ** 26;

interface Output {
  readonly parts: string[];
  length: number;
}

/** All that is within the node. @throws {OttlError} where nodes stand within themselves */
export function innerXml(node: XmlNode): string {
  const output: Output = { parts: [], length: 0 };
  const keepsSpace = keepsSpaces(node, true);
  for (const child of node.children()) write(output, child, keepsSpace, 0);
  return output.parts.join('');
}

/** Texts within the node, without comments. */
export function innerText(node: XmlNode): string {
  if (node.kind === 'text' || node.kind === 'cdata') return node.data;
  if (node.kind === 'comment') return '';
  let text = '';
  for (const child of node.children()) text += innerText(child);
  return text;
}

function write(output: Output, node: XmlNode, outer: boolean, depth: number): void {
  if (depth > MAX_DEPTH) throw new OttlError(`exceeded maximum XML nesting depth of ${MAX_DEPTH}`);
  const keepsSpace = keepsSpaces(node, outer);
  switch (node.kind) {
    case 'text':
      put(output, escaped(keepsSpace ? node.data : trimSpace(node.data)));
      return;
    case 'cdata':
      put(output, `<![CDATA[${node.data}]]>`);
      return;
    case 'comment':
      put(output, `<!--${node.data}-->`);
      return;
    case 'notation':
      put(output, `<!${node.data}>`);
      return;
    case 'instruction':
      put(output, node.instruction === '' ? `<?${node.data}?>` : `<?${node.data} ${node.instruction}?>`);
      return;
    case 'declaration':
      put(output, `<?${node.data}${attributesOf(node)}?>`);
      break;
    default:
      put(output, `<${nameOf(node)}${attributesOf(node)}>`);
  }
  for (const child of node.children()) write(output, child, keepsSpace, depth + 1);
  if (node.kind !== 'declaration') put(output, `</${nameOf(node)}>`);
}

function put(output: Output, text: string): void {
  output.length += text.length;
  if (output.length > MAX_LENGTH) throw new OttlError('the XML is too large');
  output.parts.push(text);
}

function nameOf({ prefix, data }: XmlNode): string {
  return prefix === '' ? data : `${prefix}:${data}`;
}

function attributesOf({ attributes }: XmlNode): string {
  return attributes
    .map(({ name, value }) => ` ${name.space === '' ? '' : `${name.space}:`}${name.local}="${escaped(value)}"`)
    .join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  "'": '&#39;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
};

function escaped(text: string): string {
  return text.replace(/[&'<>"]/g, (char) => ESCAPES[char] as string);
}

function keepsSpaces(node: XmlNode, outer: boolean): boolean {
  const wish = node.attributeValue({ space: 'xml', local: 'space' });
  return wish === 'preserve' || (wish !== 'default' && outer);
}
