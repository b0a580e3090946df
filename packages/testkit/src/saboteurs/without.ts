const byCore = 'core keeps this rule for every driver, before or after the driver is asked; no driver can break it'
const byRegistry = 'a registry refuses such a driver, so that no case can meet it'
const overExec = 'core does this over exec: a driver that breaks it breaks exec.every-byte, exec.exit-code or stdin.end as well'

/** The cases that no saboteur fails, and why. */
export const withoutSaboteur: Readonly<Record<string, string>> = {
  'driver.shape': byRegistry,
  'driver.options-checked': byCore,
  'stdin.undeclared': byCore,
  'stdin.over-limit': byCore,
  'env.secret-refused': byCore,
  'pty.refused': byCore,
  'command.over-limit': byCore,
  'operations.undeclared': byCore,
  'abort.before': byCore,
  'abort.error': byCore,
  'concurrency.gate': byCore,
  'close.rejects-calls': byCore,
  'secrets.hidden': 'core takes the credentials out of whatever a driver says; a test has a driver that tells them, and the case passes',
  'files.stat': overExec,
  'files.missing': overExec,
  'files.round-trip': overExec,
  'files.atomic': overExec,
  'files.names': overExec,
  'files.transfer': overExec,
  'files.one-exec': byCore,
  'platform.detected': byCore,
}
