import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isSecret } from '@train-ts/core'
import type { CaseContext, ConformanceCase } from '../case.js'
import { offers } from '../requirements.js'

export const secretCases: readonly ConformanceCase[] = [
  {
    id: 'secrets.hidden',
    title: 'No credential is seen in `target`, in an inspected connection, in a notice or in an error, in plain, percent-encoded or base64 form.',
    async run(context) {
      const seen: unknown[] = []
      const command = context.declared.commands?.exit(0) ?? 'true'
      const { connection } = await context.connect({ onNotice: (notice: unknown) => seen.push(notice) })
      seen.push(connection.target, connection)
      const attempts: readonly (() => Promise<unknown>)[] = [
        () => connection.run(command),
        () => connection.run(command, { signal: AbortSignal.abort() }),
        () => connection.run(command, { pty: true, stdin: 'x', cwd: '/no/such/directory', env: { 'not a name': 'x' } }),
        () => context.connect({ noSuchOption: 1 }),
        () => context.connect({ signal: AbortSignal.abort() }),
      ]
      for (const attempt of attempts) seen.push(await attempt().catch((error: unknown) => error))
      await connection.close()
      seen.push(await connection.run(command).catch((error: unknown) => error))
      for (const value of seen) assertHidden(context, value)
    },
  },
  {
    id: 'secrets.login-command',
    title: 'The argv of `loginCommand` holds no secret.',
    requires: offers('loginCommand'),
    async run(context) {
      const { session } = await context.shared()
      assertHidden(context, session.loginCommand?.())
    },
  },
]

function assertHidden(context: CaseContext, value: unknown): void {
  const text = inspect(value, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null })
  for (const secret of secretsOf(context)) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')]) {
      assert.ok(!text.includes(form), `a credential is seen in ${text.slice(0, 400).replaceAll(form, '<the credential>')}`)
    }
  }
}

/** The harness's own credentials: its secret options, and the password in its URL. */
function secretsOf({ declared: { driver }, target }: CaseContext): readonly string[] {
  const given = Object.entries<unknown>({ ...target.options })
  const values = given.flatMap(([name, value]) => {
    if (driver.options[name]?.type !== 'secret') return []
    return isSecret(value) ? [value.reveal()] : typeof value === 'string' ? [value] : []
  })
  const password = /^[^/]*:\/\/[^/@]*?:([^/@]*)@/.exec(target.url)?.[1]
  return [...values, ...(password === undefined ? [] : [decodeURIComponent(password)])].filter((secret) => secret.length >= 4)
}
