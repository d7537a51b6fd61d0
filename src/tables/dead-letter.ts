/**
 * Messages that could not be read as events, and why: a table of BigQuery's raw dataset only. It stores messages
 * unchanged, so its types are BigQuery's own.
 */
export const deadLetter = {
  name: 'dead_letter',
  fields: [
    { name: 'received_at', mode: 'REQUIRED', type: 'TIMESTAMP', description: 'when retail received the message, UTC' },
    { name: 'subscription', mode: 'REQUIRED', type: 'STRING', description: 'the subscription that delivered it' },
    { name: 'message_id', mode: 'REQUIRED', type: 'STRING', description: 'message id in Pub/Sub' },
    { name: 'reason', mode: 'REQUIRED', type: 'STRING', description: 'why it is not a valid event' },
    { name: 'attributes', mode: 'NULLABLE', type: 'JSON', description: 'attributes of the message, unchanged' },
    { name: 'data', mode: 'NULLABLE', type: 'BYTES', description: 'body of the message, unchanged' },
  ],
} as const
