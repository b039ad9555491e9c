/** Feature gates: behaviour that is switched on or off by name, as `--feature-gates=name,-other`. */

/** Ours, with what each does when it is on. All are off unless they are named. */
export const GATES: Readonly<Record<string, string>> = {
  'agent.singleThread':
    'processing stays on the thread that answers Intercom, however much there is; otherwise it gets one of its own under load',
  'confmap.enableMergeAppendOption':
    'lists of receivers, exporters and extensions in service are joined by later sources, not replaced',
  'config.trustRemote':
    'configuration from http and https may refer to the environment and to files of this machine, and name code to run',
};

/** The Collector's, of which nothing depends on here: a command line that names them works, and is told so. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'exporter.file.nativeCompression',
  'extension.healthcheck.useComponentStatus',
  'filelog.allowFileDeletion',
  'filelog.allowHeaderMetadataParsing',
  'filelog.mtimeSortType',
  'filelog.protobufCheckpointEncoding',
  'filter.filterlog.useOTTLBridge',
  'logs.assignKeys',
  'logs.jsonParserArray',
  'ottl.PanicDuplicateName',
  'ottl.contexts.enableOTelColContext',
  'ottl.functions.enableLambda',
  'pdata.useProtoPooling',
  'processor.filter.defaultErrorModeIgnore',
  'processor.transform.defaultErrorModeIgnore',
  'receiverhelper.newReceiverMetrics',
  'service.AllowNoPipelines',
  'service.profilesSupport',
  'stanza.synchronousLogEmitter',
  'telemetry.newPipelineTelemetry',
  'transform.flatten.logs',
]);

export interface Gates {
  /** Ours that are on. */
  readonly on: ReadonlySet<string>;
  /** The Collector's that were named. */
  readonly withoutEffect: readonly string[];
}

/** @throws {RangeError} for a gate that nobody has; the message is the Collector's. */
export function parseGates(text: string, before?: Gates): Gates {
  const on = new Set(before?.on);
  const withoutEffect = [...(before?.withoutEffect ?? [])];
  for (const item of text.split(',')) {
    const name = item.replace(/^[-+]/, '');
    if (Object.hasOwn(GATES, name)) {
      if (item.startsWith('-')) on.delete(name);
      else on.add(name);
    } else if (WITHOUT_EFFECT.has(name)) withoutEffect.push(name);
    else if (item !== '') {
      const valid = [...Object.keys(GATES), ...WITHOUT_EFFECT].sort().join(' ');
      throw new RangeError(`no such feature gate ${JSON.stringify(name)}. valid gates: [${valid}]`);
    }
  }
  return { on, withoutEffect };
}
