/** What becomes of the commands of a page that begin like this; or of all from this block on. */
export type Exception =
  | { line: string; why: string }
  | { block: number; why: string }
  /** It runs until somebody stops it: Ctrl-C, as soon as it has printed this. */
  | { line: string; stop: RegExp }
  /** Something that the text around it lets the reader do before. */
  | { line: string; first: string }

export interface Page {
  file: string
  /** The folder of the commands: a fresh one, or the shop that several pages share because they take a workspace for granted. */
  in: 'home' | 'shop'
  exceptions?: readonly Exception[]
}

const HAS_TEST = (file: string) => `test/${file}.test.ts runs it`
const CLOUD = 'needs Google Cloud; test/gcp/journey.test.ts types the commands of retail against emulators'
const INSTALLS = 'fetches packages; test/package.test.ts installs the package file and runs its demo'
const OTHER_SERVER = 'needs a server at this address; test/destination-servers.test.ts runs it against one here'
const PIPELINES = HAS_TEST('engines/pipelines')

const AIRFLOW =
  'installs or needs an Airflow; test/engines/airflow.test.ts, make.test.ts, and docker.test.ts run what it starts'
const DAILY = `mkdir marts && duckdb retail.duckdb "COPY marts.daily_sales TO 'marts/daily_sales.parquet'; COPY (SELECT day, store_id, sum(revenue) AS revenue FROM marts.daily_sales GROUP BY ALL) TO 'daily.parquet'"`

const MINE = `for file in $(find history/transactions -name '*.ndjson' | sort); do
  folder=flat/$(tr / _ <<< $file)
  mkdir -p $folder && cp $file $folder/transactions.ndjson
done
your-pipeline flat/ mine.ndjson dead.ndjson && duckdb "COPY (FROM 'mine.ndjson') TO 'mine.parquet'"`

/** Every page with commands. A command that is not an exception runs as it is written and must end as the page says. */
export const PAGES: readonly Page[] = [
  {
    file: 'README.md',
    in: 'home',
    exceptions: [
      { line: 'npm ', why: INSTALLS },
      { line: 'npx ', why: INSTALLS },
      { line: 'retail demo', why: 'takes a minute; test/package.test.ts runs a smaller one' },
    ],
  },
  { file: 'docs/tutorial.md', in: 'home' },
  {
    file: 'docs/dbt.md',
    in: 'shop',
    exceptions: [{ line: 'retail dbt -- docs serve', stop: /Press Ctrl\+C to exit/ }],
  },
  {
    file: 'docs/dashboard.md',
    in: 'shop',
    exceptions: [{ line: 'retail dashboard --open', stop: /http:\/\/127\.0\.0\.1:\d+/ }],
  },
  { file: 'docs/data.md', in: 'shop' },
  {
    file: 'docs/scale.md',
    in: 'shop',
    exceptions: [
      { line: 'retail verify --merge', first: 'for i in 2 3 4 5 6 7 8; do retail verify --shard $i/8; done' },
      { line: 'retail stream --shard', why: CLOUD },
      { line: 'rsync ', why: HAS_TEST('shards') },
    ],
  },
  {
    file: 'docs/faults.md',
    in: 'shop',
    exceptions: [
      { line: 'retail stream --to - --rate 500', stop: /T/ },
      { line: 'retail grade --transactions mine.parquet', first: MINE },
      { line: 'retail stream --speed max', why: CLOUD },
      { line: 'retail load', why: CLOUD },
      { line: 'retail transform', why: CLOUD },
    ],
  },
  {
    file: 'docs/doors.md',
    in: 'shop',
    exceptions: [
      { line: 'retail stream --to - --rate 50', stop: /\d/ },
      { line: 'kcat ', why: OTHER_SERVER },
      { line: "retail stream --to 'kafka", why: OTHER_SERVER },
      { line: 'retail stream --to kafka', why: OTHER_SERVER },
      { line: 'retail init ', why: PIPELINES },
      { line: 'cp -r ', why: PIPELINES },
      { line: 'sql-client.sh', why: PIPELINES },
      { line: 'retail grade', why: PIPELINES },
      { line: 'export ', why: OTHER_SERVER },
      { line: "retail stream --to 'https", why: HAS_TEST('destinations') },
      { line: 'retail stream --to postgres', why: OTHER_SERVER },
      { line: 'retail backfill --to postgres', why: OTHER_SERVER },
      { line: 'psql ', why: OTHER_SERVER },
    ],
  },
  {
    file: 'docs/grade.md',
    in: 'shop',
    exceptions: [
      { block: 3, why: PIPELINES },
      { line: 'retail grade --aggregate daily.parquet', first: DAILY },
    ],
  },
  { file: 'docs/airflow.md', in: 'home', exceptions: [{ block: 0, why: AIRFLOW }] },
  { file: 'docs/gcp.md', in: 'home', exceptions: [{ block: 0, why: CLOUD }] },
]
