import { setTimeout as sleep } from 'node:timers/promises'
import { advise, retail } from '../../advice.ts'
import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import type { BuiltImage, ImageBuilder, ImagePlace } from '../../ports/index.ts'
import { openRest, type RestClient } from './rest-client.ts'
import { callErrorOf, explainCloudError, isNotFound, isTransient, retrySite, scaledForEmulator } from './retry.ts'

/** The name of the image in its repository. */
const NAME = 'retail'
const PATIENCE_MS = 5 * 60_000
const LOOK_MS = { first: 1_000, most: 10_000 }
/** Installing two dbt environments takes most of it. */
const BUILD_SECONDS = 1800

/** The fields of the Cloud Build API (v1) that we read. */
interface Build {
  id?: string
  status?: string
  statusDetail?: string
  logUrl?: string
  results?: { images?: { digest?: string }[] }
}
const ENDED = ['SUCCESS', 'FAILURE', 'INTERNAL_ERROR', 'TIMEOUT', 'CANCELLED', 'EXPIRED']

/** Cloud Build, with the account, bucket, and repository of `terraform/modules/image`. */
export async function openImageBuilder(config: Config, env: NodeJS.ProcessEnv = process.env): Promise<ImageBuilder> {
  const [registry, storage, builds] = await Promise.all(
    ['artifactregistry', 'storage', 'cloudbuild'].map((service) => openRest(config, service, env)),
  )
  const { project } = registry.cloud.gcp
  const site = retrySite('Cloud Build', { patienceMs: PATIENCE_MS })
  const call = <T>(client: RestClient, doing: string, ...[path, options]: Parameters<RestClient['ask']>): Promise<T> =>
    site
      .run(() => client.ask<T>(path, options), isTransient, options?.signal)
      .catch((error) => {
        throw explainError(error, doing)
      })

  const builder: ImageBuilder = {
    async find(place, tag, signal) {
      const repository = place.repository.split('/').at(-1)
      const path = `v1/projects/${project}/locations/${place.region}/repositories/${repository}/packages/${NAME}/tags/${tag}`
      try {
        const { version } = await site.run(
          () => registry.ask<{ version?: string }>(path, { signal }),
          isTransient,
          signal,
        )
        const digest = version?.split('/').at(-1)
        return digest === undefined ? undefined : { digest, log: undefined }
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw explainError(error, `looking for ${place.repository}/${NAME}:${tag}`)
      }
    },

    async build(place, { tag, context }, { signal, onStep }) {
      const object = `${tag}.tgz`
      onStep?.(`asking Cloud Storage to keep the sources in gs://${place.sources}/${object} for a day`)
      const upload = `upload/storage/v1/b/${place.sources}/o?uploadType=media&name=${encodeURIComponent(object)}`
      await call(storage, `uploading to gs://${place.sources}`, upload, { method: 'POST', data: context, signal })
      const at = `v1/projects/${project}/locations/${place.region}/builds`
      onStep?.(`asking Cloud Build for ${place.repository}/${NAME}:${tag}; this takes some minutes`)
      const begun = await call<{ metadata?: { build?: Build } }>(builds, 'starting the build', at, {
        method: 'POST',
        data: buildOf(project, place, tag, object),
        signal,
      })
      const id = begun.metadata?.build?.id
      if (id === undefined) throw new Error('Cloud Build did not return the build that it started')
      onStep?.(`its log: ${begun.metadata?.build?.logUrl}`)
      for (let wait = LOOK_MS.first; ; wait = Math.min(LOOK_MS.most, wait * 1.5)) {
        const build = await call<Build>(builds, `checking the build ${id}`, `${at}/${id}`, { signal })
        if (ENDED.includes(build.status ?? '')) return await ended(builder, place, tag, build)
        // Only an abort ends it early.
        await sleep(scaledForEmulator(wait), undefined, { signal }).catch(() => {
          throw stopped(id)
        })
      }
    },
  }
  return builder
}

/** A repeated build of the same tag cannot replace the first one: then that one counts. */
async function ended(builder: ImageBuilder, place: ImagePlace, tag: string, build: Build): Promise<BuiltImage> {
  const digest = build.results?.images?.[0]?.digest
  if (build.status === 'SUCCESS' && digest !== undefined) return { digest, log: build.logUrl }
  const before = await builder.find(place, tag)
  if (before) return before
  throw new RetailError('failed', `the build of ${place.repository}/${NAME}:${tag} ended with ${build.status}`, {
    why: build.statusDetail,
    hint: advise`see ${build.logUrl ?? 'its log'}, then: ${retail('infra', 'image')}`,
  })
}

/** The Dockerfile mounts its context, which needs BuildKit. */
const buildOf = (project: string, { repository, sources, account }: ImagePlace, tag: string, object: string) => ({
  source: { storageSource: { bucket: sources, object } },
  steps: [
    {
      name: 'gcr.io/cloud-builders/docker',
      env: ['DOCKER_BUILDKIT=1'],
      args: ['build', '--tag', `${repository}/${NAME}:${tag}`, '.'],
    },
  ],
  images: [`${repository}/${NAME}:${tag}`],
  serviceAccount: `projects/${project}/serviceAccounts/${account}`,
  options: { logging: 'CLOUD_LOGGING_ONLY' },
  timeout: `${BUILD_SECONDS}s`,
})

function explainError(error: unknown, doing: string): unknown {
  const { code, message } = callErrorOf(error)
  if (code !== 403) return explainCloudError(error, doing)
  return new RetailError('cloud_denied', `not allowed while ${doing}`, {
    why: message.split('\n')[0],
    hint: 'ask for roles/cloudbuild.builds.editor, roles/storage.objectUser, roles/artifactregistry.reader, and roles/iam.serviceAccountUser',
    cause: error,
  })
}

const stopped = (id: string) =>
  new RetailError('stopped', `stopped following the build ${id}`, {
    why: 'it continues in the cloud',
    hint: advise`${retail('infra', 'image')} finds its image when it is done`,
  })
