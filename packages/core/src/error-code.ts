/**
 * What went wrong, in a form that programs may branch on. `docs/errors.md` has a section for each code. Messages may change at
 * any time, codes do not.
 */
export type ErrorCode =
  | 'INVALID_TARGET'
  | 'INVALID_OPTIONS'
  | 'TRANSPORT_NOT_FOUND'
  | 'TRANSPORT_LOAD_FAILED'
  | 'CONNECT_FAILED'
  | 'AUTH_FAILED'
  | 'HOST_KEY_REJECTED'
  | 'CERTIFICATE_REJECTED'
  | 'CONNECTION_LOST'
  | 'CONNECTION_CLOSED'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'BUSY'
  | 'UNSUPPORTED'
  | 'COMMAND_FAILED'
  | 'OUTPUT_LIMIT'
  | 'FILE_NOT_FOUND'
  | 'PERMISSION_DENIED'
  | 'FILE_ERROR'
  | 'PROTOCOL_ERROR'
