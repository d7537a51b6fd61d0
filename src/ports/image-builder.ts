/** Where `terraform/modules/image` lets images be built and kept. */
export interface ImagePlace {
  /** `us-central1-docker.pkg.dev/my-shop/retail` */
  repository: string
  /** The bucket for sources. */
  sources: string
  /** Email of the account that builds. */
  account: string
  region: string
}

export interface BuiltImage {
  /** `sha256:…` */
  digest: string
  /** The URL of the build's log; undefined if it was built before. */
  log: string | undefined
}

/** Builds container images on machines of the cloud. A tag names one image forever. */
export interface ImageBuilder {
  /** Undefined: no image has this tag. */
  find(place: ImagePlace, tag: string, signal?: AbortSignal): Promise<BuiltImage | undefined>
  /** Builds the Dockerfile in `context`, a gzipped tar archive, and keeps the image under its tag. */
  build(place: ImagePlace, image: { tag: string; context: Buffer }, options: BuildOptions): Promise<BuiltImage>
}

export interface BuildOptions {
  /** On abort, retail stops following; the build continues. */
  signal?: AbortSignal | undefined
  onStep: ((text: string) => void) | undefined
}
