import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './shared.ts';

export interface CodeBlock {
  readonly file: string;
  /** Line of its first line of code. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown file of the repository; those in lists lose their indentation. */
export async function codeBlocks(file: string): Promise<CodeBlock[]> {
  const blocks: CodeBlock[] = [];
  let open: { indent: number; language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of (await readFile(join(repository, file), 'utf8')).split('\n').entries()) {
    const fence = /^(\s*)```(\w*)/.exec(line);
    if (!fence) open?.lines.push(line.slice(open.indent));
    else if (open) {
      blocks.push({ file, line: open.line, language: open.language, text: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else open = { indent: (fence[1] as string).length, language: fence[2] as string, line: index + 2, lines: [] };
  }
  return blocks;
}

/** Every Markdown file that a user reads. */
export async function documents(): Promise<string[]> {
  const components = await readdir(join(repository, 'src'), { recursive: true });
  const docs = await readdir(join(repository, 'docs'));
  return [
    'README.md',
    ...docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
    ...components.filter((name) => name.endsWith('README.md')).map((name) => `src/${name}`),
  ];
}
