import type { CloudConfig } from '../config/cloud-config.ts'
import type { Config } from '../config/schema.ts'
import type {
  Arrival,
  FindLacking,
  ImageBuilder,
  IsBilled,
  MakeAgents,
  Ports,
  RemoteJob,
  TakeInventory,
  TargetTraits,
  Unable,
} from '../ports/index.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * A target: its capabilities, as data, and how to open it. Where two targets differ in kind, a member is a union with a
 * discriminant, so that a caller decides before it calls: no member is optional, and none throws because it has no
 * meaning here. A target is loaded for its data alone, so modules that need a client library are imported when it is
 * opened.
 */
export interface Target extends TargetTraits {
  readonly events: { readonly by: 'lake' } | { readonly by: 'broker'; arrival(config: Config): Arrival }
  readonly infra: { readonly needed: false; readonly why: string } | NeededInfra
  /** Whether a remote job can generate history. */
  readonly job: { readonly can: true; open(config: Config): Promise<RemoteJob> } | Unable
  /** The checks of `init` before anything is created. */
  readonly preflight: { readonly checks: false } | Preflight
  /**
   * The service that opening it calls, and the identity used; printed before the call. Undefined: only this machine.
   */
  whomItCalls(config: Config, env: Environment): string | undefined
  /** Everything that verbs need. */
  open(config: Config): Promise<Ports>
  /** What a worker thread needs: it writes parts and caches snapshots, and knows no database. */
  openLake(config: Config): Promise<Pick<Ports, 'lake' | 'workspace'>>
}

/** Created by Terraform in a Google project. */
export interface NeededInfra {
  readonly needed: true
  configOf(config: Config): CloudConfig
  /** Counts what exists, before a destroy. */
  openInventory(config: Config): Promise<TakeInventory>
  /** What roles are granted to, and nobody but Google can create. */
  openAgents(config: Config): Promise<MakeAgents>
  /** Builds the image of the jobs. */
  openImages(config: Config): Promise<ImageBuilder>
}

/** Whether this machine and this account are ready for `infra apply`. */
export interface Preflight {
  readonly checks: true
  /**
   * The permissions that creating everything requires, and the role that grants each. `options`: the text of
   * infra.tfvars, which turns optional parts on.
   */
  permissionsFor(options: string): Readonly<Record<string, string>>
  configOf(config: Config): CloudConfig
  openPermissions(config: Config): Promise<FindLacking>
  openBilling(config: Config): Promise<IsBilled>
}
