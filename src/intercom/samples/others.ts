import { assignee } from './contact.ts';
import type { SampleSource } from './source.ts';
import { pageUrl } from './writing.ts';

/** By topic. */
export const otherSamples: Readonly<Record<string, (source: SampleSource) => object>> = {
  ping: (source) => ({
    type: 'ping',
    message: source.pick(['hello from the other side', 'knock, knock', 'is anybody in?']),
  }),
  'event.created': event,
  'data_connector.execution.completed': dataConnector,
  'job.completed': job,
  'procedure.hitl_notification.created': hitlNotification,
};

function event(source: SampleSource): object {
  const { customer, told } = source;
  const token = source.personal(source.hex(24));
  return {
    type: 'event',
    id: source.uuid(),
    event_name: source.pick(['invoice-exported', 'order-placed', 'plan-changed']),
    // When it happened, which may be long ago.
    created_at: source.unix(source.pick([2, 60, 86_400])),
    user_id: customer.externalId,
    intercom_user_id: customer.id,
    email: customer.email,
    metadata: {
      pages: source.between(1, 9),
      file: source.personal(told.file),
      ordered_by: customer.name,
      receipt: {
        value: source.personal(`R-${source.digits(7)}`),
        url: source.personal(`https://app.example.com/receipts?key=${token}`),
      },
      price: { currency: 'eur', amount: source.between(100, 90_000) },
    },
  };
}

/** Three in four failed: demonstrations are of trouble. */
function dataConnector(source: SampleSource): object {
  const failed = source.chance(75);
  return {
    type: 'data_connector.execution',
    id: source.digits(9),
    app_id: source.appId,
    action_id: source.digits(8),
    action_name: 'Look up order',
    success: !failed,
    http_status: failed ? source.pick([502, 503, 404]) : 200,
    error_type: failed ? source.pick(['third_party_error', 'timeout_error']) : null,
    execution_time_ms: source.between(200, 9000),
    completed_at: source.zulu(1),
    source_type: source.pick(['workflow', 'fin', 'inbox']),
    source_id: source.digits(8),
    conversation_id: source.conversationId,
    user_id: source.customer.id,
    admin_id: source.chance(30) ? String(source.teammate.id) : null,
  };
}

function job(source: SampleSource): object {
  const id = `job_${source.hex(16)}`;
  const resource = source.digits(8);
  const token = source.personal(source.hex(32));
  return {
    type: 'job',
    id,
    url: source.personal(`https://jobs.example/${id}?token=${token}`),
    status: source.pick(['success', 'success', 'failed']),
    resource_type: source.pick(['tickets', 'contacts']),
    resource_id: resource,
    resource_url: source.personal(`https://jobs.example/results/${resource}?token=${token}`),
  };
}

function hitlNotification(source: SampleSource): object {
  const { told, customer, colleague } = source;
  return {
    type: 'procedure.hitl_notification',
    conversation_id: source.conversationId,
    step_id: source.uuid(),
    procedure_name: source.personal(`Refund for ${source.companyName}`),
    hitl_question: source.personal(`May ${customer.name} get the money back? ${told.subject}`),
    priority: source.pick(['normal', 'high']),
    assign_to: { ...assignee(source, source.pick(['admin', 'team'])), name: colleague.name },
    expires_at: source.unix(-3600),
    callback_url: source.personal(
      `https://callbacks.example/hitl/${source.hex(12)}?token=${source.personal(source.hex(40))}`,
    ),
    recent_messages: [
      { role: 'user', author: customer.name, body: source.personal(told.question), page: pageUrl(source) },
      { role: 'assistant', author: source.personal('Larkspur Helper'), body: source.personal(told.answer) },
      { role: 'user', author: customer.name, body: source.personal(told.detail) },
    ],
  };
}
