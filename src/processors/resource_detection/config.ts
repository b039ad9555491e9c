import { z } from 'zod';
import { duration } from '../../config/blocks/scalars.ts';
import { didYouMean } from '../../config/suggest.ts';

export const DETECTORS = ['env', 'system'] as const;

/** Detectors of the Collector that ask clouds, clusters and other services. */
const ELSEWHERE = new Set(
  `akamai aks alibaba_ecs azure consul digitalocean docker dynatrace ec2 ecs eks elastic_beanstalk gcp heroku hetzner
   ibmcloud_classic ibmcloud_vpc k8s_api k8snode kubeadm lambda nova openshift oraclecloud scaleway tencent_cvm upcloud
   vultr`.split(/\s+/),
);

/** Attributes of the system detector, with what the Collector does by default. */
const ATTRIBUTES = {
  'host.name': true,
  'os.type': true,
  'host.id': false,
  'host.arch': false,
  'host.ip': false,
  'host.mac': false,
  'host.interface': false,
  'host.cpu.model.name': false,
  'os.description': false,
} as const;

export type SystemAttribute = keyof typeof ATTRIBUTES;

/** Those that Node.js gives no way to find out. */
const UNKNOWN = [
  'host.cpu.cache.l2.size',
  'host.cpu.family',
  'host.cpu.model.id',
  'host.cpu.stepping',
  'host.cpu.vendor.id',
  'os.build.id',
  'os.name',
  'os.version',
] as const;

const switchFor = (name: string, fallback: boolean) =>
  z
    .strictObject({ enabled: z.boolean().default(fallback).describe(`Whether ${name} is set.`) })
    .prefault({})
    .describe(`\`${name}\` of the resource.`);

const unknownSwitch = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .refine((enabled) => !enabled, 'this attribute is not supported: Node.js gives no way to find it out')
      .describe('true is refused.'),
  })
  .prefault({})
  .describe('Not supported.');

type Switches<Names extends string, Schema> = Record<Names, Schema>;

const attributes = z.strictObject({
  ...(Object.fromEntries(
    Object.entries(ATTRIBUTES).map(([name, fallback]) => [name, switchFor(name, fallback)]),
  ) as Switches<SystemAttribute, ReturnType<typeof switchFor>>),
  ...(Object.fromEntries(UNKNOWN.map((name) => [name, unknownSwitch])) as Switches<
    (typeof UNKNOWN)[number],
    typeof unknownSwitch
  >),
});

const SOURCES = ['dns', 'os', 'cname', 'lookup'];

const source = z.string().superRefine((name, context) => {
  if (SOURCES.includes(name)) return;
  const message = `hostname_sources contains invalid value: ${JSON.stringify(name)}`;
  context.addIssue({ code: 'custom', message });
});

const detector = z.string().superRefine((name, context) => {
  if (DETECTORS.some((known) => known === name)) return;
  const isElsewhere = ELSEWHERE.has(name);
  const message = isElsewhere
    ? `the detector ${JSON.stringify(name)} is one of the Collector that this agent does not have`
    : `invalid detector key: ${name}`;
  const instead = 'set what it would find in OTEL_RESOURCE_ATTRIBUTES, or with the processor resource';
  const suggestion = isElsewhere
    ? instead
    : (didYouMean(name, DETECTORS) ?? `the detectors are ${DETECTORS.join(', ')}`);
  context.addIssue({ code: 'custom', message, params: { suggestion } });
});

export const config = z.strictObject({
  detectors: z
    .array(detector)
    .default(['env'])
    .describe('env: OTEL_RESOURCE_ATTRIBUTES. system: the machine. What the first finds, the next do not change.'),
  override: z.boolean().default(true).describe('Whether what is found replaces what resources have already.'),
  timeout: duration('5s').describe('Accepted for Collector files: nothing has to be waited for.'),
  refresh_interval: duration('0s').describe('Only 0s: what is found at the start stays.'),
  system: z
    .strictObject({
      hostname_sources: z
        .array(source)
        .default([])
        .describe('Accepted for Collector files: the name is that of the operating system.'),
      resource_attributes: attributes.prefault({}).describe('Which attributes are set.'),
    })
    .prefault({})
    .describe('The detector system.'),
});

export type ResourceDetectionConfig = z.output<typeof config>;
