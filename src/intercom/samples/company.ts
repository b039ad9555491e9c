import { contact, customAttributes } from './contact.ts';
import type { SampleSource } from './source.ts';

/** By topic. */
export const companySamples: Readonly<Record<string, (source: SampleSource) => object>> = {
  'company.created': company,
  'company.updated': company,
  'company.deleted': ({ companyId }) => ({ id: companyId, type: 'company', deleted: true }),
  // These two have no type.
  'company.contact.attached': (source) => ({
    company: company(source),
    contact: contact(source, source.pick(['user', 'lead'])),
  }),
  'company.contact.detached': (source) => ({ company: company(source), contact: contact(source, 'user') }),
};

function company(source: SampleSource): object {
  const names = {
    type: 'company',
    id: source.companyId,
    company_id: `org-${source.digits(4)}`,
  };
  if (source.generation === '1.x')
    return {
      ...names,
      name: source.companyName,
      remote_created_at: source.unix(864_000),
      created_at: source.unix(86_400),
      updated_at: source.unix(1),
      custom_attributes: customAttributes(source),
    };
  return {
    ...names,
    app_id: source.appId,
    name: source.companyName,
    ...(source.chance(60)
      ? { plan: { type: 'plan', id: source.digits(6), name: source.personal('Acorn annual, negotiated') } }
      : { plan_id: null }),
    ...(source.chance(70) && {
      size: source.between(5, 400),
      website: source.personal(`https://www.${source.pick(['kestrel', 'bluefern'])}${source.digits(3)}.example`),
      industry: source.personal('Freight & Logistics'),
    }),
    remote_created_at: source.chance(70) ? source.unix(864_000) : null,
    created_at: source.iso(86_400),
    updated_at: source.iso(1),
    last_request_at: source.chance(50) ? source.iso(60) : null,
    monthly_spend: source.between(0, 900),
    session_count: source.between(0, 200),
    user_count: source.between(1, 60),
    tag_ids: source.chance(30) ? [Number(source.digits(8))] : [],
    custom_attributes: customAttributes(source),
  };
}
