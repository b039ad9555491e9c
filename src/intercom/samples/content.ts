/** What a team publishes, and where it is imported from. */
import type { SampleSource } from './source.ts';
import { body } from './writing.ts';

type Sample = (source: SampleSource) => object;

/** By topic. */
export const contentSamples: Readonly<Record<string, Sample>> = {
  'article.created': (source) => article(source, 'draft'),
  'article.updated': (source) => article(source, 'published'),
  'article.published': (source) => article(source, 'published'),
  'article.unpublished': (source) => article(source, 'draft'),
  'article.deleted': (source) => article(source, 'draft'),
  'audience.created': audience,
  'audience.updated': audience,
  'audience.deleted': (source) => ({ type: 'audience', id: Number(source.digits(4)), deleted: true }),
  'audience.member_added': membership,
  'audience.member_removed': membership,
  'content_snippet.created': snippet,
  'content_snippet.updated': snippet,
  'content_snippet.deleted': (source) => ({ type: 'content_snippet', id: source.digits(6), deleted: true }),
  'content_import_source.created': importSource,
  'content_import_source.updated': importSource,
  'content_import_source.deleted': (source) => ({
    type: 'content_import_source',
    id: Number(source.digits(4)),
    deleted: true,
  }),
};

function article(source: SampleSource, state: 'draft' | 'published'): object {
  const { told, teammate, appId } = source;
  const parent = Number(source.digits(8));
  return {
    id: source.digits(8),
    type: 'article',
    workspace_id: appId,
    parent_id: source.chance(50) ? parent : null,
    parent_type: source.chance(50) ? 'collection' : null,
    parent_ids: [parent],
    statistics: {
      type: 'article_statistics',
      views: source.between(0, 900),
      conversations: source.between(0, 9),
      reactions: source.between(0, 20),
      happy_reaction_percentage: source.between(0, 60),
      neutral_reaction_percentage: source.between(0, 20),
      sad_reaction_percentage: source.between(0, 20),
    },
    tags: { type: 'tag.list', tags: [] },
    content_id: source.digits(8),
    title: source.personal(`How to: ${told.subject}`),
    description: source.personal(`Step by step, by ${teammate.name}`),
    body: body(source, [told.answer, told.closing], { link: true, picture: source.chance(60) }),
    body_markdown: null,
    author_id: teammate.id,
    state,
    created_at: source.zulu(600),
    updated_at: source.zulu(1),
    url: state === 'published' ? `https://help.example/${told.language}/articles/${source.digits(8)}` : null,
  };
}

function audience(source: SampleSource): object {
  return {
    type: 'audience',
    id: Number(source.digits(4)),
    name: source.personal(`Customers of ${source.companyName}`),
    predicates: [
      {
        attribute: 'email',
        type: 'string',
        comparison: 'ends_with',
        value: source.personal(`${source.digits(3)}.example`),
      },
    ],
    created_at: source.unix(600),
    updated_at: source.unix(1),
  };
}

function membership(source: SampleSource): object {
  return {
    type: 'audience_membership',
    audience_id: Number(source.digits(4)),
    content_id: Number(source.digits(6)),
    content_type: source.pick(['article', 'content_snippet', 'external_page']),
  };
}

function snippet(source: SampleSource): object {
  return {
    type: 'content_snippet',
    id: source.digits(6),
    title: source.personal(source.told.subject),
    body: body(source, [source.told.note]),
    locale: source.told.language,
    created_by_id: source.teammate.id,
    created_at: source.unix(600),
    updated_at: source.unix(1),
  };
}

function importSource(source: SampleSource): object {
  return {
    type: 'content_import_source',
    id: Number(source.digits(4)),
    last_synced_at: source.unix(60),
    status: source.pick(['active', 'deactivated']),
    url: source.personal(`https://handbook.example/${source.hex(8)}?preview=${source.hex(16)}`),
    sync_behavior: source.pick(['automatic', 'manual', 'api']),
    created_at: source.unix(600),
    updated_at: source.unix(1),
    audience_ids: [Number(source.digits(4))],
  };
}
