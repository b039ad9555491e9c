import { type AttributeConvention, attributesOf } from './model.ts';

export const companyAttributes: readonly AttributeConvention[] = attributesOf('company', [
  ['id', 'id', ['id'], "Intercom's id of the company."],
  ['company_id', 'id', ['company_id'], "The customer's own id of the company."],
  ['plan_id', 'id', ['plan.id', 'plan_id'], 'Id of its plan.'],
  ['size', 'int', ['size'], 'Number of employees.'],
  ['monthly_spend', 'double', ['monthly_spend'], 'What it spends a month, in a unit of the customer.'],
  ['session_count', 'int', ['session_count'], 'Sessions so far.'],
  ['user_count', 'int', ['user_count'], 'Users that belong to it.'],
  ['tag_ids', 'id[]', ['tag_ids[]', 'tags.tags[].id'], 'Tags of the company.'],
]);

export const tagAttributes: readonly AttributeConvention[] = attributesOf('tag', [
  ['id', 'id', ['id'], 'Tag that was put on or taken off.'],
]);

export const subscriptionAttributes: readonly AttributeConvention[] = attributesOf('subscription', [
  ['type_ids', 'id[]', ['data[].id'], 'Subscription types that it is about.'],
  ['states', 'enum[]', ['data[].state'], 'State of each: live, draft or archived.'],
  ['consent_types', 'enum[]', ['data[].consent_type'], 'opt_in or opt_out, of each.'],
]);

export const eventAttributes: readonly AttributeConvention[] = attributesOf('event', [
  ['id', 'id', ['id'], 'Id of the event.'],
  ['name', 'enum', ['event_name'], 'Name of the event, as the application gave it.'],
]);

/** Outbound content: mails, chats, posts, surveys, series. */
export const contentStatAttributes: readonly AttributeConvention[] = attributesOf('content_stat', [
  ['id', 'id', ['id'], 'Id of the statistic.'],
  ['content_type', 'enum', ['content_type'], 'email, chat, post, survey, ...'],
  ['content_id', 'id', ['content_id'], 'Id of the content.'],
  ['stat_type', 'enum', ['stat_type'], 'What happened: receipt, open, click, hard_bounce, ...'],
  ['ruleset_id', 'id', ['ruleset_id'], 'Id of the rule set.'],
  ['ruleset_version_id', 'id', ['ruleset_version_id'], 'Id of its version.'],
  ['receipt_id', 'id', ['receipt_id'], 'Id of the receipt that it belongs to.'],
  ['series_id', 'id', ['series_id'], 'Id of the series.'],
  ['node_id', 'id', ['node_id'], 'Id of the place in the series.'],
  ['question_id', 'id', ['question_id'], 'Question of a survey.'],
]);

export const callAttributes: readonly AttributeConvention[] = attributesOf('call', [
  ['id', 'id', ['id'], 'Id of the call.'],
  ['state', 'enum', ['state'], 'State of the call.'],
  ['direction', 'enum', ['direction'], 'inbound or outbound.'],
  ['type', 'enum', ['call_type'], 'phone, video, ...'],
  ['ended_reason', 'enum', ['ended_reason'], 'Why it ended.'],
  ['duration', 'int', ['duration'], 'Seconds.'],
  ['talk_time', 'int', ['talk_time'], 'Seconds.'],
  ['hold_time', 'int', ['hold_time'], 'Seconds.'],
  ['queue_time', 'int', ['queue_time'], 'Seconds.'],
]);

export const articleAttributes: readonly AttributeConvention[] = attributesOf('article', [
  ['id', 'id', ['id'], 'Id of the article.'],
  ['state', 'enum', ['state'], 'draft or published.'],
  ['content_id', 'id', ['content_id'], 'Id of its content.'],
  ['author_id', 'id', ['author_id'], 'Teammate that wrote it.', 'pseudonymous'],
  ['parent_ids', 'id[]', ['parent_ids[]'], 'Collections that it is in.'],
]);

export const apiRequestAttributes: readonly AttributeConvention[] = attributesOf('api_request', [
  ['id', 'id', ['request_id', 'id'], 'Id of the request.'],
  ['method', 'enum', ['request.method'], 'HTTP method.'],
  ['path', 'enum', ['request.path'], 'Path that was asked for; may hold ids.', 'pseudonymous'],
  ['status', 'int', ['response.status', 'response.status_code'], 'HTTP status of the answer.'],
  ['authentication.method', 'enum', ['authentication.method'], 'How it was authenticated.'],
  ['authentication.app_package_code', 'enum', ['authentication.app_package_code'], 'App that asked.'],
]);

export const dataConnectorAttributes: readonly AttributeConvention[] = attributesOf('data_connector', [
  ['execution_id', 'id', ['id'], 'Id of the execution.'],
  ['action_id', 'id', ['action_id'], 'Data connector that ran.'],
  ['success', 'boolean', ['success'], 'Whether it succeeded.'],
  ['http_status', 'int', ['http_status'], 'HTTP status that it got.'],
  ['error_type', 'enum', ['error_type'], 'Why it failed.'],
  ['execution_time_ms', 'int', ['execution_time_ms'], 'Milliseconds that it took.'],
  ['source_type', 'enum', ['source_type'], 'What started it: workflow, fin, ...'],
  ['source_id', 'id', ['source_id'], 'Id of what started it.'],
]);

export const jobAttributes: readonly AttributeConvention[] = attributesOf('job', [
  ['id', 'id', ['id'], 'Id of the job.'],
  ['status', 'enum', ['status'], 'pending, success or failed.'],
  ['resource_type', 'enum', ['resource_type'], 'What it was about.'],
  ['resource_id', 'id', ['resource_id'], 'Id of what it was about.'],
]);

/** A procedure of Fin that waits for a human. */
export const hitlNotificationAttributes: readonly AttributeConvention[] = attributesOf('hitl_notification', [
  ['step_id', 'id', ['step_id'], 'Step that waits.'],
  ['priority', 'enum', ['priority'], 'How urgent it is.'],
  ['assign_to_id', 'id', ['assign_to.id'], 'Teammate or team that is asked.', 'pseudonymous'],
  ['expires_at', 'int', ['expires_at'], 'Seconds since the epoch.'],
]);

export const audienceMembershipAttributes: readonly AttributeConvention[] = attributesOf('audience_membership', [
  ['audience_id', 'id', ['audience_id', 'audience.id'], 'Audience that gained or lost a member.'],
  ['content_id', 'id', ['content_id', 'content.id'], 'Content that was added or removed.'],
  ['content_type', 'enum', ['content_type', 'content.type'], 'Kind of that content.'],
]);

export const contentImportSourceAttributes: readonly AttributeConvention[] = attributesOf('content_import_source', [
  ['id', 'id', ['id'], 'Id of the source.'],
  ['status', 'enum', ['status'], 'active, deactivated, ...'],
  ['sync_behavior', 'enum', ['sync_behavior'], 'automatic, manual or api.'],
]);
