/** Reads Prometheus's text format 0.0.4, by its description and not by our writer; refuses what is not in it. */
export interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: { readonly name: string; readonly labels: Record<string, string>; readonly value: number }[];
}

export function readPrometheus(text: string): ReadFamily[] {
  const families: ReadFamily[] = [];
  if (text === '') return families;
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const lines = text.slice(0, -1).split('\n');
  for (let at = 0; at < lines.length; ) {
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s.exec(lines[at] as string);
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(lines[at + 1] ?? '');
    if (!help || !type || help[1] !== type[1]) throw new Error(`no head of a family: ${lines[at]}`);
    const name = help[1] as string;
    if (families.some((family) => family.name === name)) throw new Error(`${name} twice`);
    const family: ReadFamily = {
      name,
      help: unescaped(help[2] as string, false),
      type: type[2] as string,
      samples: [],
    };
    families.push(family);
    for (at += 2; at < lines.length && !(lines[at] as string).startsWith('#'); at++) {
      const sample = readSample(lines[at] as string);
      const known = family.type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];
      if (!known.includes(sample.name)) throw new Error(`${sample.name} is no sample of ${name}`);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (family.samples.some((one) => JSON.stringify([one.name, Object.entries(one.labels).sort()]) === key))
        throw new Error(`a sample twice: ${lines[at]}`);
      family.samples.push(sample);
    }
  }
  return families;
}

function readSample(line: string): ReadFamily['samples'][number] {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  let at = name.length;
  const labels: Record<string, string> = {};
  if (line[at] === '{') {
    for (at++; line[at] !== '}'; ) {
      const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="/.exec(line.slice(at));
      if (!label) throw new Error(`no label: ${line.slice(at)}`);
      at += label[0].length;
      const start = at;
      while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1;
      if (Object.hasOwn(labels, label[1] as string)) throw new Error(`a label twice: ${line}`);
      labels[label[1] as string] = unescaped(line.slice(start, at), true);
      at++;
      if (line[at] === ',') at++;
      else if (line[at] !== '}') throw new Error(`no end of labels: ${line.slice(at)}`);
    }
    at++;
  }
  const value = /^ (NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.exec(line.slice(at))?.[1];
  if (value === undefined) throw new Error(`no value: ${line.slice(at)}`);
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function unescaped(text: string, quoted: boolean): string {
  return text.replace(/\\(.?)/gs, (_, char: string) => {
    if (char === 'n') return '\n';
    if (char === '\\' || (quoted && char === '"')) return char;
    throw new Error(`no escape: \\${char}`);
  });
}
