/** `doctor` at an OTLP backend: what `coralogix` and `otlp_http` share. */
import { connect as connectTls } from 'node:tls';
import type { ComponentContext, Examination } from '../component.ts';
import { bareHost, portOf } from '../net/proxy.ts';
import type { LogRecord } from '../record/log-record.ts';
import type { Finding } from '../telemetry/finding.ts';
import { explainAnswer, explainClock, explainTrouble, type Hint, SPEAKS_TLS } from './otlp-explanation.ts';
import type { OtlpSender, Probe } from './otlp-sender.ts';

/** A backend that is slower is in trouble, whatever `timeout` says; and nobody waits longer for a doctor. */
const PATIENCE_MS = 10_000;
const HANDSHAKE_MS = 2000;

export interface OtlpExamination extends Examination {
  /** @throws {Error} in words, when it can't be made with this configuration */
  create(): OtlpSender;
  readonly hint?: Hint;
}

/** Asks with an empty request, then, unless that says enough, with the record. See `ExporterFactory.examine`. */
export async function examineOtlp(
  { create, hint = () => undefined, record, signal }: OtlpExamination,
  context: Pick<ComponentContext, 'clock'>,
): Promise<Finding[]> {
  let sender: OtlpSender | undefined;
  try {
    sender = create();
    await sender.start();
    return await examine(sender, context, { hint, signal, ...(record && { record }) });
  } catch (error) {
    return [{ severity: 'error', message: error instanceof Error ? error.message : String(error) }];
  } finally {
    await sender?.shutdown(AbortSignal.abort());
  }
}

async function examine(
  sender: OtlpSender,
  { clock }: Pick<ComponentContext, 'clock'>,
  { record, signal, hint }: Examination & { hint: Hint },
): Promise<Finding[]> {
  const ask = async (records: readonly LogRecord[]) => {
    const patience = new AbortController();
    const timer = clock.schedule(PATIENCE_MS, () => patience.abort());
    try {
      return await sender.probe(records, AbortSignal.any([signal, patience.signal]));
    } finally {
      timer.cancel();
    }
  };
  const empty = await ask([]);
  const probe = record && mayStillTake(empty) ? await ask([record]) : empty;
  const trouble = (await explainPlain(probe)) ?? explainTrouble(probe, hint);
  const clockTrouble = explainClock(probe);
  const findings = [
    ...(trouble ? [trouble] : explainAnswer(probe, probe === empty ? 0 : 1)),
    ...(clockTrouble ? [clockTrouble] : []),
  ];
  return findings.length > 0 ? findings : [wellness(probe, probe === empty)];
}

/** An empty request is nothing that every backend likes: what it says of its content is not held against it. */
function mayStillTake({ outcome, answer }: Probe): boolean {
  return (
    outcome.kind === 'delivered' || outcome.kind === 'reject' || outcome.kind === 'split' || answer?.status === 500
  );
}

function wellness({ url, answer, ms }: Probe, wasEmpty: boolean): Finding {
  const what = wasEmpty ? 'an empty request' : 'a test record';
  return { severity: 'ok', message: `${url.host} answered ${answer?.status} to ${what} in ${Math.round(ms)} ms` };
}

/** A server that waits for TLS mostly just hangs up on plain HTTP: so it is asked for TLS. */
async function explainPlain({ url, error, answer }: Probe): Promise<Finding | undefined> {
  if (url.protocol !== 'http:' || !error || answer || error.atProxy) return undefined;
  if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE' && !error.code.startsWith('HPE_')) return undefined;
  if (!(await speaksTls(url))) return undefined;
  return { severity: 'error', message: `${url.host} hangs up on plain HTTP (${error.code})`, advice: SPEAKS_TLS };
}

function speaksTls(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    // Whose certificate it is does not matter: nothing is sent.
    const socket = connectTls({ host: bareHost(url), port: portOf(url), rejectUnauthorized: false });
    const done = (speaks: boolean) => {
      socket.destroy();
      resolve(speaks);
    };
    socket.setTimeout(HANDSHAKE_MS, () => done(false));
    socket.once('secureConnect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}
