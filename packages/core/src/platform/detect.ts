// Which system the far side runs, in one exec.
import type { Platform } from '../connection.js'
import { ask } from '../files/ask.js'
import type { ScriptRunner } from '../script-runner.js'
import { detectBody } from './detect-script.js'
import { identify, parseFields } from './platform.js'

export async function detectPlatform(runner: ScriptRunner, signal?: AbortSignal): Promise<Platform> {
  const { body } = await ask(runner, { body: detectBody, operation: 'platform', signal })
  return identify(parseFields(body))
}
