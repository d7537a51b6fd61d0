/**
 * Messages that are not in their table, and why: a table of BigQuery's raw dataset only. It stores messages unchanged,
 * so its types are BigQuery's own. Rows are only added: whoever deals with a message adds its row again, with a state,
 * and the row that was marked last counts.
 */
export const deadLetter = {
  name: 'dead_letter',
  fields: [
    { name: 'received_at', mode: 'REQUIRED', type: 'TIMESTAMP', description: 'when retail received the message, UTC' },
    { name: 'subscription', mode: 'REQUIRED', type: 'STRING', description: 'the subscription that delivered it' },
    { name: 'message_id', mode: 'REQUIRED', type: 'STRING', description: 'message id in Pub/Sub' },
    { name: 'reason', mode: 'REQUIRED', type: 'STRING', description: 'why it is not in its table' },
    { name: 'attributes', mode: 'NULLABLE', type: 'JSON', description: 'attributes of the message, unchanged' },
    { name: 'data', mode: 'NULLABLE', type: 'BYTES', description: 'body of the message, unchanged' },
    { name: 'fact', mode: 'NULLABLE', type: 'STRING', description: 'the table that it was sent to, if known' },
    { name: 'event_id', mode: 'NULLABLE', type: 'STRING', description: 'id of the event of this world, if it is one' },
    { name: 'event_time', mode: 'NULLABLE', type: 'TIMESTAMP', description: 'instant of that event, UTC' },
    {
      name: 'state',
      mode: 'NULLABLE',
      type: 'STRING',
      description: 'replayed or dropped; NULL: nobody has dealt with it',
    },
    { name: 'marked_at', mode: 'NULLABLE', type: 'TIMESTAMP', description: 'when it got this state, UTC' },
    { name: 'marked_by', mode: 'NULLABLE', type: 'STRING', description: 'who gave it this state' },
    { name: 'note', mode: 'NULLABLE', type: 'STRING', description: 'why it was dropped' },
  ],
} as const
