/**
 * What could not be read as an event, and why: a table of the cloud's raw dataset only. It holds messages as they came, so its
 * types are BigQuery's own.
 */
export const deadLetter = {
  name: 'dead_letter',
  fields: [
    { name: 'received_at', mode: 'REQUIRED', type: 'TIMESTAMP', description: 'when it was read, UTC' },
    { name: 'subscription', mode: 'REQUIRED', type: 'STRING', description: 'the subscription it came by' },
    { name: 'message_id', mode: 'REQUIRED', type: 'STRING', description: "Pub/Sub's id of the message" },
    { name: 'reason', mode: 'REQUIRED', type: 'STRING', description: 'why it is no event' },
    { name: 'attributes', mode: 'NULLABLE', type: 'JSON', description: 'of the message, as they came' },
    { name: 'data', mode: 'NULLABLE', type: 'BYTES', description: 'the body of the message, as it came' },
  ],
} as const
