import { createHash } from 'node:crypto'
import { advise, retail } from '../../advice.ts'
import type { CloudConfig } from '../../config/cloud-config.ts'
import { RetailError } from '../../errors.ts'
import type { ImageBuilder, ImagePlace, Workspace } from '../../ports/index.ts'
import { VERSION } from '../../version.ts'
import { PACKAGE_FILE, packageFile, tarball } from '../package-file.ts'
import { recorded } from '../record.ts'
import { templateFiles } from '../templates.ts'
import { EXTRA_VARIABLES } from './folder.ts'
import type { InfraImageResult } from './result.ts'
import { type InfraOptions, openSession } from './session.ts'

export interface InfraImageOptions extends InfraOptions {
  builder: ImageBuilder
}

/**
 * Builds the image of the cloud's jobs from this package, so that no public registry is needed, and notes it for the
 * next apply. The same package is built once.
 */
export async function infraImage(
  { workspace }: { workspace: Workspace },
  config: CloudConfig,
  { builder, ...options }: InfraImageOptions,
): Promise<InfraImageResult> {
  await using session = await openSession(workspace, config, 'image', options)
  const outputs = (await session.find()) ? await session.outputs() : {}
  const place = outputs.build as ImagePlace | null | undefined
  if (!place)
    throw new RetailError('missing', `project ${session.gcp.project} has no place for images yet`, {
      why: `it is made when ${EXTRA_VARIABLES} has a job without an image: job = {}`,
      hint: advise`add that line, then: ${retail('infra', 'apply')}`,
    })
  const context = buildContext()
  const tag = `${VERSION}-${createHash('sha256').update(context).digest('hex').slice(0, 12)}`
  return await recorded(workspace, 'infra', async () => {
    const started = performance.now()
    options.onStep?.(`asking Artifact Registry for ${place.repository}`)
    const before = await builder.find(place, tag, options.signal)
    const { digest, log } =
      before ?? (await builder.build(place, { tag, context }, { signal: options.signal, onStep: options.onStep }))
    const image = `${place.repository}/retail@${digest}`
    session.useImage(image)
    return {
      target: config.target,
      action: 'image' as const,
      project: session.gcp.project,
      state: session.state,
      image,
      tag,
      built: before === undefined,
      log,
      inUse: outputs.image === image,
      seconds: (performance.now() - started) / 1000,
    }
  })
}

/** The Dockerfile of `init --with docker`, and the package that it installs. The same package gives the same bytes. */
function buildContext(): Buffer {
  const dockerfile = templateFiles('docker').find(({ path }) => path === 'Dockerfile')
  if (!dockerfile) throw new Error('the package has no Dockerfile')
  return tarball([
    { name: 'Dockerfile', bytes: Buffer.from(dockerfile.text) },
    { name: PACKAGE_FILE, bytes: packageFile() },
  ])
}
