// The library: everything that the commands do, as functions. Importing it does nothing by itself.

export { CruddurError, InterruptedError, UsageError, type ErrorKind } from './lib/errors.ts'
export type { OnProgress, ProgressEvent, VerbOptions } from './lib/progress.ts'

export { displayUrl, parseConnectionUrl, type Target } from './lib/target/connection-url.ts'
export type { Confirmation, GuardFacts, GuardQuestion } from './lib/target/guard.ts'
export { Redactor } from './lib/target/redact.ts'
export type { SslMode } from './lib/target/ssl-mode.ts'

export {
  createPool,
  type Parameter,
  type Pool,
  type PoolOptions,
  type Queryable,
} from './lib/postgres/pool.ts'
export { ServerError, type ServerMessage } from './lib/postgres/server-message.ts'
export type { DatabaseVerbOptions } from './lib/postgres/database-verb.ts'
export { createDatabase, type CreateOptions, type CreateResult } from './lib/postgres/create-database.ts'
export { dropDatabase, type DropOptions, type DropResult } from './lib/postgres/drop-database.ts'
export { listSessions, blockingTree, type Session } from './lib/postgres/sessions.ts'
export { killSessions, type KillOptions, type KillResult } from './lib/postgres/kill-sessions.ts'
export { databaseStatus, type DatabaseStatus } from './lib/postgres/status.ts'

export {
  loadScript,
  type LoadOptions,
  type LoadResult,
  type ScriptOptions,
} from './lib/script/load-script.ts'
export { ScriptError } from './lib/script/script-error.ts'
export type { Location } from './lib/script/locate.ts'
export type { ScriptInput } from './lib/script/script-set.ts'
export { setupDatabase, type SetupOptions, type SetupResult } from './lib/setup/setup-database.ts'

export { startPrompt } from './lib/prompt/start-prompt.ts'
export type { PromptEnd, PromptOptions } from './lib/prompt/prompt-options.ts'
export {
  runStatements,
  type RunStatementsOptions,
  type StatementResult,
} from './lib/prompt/run-statements.ts'
export { StatementError } from './lib/prompt/statement-error.ts'
export { findPsql } from './lib/prompt/find-psql.ts'
export { runPsql, type PsqlEnd, type PsqlOptions } from './lib/prompt/psql.ts'

export { startServer, type StartServerOptions } from './lib/server/start.ts'
export { stopServer, type StopServerOptions, type StopServerResult } from './lib/server/stop.ts'
export { serverStatus, type ServerStatus } from './lib/server/status.ts'
export { serverLog, type ServerLog } from './lib/server/log.ts'
export { embeddedTarget, type ServerInfo } from './lib/server/server-info.ts'

export { openAwsSession, type AwsChoice, type AwsSession } from './lib/aws/session.ts'
export { findPublicIp, type FindPublicIpOptions, type PublicIp } from './lib/ingress/public-ip.ts'
export { letMachineIn, type LetMachineInOptions, type NoRuleNeeded } from './lib/rds/let-machine-in.ts'
export {
  updateIngressRule,
  type UpdateRuleOptions,
  type UpdateRuleResult,
} from './lib/ingress/update-rule.ts'
export {
  createSnapshot,
  type CreateSnapshotOptions,
  type CreateSnapshotResult,
} from './lib/rds/snapshots/create-snapshot.ts'
export { deleteDatabase, type DeleteOptions, type DeleteResult } from './lib/rds/delete/delete.ts'
export { listSnapshots, type ListSnapshotsOptions } from './lib/rds/snapshots/list-snapshots.ts'
export { restoreSnapshot, type RestoreOptions, type RestoreResult } from './lib/rds/snapshots/restore.ts'
export type { Snapshot } from './lib/rds/snapshots/snapshot.ts'
export {
  createInstance,
  type CreateOptions as CreateInstanceOptions,
  type CreateResult as CreateInstanceResult,
} from './lib/rds/create/create.ts'
export { checkCreateInput, type CreateContext, type CreateWish } from './lib/rds/create/create-input.ts'
export { envUrlFile } from './lib/config/env-url-file.ts'
export type { InputProblem } from './lib/rds/create/checklist.ts'
export {
  startInstance,
  stopInstance,
  type PowerOptions,
  type PowerResult,
  type StopOptions,
} from './lib/rds/power.ts'
export {
  instanceStatus,
  type InstanceStatus,
  type InstanceStatusOptions,
} from './lib/rds/status/instance-status.ts'
export { listDatabases, type ListDatabasesOptions } from './lib/rds/list-databases.ts'
export { estimateCost, type CostEstimate, type CostOptions } from './lib/rds/status/cost.ts'
export type { KeepChange, KeepPart, KeepResult, KeepState } from './lib/rds/keep/result.ts'
export {
  databaseUrl,
  type DatabaseUrl,
  type DatabaseUrlOptions,
  type PasswordSource,
} from './lib/rds/login/database-url.ts'
export {
  resetPassword,
  type ResetPasswordOptions,
  type ResetPasswordResult,
} from './lib/rds/login/reset-password.ts'

export {
  verifyLayer,
  type ElfSummary,
  type FileSize,
  type ImportTest,
  type VerifyLayerOptions,
  type VerifyLayerResult,
} from './lib/layer/verify/verify-layer.ts'
export { testImports, type ImportTestOptions } from './lib/layer/verify/import-test.ts'
export type { ImportRun, ImportTestResult } from './lib/layer/verify/imports/import-run.ts'
export type { DownloadedLayer, DownloadLayer } from './lib/layer/verify/published.ts'
export { FINDING_KINDS, type FindingId, type Severity } from './lib/layer/verify/finding-table.ts'
export { finding, type Finding } from './lib/layer/verify/findings.ts'
export {
  publishLayer,
  type PublishFinding,
  type PublishOptions,
  type PublishResult,
  type VerifyZip,
} from './lib/layer/publish.ts'
export { verifyBeforePublishing } from './lib/layer/publish/verify-before.ts'
export {
  attachLayer,
  type AttachOptions,
  type AttachResult,
  type FailedAttachment,
} from './lib/layer/attach.ts'
export type { Attachment } from './lib/layer/attach/attach-to.ts'
export {
  listLayers,
  type LayerUser,
  type ListedLayer,
  type ListedRuntime,
  type ListOptions as ListLayersOptions,
  type ListResult as ListLayersResult,
} from './lib/layer/list.ts'
export { fetchPublishedLayer, type PublishedLayer, type PublishedOptions } from './lib/layer/published.ts'
export { packageFunction, type PackageOptions, type PackageResult } from './lib/layer/package.ts'
export { layerSnippet, type SnippetOptions, type SnippetResult } from './lib/layer/snippet.ts'
export type { LayerJson, LayerWheel } from './lib/layer/layer-json.ts'
export { buildLayer } from './lib/layer/build/build-layer.ts'
export type {
  BuildOptions as BuildLayerOptions,
  BuildOutcome as BuildLayerOutcome,
  BuildResult as BuildLayerResult,
  BuilderName,
} from './lib/layer/build/build-options.ts'
export type { BuildRecord, PackageSize } from './lib/layer/layer-json.ts'
