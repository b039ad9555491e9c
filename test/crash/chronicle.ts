import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What happened to each notification, line by line in a file: for people, when something went wrong. */
export class Chronicle {
  readonly path: string;
  round = 0;
  readonly #file: WriteStream;
  readonly #began = performance.now();

  constructor(path: string) {
    this.path = path;
    this.#file = createWriteStream(path);
  }

  note(what: string, numbers: readonly number[] = []): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(3);
    this.#file.write(`${seconds} s, round ${this.round}: ${what} ${JSON.stringify(numbers)}\n`);
  }

  /** The lines that speak of a number, shortened. */
  async of(number: number): Promise<string[]> {
    const mention = new RegExp(`\\[(?:\\d+,)*${number}(?:,\\d+)*\\]$`);
    const lines: string[] = [];
    for await (const line of createInterface({ input: createReadStream(this.path) })) {
      if (mention.test(line)) lines.push(line.replace(/\[.*\]$/, (list) => counted(JSON.parse(list) as number[])));
    }
    return lines;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(resolve));
  }
}

function counted(numbers: readonly number[]): string {
  return numbers.length === 1 ? '' : `(one of ${numbers.length})`;
}
