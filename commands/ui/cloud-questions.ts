import { formatSize, parseSize } from '../sizes.ts'
import type { Prompts } from './prompts.ts'
import type { CloudAnswers, InitAnswers, Question } from './question.ts'

type Key = Exclude<keyof CloudAnswers, 'ingest' | 'max_bytes_billed' | 'credentials' | 'impersonate'>

const isCloud = ({ target }: InitAnswers) => target === 'gcp'

/** What target gcp wants to know besides. */
export const cloudQuestions: readonly Question[] = [
  text('project', 'Which project? Its id', false, (cloud, project) => ({
    // A name that was made of the old project follows the new one.
    bucket: cloud.bucket === bucketOf(cloud.project) ? bucketOf(project) : cloud.bucket,
  })),
  text('location', 'Where do data live? US, EU or a region; it cannot be changed later'),
  text('region', 'In which region do things run?'),
  text('bucket', 'Which bucket? Its name is one in all the world'),
  text('dataset', 'How do the names of the datasets begin?'),
  {
    ...about('ingest'),
    show: ({ gcp }) => gcp!.ingest,
    ask: async (prompts, { gcp }) => ({
      gcp: {
        ...gcp!,
        ingest: await prompts.select(
          'How do live events get into BigQuery?',
          [
            { value: 'load' as const, name: 'load: `retail load` moves them, each batch once' },
            { value: 'subscription' as const, name: 'subscription: Pub/Sub writes them itself; nothing to run' },
          ],
          gcp!.ingest,
        ),
      },
    }),
  },
  {
    ...about('max_bytes_billed'),
    show: ({ gcp }) => `${formatSize(gcp!.max_bytes_billed)} for a query at most`,
    async ask(prompts, { gcp }) {
      const check = await checkOf('max_bytes_billed', parseSize)
      const typed = await prompts.input(
        'How much may a query be billed for at most?',
        formatSize(gcp!.max_bytes_billed),
        check,
      )
      return { gcp: { ...gcp!, max_bytes_billed: parseSize(typed) ?? gcp!.max_bytes_billed } }
    },
  },
  text('stream_stop_after', 'After how long does a forgotten stream end by itself?'),
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

/** The schema says what can be typed; it is loaded when somebody types. */
async function checkOf(
  key: keyof CloudAnswers,
  parse: (text: string) => unknown = (text) => text,
): Promise<(text: string) => true | string> {
  const { gcpSection } = await import('../../src/config/gcp.ts')
  return (text) => {
    const value = parse(text.trim())
    if (value === undefined) return 'a size, like 10GiB or 500MiB'
    const outcome = gcpSection.shape[key].safeParse(value)
    return outcome.success ? true : outcome.error.issues[0].message
  }
}
