// Who may log in to the emulator.
import { timingSafeEqual } from 'node:crypto'
import ssh2 from 'ssh2'
import type { AuthContext, ParsedKey } from 'ssh2'
import type { EmulatorKnobs } from './knobs.js'

type Method = NonNullable<EmulatorKnobs['methods']>[number]

export function loginRules(user: string, password: string, knobs: EmulatorKnobs): (context: AuthContext) => void {
  const keys = (knobs.authorizedKeys ?? []).flatMap((text): ParsedKey[] => {
    const key = ssh2.utils.parseKey(text)
    if (key instanceof Error) throw new TypeError(`not a public key: ${text}`)
    return [key]
  })
  const possible: Method[] = ['password']
  if (keys.length > 0) possible.unshift('publickey')
  if (knobs.keyboardInteractive !== undefined) possible.push('keyboard-interactive')
  const methods = knobs.methods ?? possible
  const done = new Set<Method>()

  return (context) => {
    const left = (): Method[] => (knobs.allMethods === true ? methods.filter((method) => !done.has(method)) : [...methods])
    const refuse = (): void => context.reject(left())
    const accept = (method: Method): void => {
      done.add(method)
      if (knobs.allMethods === true && left().length > 0) context.reject(left(), true)
      else context.accept()
    }
    if (context.username !== user || !left().some((method) => method === context.method)) return refuse()
    if (context.method === 'password') {
      if (same(context.password, password)) accept('password')
      else refuse()
    } else if (context.method === 'publickey') {
      const { key, blob, signature, hashAlgo } = context
      const known = keys.find((one) => one.getPublicSSH().equals(key.data))
      if (known === undefined) refuse()
      else if (signature === undefined || blob === undefined) context.accept()
      else if (known.verify(blob, signature, hashAlgo)) accept('publickey')
      else refuse()
    } else if (context.method === 'keyboard-interactive') {
      const questions = knobs.keyboardInteractive ?? []
      context.prompt(questions.map(({ prompt, echo }) => ({ prompt, echo: echo === true })), (answers) => {
        if (answers.length === questions.length && questions.every(({ answer }, index) => same(answers[index] ?? '', answer))) accept('keyboard-interactive')
        else refuse()
      })
    }
  }
}

function same(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
