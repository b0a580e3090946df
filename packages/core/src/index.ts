// The public surface.
export { connect, connectWith } from './connect.js'
export type { ConnectOptions, TransportOptionsMap } from './connect.js'
export type {
  Command, Connection, DirectoryEntry, ExecOptions, FileOptions, FileStat, Platform, RemoteFile, RunOptions, RunResult, Sudo, TemporaryFile,
  TemporaryOptions, TransferOptions, TransferResult, WalkOptions,
} from './connection.js'
export { fleet } from './fleet.js'
export type { Fleet, FleetOptions } from './fleet.js'
export type { FleetOutcome } from './fleet-outcome.js'
export { isTransportError, TransportError } from './errors.js'
export type { CommonDetails, ErrorCode, ErrorDetails, TransportErrorOptions } from './errors.js'
export { assertSuccess } from './run.js'
export { lines } from './output.js'
export type { LinesOptions, OutputLine } from './output.js'
export { isSecret, secret } from './secret.js'
export type { Secret } from './secret.js'
export { createRegistry } from './registry.js'
export type { Registry } from './registry.js'
export { defaultRegistry, registerTransport } from './default-registry.js'
export { parseTarget } from './target.js'
export { describeOptions } from './describe-options.js'
export { localDriver } from './local/index.js'
export type { LocalOptions } from './local/index.js'
export { mockDriver } from './mock/index.js'
export type { MockAnswer, MockCommands, MockOptions } from './mock/index.js'
export type {
  Address, AnyDriver, BulkTransfer, CallContext, Capabilities, DeclaredCapabilities, DriverError, ExecEvent, ExecRequest, FileFailure, FleetSession,
  NativeFiles, NativeStat, OpenContext, OpenTty, OptionSpec, PlatformHint, RemotePath, Session, ShellDialect, ShellStream, Target, Terminal,
  TransportDriver, TtyOptions,
} from './driver.js'
