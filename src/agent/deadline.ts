import type { Clock } from '../clock.ts';

/**
 * Awaits a piece of shutting down, but not much longer than the deadline: a component that ignores it must not keep the
 * process from ending. Errors are given to `report`.
 */
export async function within(
  work: Promise<unknown>,
  {
    deadline,
    clock,
    graceMs,
    report,
  }: { deadline: AbortSignal; clock: Clock; graceMs: number; report: (error: unknown) => void },
): Promise<void> {
  let finish: () => void = () => {};
  const late = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let timer: { cancel(): void } | undefined;
  const begin = () => {
    timer = clock.schedule(graceMs, () => {
      report(new Error('it did not stop before the deadline'));
      finish();
    });
  };
  if (deadline.aborted) begin();
  else deadline.addEventListener('abort', begin, { once: true });
  await Promise.race([work.catch(report), late]);
  deadline.removeEventListener('abort', begin);
  timer?.cancel();
}
