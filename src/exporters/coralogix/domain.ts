/** The domains of Coralogix' regions, and what people paste in their place. */

/** Region, domain, and the older name that still works. */
export const REGIONS: readonly { region: string; domain: string; formerly?: string }[] = [
  { region: 'US1', domain: 'us1.coralogix.com', formerly: 'coralogix.us' },
  { region: 'US2', domain: 'us2.coralogix.com', formerly: 'cx498.coralogix.com' },
  { region: 'US3', domain: 'us3.coralogix.com' },
  { region: 'EU1', domain: 'eu1.coralogix.com', formerly: 'coralogix.com' },
  { region: 'EU2', domain: 'eu2.coralogix.com' },
  { region: 'AP1', domain: 'ap1.coralogix.com', formerly: 'coralogix.in' },
  { region: 'AP2', domain: 'ap2.coralogix.com', formerly: 'coralogixsg.com' },
  { region: 'AP3', domain: 'ap3.coralogix.com' },
];

/** Longest first, so that the suffix of a host is found in its most special form. */
const KNOWN = REGIONS.flatMap(({ domain, formerly }) => (formerly ? [domain, formerly] : [domain])).sort(
  (a, b) => b.length - a.length,
);

export type DomainVerdict =
  | { readonly kind: 'known' }
  /** Looks like a domain, but not like one of these: perhaps a new region. */
  | { readonly kind: 'unknown' }
  /** Something else was pasted; `suggestion` is the domain it belongs to, where that can be told. */
  | { readonly kind: 'wrong'; readonly message: string; readonly suggestion?: string };

export function judgeDomain(text: string): DomainVerdict {
  const value = text.trim().toLowerCase();
  const withoutLink = value.startsWith('private.') ? value.slice('private.'.length) : value;
  if (text === value && KNOWN.includes(withoutLink)) return { kind: 'known' };
  const region = REGIONS.find((candidate) => candidate.region.toLowerCase() === value);
  if (region) return wrong('is a region; expected its domain', region.domain);
  const host = value
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^.*@/, '')
    .replace(/:\d*$/, '');
  const parent = KNOWN.find((domain) => host === domain || host.endsWith(`.${domain}`));
  // xx1.coralogix.com that is not in the list: a region that opened later, rather than a team of EU1.
  if (host === value && parent !== host && /^(?:private\.)?(?:[a-z]{2}\d+|cx\d+)\.coralogix\.com$/.test(host))
    return { kind: 'unknown' };
  if (parent && /^(?:ingress|api|otel-[a-z]+)\./.test(host)) {
    return wrong('is one of the endpoints of a region; expected the domain alone', parent);
  }
  if (parent === host) return wrong('is more than the domain; expected it alone, in lower case', parent);
  if (parent)
    return wrong('is the address of the user interface, where no logs can be sent; expected the domain', parent);
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(value)
    ? { kind: 'unknown' }
    : wrong('is not a domain; expected for example eu2.coralogix.com');
}

function wrong(message: string, suggestion?: string): DomainVerdict {
  return { kind: 'wrong', message, ...(suggestion && { suggestion }) };
}
