// From credentials to a list of attempts: keys first, then the agent, then a password; what was not asked for only where nothing was.
import type { AnyAuthMethod, Prompt } from 'ssh2'
import type { Attempt } from './auth.js'
import type { Credentials } from './credentials.js'
import { KeyAttempts } from './key-attempts.js'

export function attemptsOf(given: Credentials): Attempt[] {
  const { agent, password, user } = given
  const keys = new KeyAttempts(given)
  const attempts: Attempt[] = []
  if (given.privateKey !== undefined) attempts.push(keys.fromText(given.privateKey))
  attempts.push(...given.keyFiles.map((path) => keys.fromFile(path)))
  const explicit = attempts.length > 0
  attempts.push(...given.configuredKeyFiles.map((path) => keys.fromOptionalFile(path)))
  const named = attempts.length > 0
  if (agent !== undefined && !given.identitiesOnly && (given.agentIsExplicit || password === undefined || explicit)) attempts.push(keys.fromAgent(agent))
  if (!named && password === undefined && !given.identitiesOnly) attempts.push(...keys.defaults())
  if (password !== undefined) attempts.push({ method: 'password', label: 'password', prepare: () => Promise.resolve({ type: 'password', username: user, password }) })
  attempts.push(keyboardAttempt(given))
  const { methods } = given
  if (methods === undefined) return attempts
  const none: Attempt = { method: 'none', label: 'none', prepare: () => Promise.resolve({ type: 'none', username: user }) }
  return methods.flatMap((method) => (method === 'none' ? [none] : attempts.filter((attempt) => attempt.method === method)))
}

/** PAM asks for the password this way; anything else is for the user. A password that was refused once is not sent again. */
function keyboardAttempt(given: Credentials): Attempt {
  return {
    method: 'keyboard-interactive',
    label: 'keyboard-interactive',
    prepare({ more, passwordUsed }) {
      if (passwordUsed && !more) return Promise.resolve('not tried, it asks for the same password again')
      let password = passwordUsed ? undefined : given.password
      const answer = async (question: Prompt): Promise<string> => {
        if (question.echo !== true && password !== undefined) {
          const once = password
          password = undefined
          return once
        }
        return given.prompt({ message: question.prompt, echo: question.echo === true })
      }
      const answerAll = async (prompts: readonly Prompt[]): Promise<string[]> => {
        const answers: string[] = []
        for (const question of prompts) answers.push(await answer(question))
        return answers
      }
      return Promise.resolve({
        type: 'keyboard-interactive',
        username: given.user,
        prompt: (_name, _instructions, _language, prompts, finish) => void answerAll(prompts).then(finish, given.unanswered),
      } satisfies AnyAuthMethod)
    },
  }
}
