// The arrows of the project, as data: who may import what. `rules/arrows.mjs` reads it; docs/decisions/0005 says why.

/**
 * @typedef {object} Layer
 * @property {RegExp} files paths from the top of the work tree; the first layer that matches counts
 * @property {string} name for messages
 * @property {readonly RegExp[]} may what it may import of the workspace: paths from the top, or names of packages
 */

/** Folders that take bytes or text and return values: clocks, random numbers, ids and sockets are arguments. */
export const pureFiles = [
  'packages/core/src/{shell,platform,tty}/**/*.ts',
  'packages/core/src/files/parse-*.ts',
  'packages/core/src/shell-dialect.ts',
  'packages/transport-*/src/{codec,channel,wsman,auth,ntlm,clixml}/**/*.ts',
]

const core = /^@train-ts\/core(\/|$)/
const kit = /^@train-ts\/testkit(\/|$)/

/**
 * What a transport's emulator may share with its client: the codec, which vectors from elsewhere pin. Never the client's state machine,
 * or both would agree on the same mistake.
 * @param {string} name
 */
const codecOf = (name) => new RegExp(`^packages/${name}/src/(codec|wsman|ntlm|clixml)/`)

/**
 * @param {string} name of a transport's directory
 * @returns {readonly Layer[]}
 */
function transport(name) {
  const self = new RegExp(`^packages/${name}/|^@train-ts/${name}(/|$)`)
  return [
    { files: new RegExp(`^packages/${name}/src/`), name: `${name}/src`, may: [core, new RegExp(`^packages/${name}/src/`)] },
    { files: new RegExp(`^packages/${name}/emulator/`), name: `${name}/emulator`, may: [core, new RegExp(`^packages/${name}/emulator/`), codecOf(name)] },
    { files: new RegExp(`^packages/${name}/`), name: `${name}'s tests`, may: [core, kit, self] },
  ]
}

/**
 * @param {readonly string[]} transports names of directories below packages/
 * @returns {readonly Layer[]}
 */
export function layers(transports) {
  return [
    { files: /^packages\/core\/src\//, name: 'core', may: [/^packages\/core\/src\//] },
    { files: /^packages\/core\//, name: 'the tests of core', may: [/^packages\/core\//, core] },
    { files: /^packages\/testkit\/src\//, name: 'the testkit', may: [core, /^packages\/testkit\/src\//] },
    { files: /^packages\/testkit\//, name: 'the tests of the testkit', may: [core, kit, /^packages\/testkit\//] },
    ...transports.flatMap(transport),
    { files: /^examples\//, name: 'an example', may: [/^@train-ts\//, /^examples\//] },
    { files: /^bench\//, name: 'a benchmark', may: [/^@train-ts\//, /^(bench|examples)\//, /^packages\/[^/]+\/test\//] },
  ]
}
