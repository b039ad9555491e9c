/** What became of a post, in words. */

/** The agent has answered, but not 200. */
export function meaning(status: number): string {
  const meanings: Readonly<Record<number, string>> = {
    401: 'the running agent has another secret for this integration',
    403: 'allow_from does not contain this machine',
    404: 'the running agent has no integration at this path; does it run with another configuration or data directory?',
    413: 'the body is larger than max_request_body_size',
    429: 'it can store nothing now; its log and health page say why',
    503: 'it is stopping',
  };
  return meanings[status] ?? 'see its log';
}

/** There was no answer. */
export function unreachable(url: string, error: unknown): string {
  const { host } = new URL(url);
  const cause = causeOf(error);
  if ((cause as NodeJS.ErrnoException).code === 'ECONNREFUSED')
    return `nothing listens at ${host}: is the agent running? intercom-otel-agent run --config ...`;
  if ((error as Error).name === 'TimeoutError')
    return `no answer from ${host} within 5 s; Intercom would have given up, too`;
  return `${host}: ${cause instanceof Error ? cause.message : String(cause)}`;
}

/** The same in one word, to count by. */
export function noAnswer(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return 'timeout';
  return (causeOf(error) as NodeJS.ErrnoException).code ?? 'error';
}

/** "200 × 598, 429 × 2", the most frequent first. */
export function countsInWords(counts: ReadonlyMap<string, number>): string {
  const byCount = [...counts].sort(([, first], [, second]) => second - first);
  return byCount.map(([outcome, count]) => `${outcome} × ${count}`).join(', ') || 'nothing was sent';
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}
