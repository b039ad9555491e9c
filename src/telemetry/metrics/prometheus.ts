/** Prometheus's text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
import type { Buckets, MetricFamily, Sample } from './model.ts';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The text of a scrape; ends with a line break unless it is empty. Names go out as they are, without suffixes. */
export function prometheusText(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => {
      const { name, help, type, samples } = family;
      return [
        `# HELP ${name} ${escapeHelp(help)}\n`,
        `# TYPE ${name} ${type}\n`,
        ...samples.map((sample) => lines(name, sample)),
      ].join('');
    })
    .join('');
}

function lines(name: string, { labels, value }: Sample): string {
  if (typeof value === 'number') return line(name, labels, value);
  return bucketLines(name, labels, value);
}

/** Buckets are cumulative here. */
function bucketLines(name: string, labels: Sample['labels'], { bounds, counts, sum }: Buckets): string {
  let count = 0;
  let text = '';
  for (const [index, inBucket] of counts.entries()) {
    count += inBucket;
    text += line(`${name}_bucket`, { ...labels, le: number(bounds[index] ?? Number.POSITIVE_INFINITY) }, count);
  }
  return text + line(`${name}_sum`, labels, sum) + line(`${name}_count`, labels, count);
}

function line(name: string, labels: Sample['labels'], value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${number(value)}\n`;
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

const escapeHelp = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeLabel = (text: string) => escapeHelp(text).replaceAll('"', '\\"');
