import type { FixJson, LintJson } from '../report/lint.ts';
import type { CallsImportJson } from '../report/calls.ts';
import type { Copy } from '../report/images.ts';
import type { DraftJson } from '../report/drafts.ts';
import type { GateJson } from '../report/gate.ts';
import type { ProgressJson } from '../report/progress.ts';
import type { Explanation, Matrix, SimulationJson } from '../report/simulate.ts';
import type { SubnetJson } from '../report/subnets.ts';
import type { PlansJson, ResultJson, ResultsJson } from '../report/targets.ts';
import type { RuleAbout } from '../model/lint.ts';
import type { Conflict } from '../model/merge.ts';
import type { PlanProof, Step, Wave } from '../model/waves.ts';

/** What each command prints with `--json`, beside `problems`, which every command has. The one place that says so:
 *  the compiler holds the commands to it, and docs/json/*.schema.json is generated from it. Other programs rely on
 *  these shapes: add fields freely, never rename or remove one. */
export interface Outputs {
  readonly init: {
    readonly file: string;
    /** Names of the namespaces that the scan found. */
    readonly namespaces: readonly string[];
    /** Where each of them was found, when the checkouts define clusters; not all of it is in the file. */
    readonly places?: readonly ScannedPlaceJson[];
  };
  readonly new: NewJson | OpenedNamespaceJson;
  readonly render: PlansJson;
  readonly apply: PlansJson;
  readonly diff: PlansJson;
  readonly open: ResultsJson | PreviewJson;
  readonly upgrade: ResultsJson | PlansJson;
  readonly 'wave plan': WavePlanJson;
  readonly 'wave open': (ResultsJson & FleetChanges) | WavePreviewJson;
  readonly 'wave status': ProgressJson & FleetChanges;
  readonly 'wave close': ResultsJson;
  readonly 'calls import': CallsImportJson;
  readonly simulate: SimulationJson | WhyJson | MatricesJson;
  readonly strict: GateJson | StrictJson;
  readonly rollback: RollbackJson | EmergencyJson;
  readonly lint: LintJson | FixJson | BaselineJson | RulesJson | RuleAbout;
  readonly merge: MergeJson | MergeDriverJson;
  readonly images: ImagesJson;
  readonly subnets: SubnetsJson;
}

export type CommandId = keyof Outputs;

interface NewJson extends PlansJson {
  /** What is added to the fleet file under `namespaces`, as fleet.schema.json describes it. */
  readonly entry: object;
}

interface OpenedNamespaceJson extends ResultsJson {
  readonly entry: object;
}

/** `--dry-run`: the pull requests as they would be. */
interface PreviewJson extends PlansJson {
  readonly pullRequests: readonly DraftJson[];
}

interface WavePreviewJson extends PreviewJson {
  /** Targets that are not opened now, each with its reason. */
  readonly waiting: readonly ResultJson[];
}

interface FleetChanges {
  /** Stages that were written into the fleet file: `shop@lab: joined`. */
  readonly fleet: readonly string[];
}

interface WavePlanJson {
  readonly waves: readonly Wave[];
  readonly steps: readonly Step[];
  readonly proof: PlanProof;
  /** `strategy.matrix` of a GitHub workflow: `1/4`, `2/4`, …, without parts that have no target. */
  readonly matrix: { readonly shard: readonly string[] };
}

interface WhyJson {
  readonly call: string;
  readonly places: readonly Explanation[];
}

interface MatricesJson {
  readonly matrices: readonly Matrix[];
}

interface StrictJson extends ResultsJson {
  readonly gate: GateJson;
}

/** `--dry-run` */
interface EmergencyJson {
  /** Those that were ever rolled out. */
  readonly targets: readonly string[];
  /** The emergency commands: a script for sh. */
  readonly emergency: string;
}

interface RollbackJson extends ResultsJson {
  readonly neverRolledOut: readonly ResultJson[];
  readonly emergency: string;
}

/** `--update-baseline` */
interface BaselineJson {
  /** The file that was written. */
  readonly baseline: string;
  /** How many findings it holds. */
  readonly findings: number;
}

/** `--explain` without a rule */
interface RulesJson {
  readonly rules: readonly RuleAbout[];
}

interface MergeJson {
  /** The merged file. */
  readonly text: string;
  readonly conflicts: readonly Conflict[];
}

/** `--install-driver` */
interface MergeDriverJson {
  /** The command line that git runs. */
  readonly command: string;
  /** The attributes file that names the driver. */
  readonly attributes: string;
}

interface ImagesJson {
  readonly cluster: string;
  readonly copies: readonly Copy[];
  /** `--copy-with`: a script for sh. */
  readonly script?: string;
}

interface SubnetsJson {
  readonly vpc: string;
  readonly cluster: string;
  readonly scheme: 'public' | 'internal';
  /** Whether several clusters use the VPC. */
  readonly shared: boolean;
  readonly subnets: readonly SubnetJson[];
}

interface ScannedPlaceJson {
  readonly namespace: string;
  readonly cluster: string;
  /** `owner/name`. */
  readonly repository: string;
  /** The path that Flux builds. */
  readonly directory: string;
  /** How many workloads, Services and charts of the namespace it builds. */
  readonly objects: number;
  /** Whether the fleet file names this path. */
  readonly isTaken: boolean;
}
