// Starting programs: the one place in scripts/ that does.
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The top of the work tree. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The directory of the workspace's own programs: tsc, pnpm, eslint, … */
const programs = join(root, 'node_modules', '.bin')

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] default: the top of the work tree
 * @property {Record<string, string>} [env] added to the environment
 * @property {boolean} [quiet] collect the output instead of showing it
 */

/**
 * Runs a program of the workspace, else of PATH, without a shell. Never rejects: a program that could not start ends with 127.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string, signal?: string }>} `output` is empty unless `quiet`; killed by a signal: 128
 */
export function run(program, parameters, options = {}) {
  const env = { ...process.env, PATH: [programs, process.env['PATH'] ?? ''].join(delimiter), ...options.env }
  return new Promise((resolve) => {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = options.quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit']
    // On Windows the programs of npm packages are .cmd files, which only a shell starts.
    const child = spawn(program, parameters, { cwd: options.cwd ?? root, env, stdio, shell: process.platform === 'win32' })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => void (output += text))
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }))
    child.on('close', (code, signal) => resolve(signal === null ? { code: code ?? 1, output } : { code: 128, output, signal }))
  })
}

/** @param {number} since from performance.now() */
export function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
