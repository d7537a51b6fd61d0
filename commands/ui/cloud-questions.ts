import { targets } from '../../src/config/targets.ts'
import { formatSize, parseSize } from '../sizes.ts'
import type { Prompts } from './prompts.ts'
import type { CloudAnswers, InitAnswers, Question } from './question.ts'

type Key = Exclude<keyof CloudAnswers, 'ingest' | 'max_bytes_billed' | 'credentials' | 'impersonate'>

const isCloud = ({ target }: InitAnswers) => targets[target].needs !== undefined

/** The additional questions for target gcp. */
export const cloudQuestions: readonly Question[] = [
  text('project', 'Project id', false, (cloud, project) => ({
    // A name derived from the old project follows the new one.
    bucket: cloud.bucket === bucketOf(cloud.project) ? bucketOf(project) : cloud.bucket,
  })),
  text('location', 'Data location: US, EU, or a region (cannot be changed later)'),
  text('region', 'Region where jobs run'),
  text('bucket', 'Bucket name (must be globally unique)'),
  text('dataset', 'Prefix of the dataset names'),
  {
    ...about('ingest'),
    show: ({ gcp }) => gcp!.ingest,
    ask: async (prompts, { gcp }) => ({
      gcp: {
        ...gcp!,
        ingest: await prompts.select(
          'How should live events get into BigQuery?',
          [
            { value: 'load' as const, name: 'load: the load command moves them, each batch exactly once' },
            { value: 'subscription' as const, name: 'subscription: Pub/Sub writes them directly; nothing to run' },
          ],
          gcp!.ingest,
        ),
      },
    }),
  },
  {
    ...about('max_bytes_billed'),
    show: ({ gcp }) => `${formatSize(gcp!.max_bytes_billed)} per query at most`,
    async ask(prompts, { gcp }) {
      const check = await checkOf('max_bytes_billed', parseSize)
      const typed = await prompts.input('Maximum bytes billed per query', formatSize(gcp!.max_bytes_billed), check)
      return { gcp: { ...gcp!, max_bytes_billed: parseSize(typed) ?? gcp!.max_bytes_billed } }
    },
  },
  text('stream_stop_after', 'Stop a forgotten stream after'),
]

export const bucketOf = (project: string): string => (project ? `${project}-retail` : '')

function about(
  key: keyof CloudAnswers,
  optional = true,
): Pick<Question, 'name' | 'flags' | 'settings' | 'optional' | 'when'> {
  const words = key.replaceAll('_', '-')
  return { name: key.replaceAll('_', ' '), flags: [`--${words}`], settings: [`gcp.${key}`], optional, when: isCloud }
}

function text(
  key: Key,
  message: string,
  optional = true,
  follow: (cloud: CloudAnswers, answer: string) => Partial<CloudAnswers> = () => ({}),
): Question {
  return {
    ...about(key, optional),
    show: ({ gcp }) => gcp![key],
    async ask(prompts: Prompts, { gcp }) {
      const typed = (await prompts.input(message, gcp![key], await checkOf(key))).trim()
      return { gcp: { ...gcp!, ...follow(gcp!, typed), [key]: typed } }
    },
  }
}

/** Loads the schema, which validates the input, only when somebody types. */
async function checkOf(
  key: keyof CloudAnswers,
  parse: (text: string) => unknown = (text) => text,
): Promise<(text: string) => true | string> {
  const { gcpSection } = await import('../../src/config/gcp.ts')
  return (text) => {
    const value = parse(text.trim())
    if (value === undefined) return 'expected a size, such as 10GiB or 500MiB'
    const outcome = gcpSection.shape[key].safeParse(value)
    return outcome.success ? true : outcome.error.issues[0].message
  }
}
