/**
 * The instant of the marts: a table of BigQuery's marts dataset only, with one row, which changes in the same
 * transaction as the marts.
 */
export const publishedInstant = {
  name: 'published',
  fields: [
    {
      name: 'history',
      mode: 'REQUIRED',
      type: 'INTEGER',
      description: 'end of history in the marts, seconds since 1970',
    },
    { name: 'live', mode: 'REQUIRED', type: 'INTEGER', description: 'instant of the marts, seconds since 1970' },
    { name: 'job', mode: 'REQUIRED', type: 'STRING', description: 'the job that published them' },
  ],
} as const
