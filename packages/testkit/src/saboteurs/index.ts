import { environmentSaboteurs } from './environment.js'
import { exitSaboteurs } from './exit.js'
import { outputSaboteurs } from './output.js'
import type { Saboteur } from './saboteur.js'
import { sessionSaboteurs } from './session.js'
import { stdinSaboteurs } from './stdin.js'
import { stoppingSaboteurs } from './stopping.js'

export const saboteurs: readonly Saboteur[] = [
  ...exitSaboteurs, ...outputSaboteurs, ...stdinSaboteurs, ...stoppingSaboteurs, ...sessionSaboteurs, ...environmentSaboteurs,
]
