import type { Commands } from '../commands/commands.js'

/** The kit's commands in the toy machine's own language. */
export const toyCommands: Commands = {
  exit: (code) => toy('exit', code),
  stdout: (text) => toy('stdout', text),
  both: (out, err, code = 0) => toy('both', out, err, code),
  killItself: toy('killItself'),
  everyByte: toy('everyByte'),
  fill: (bytes, stream) => toy('fill', bytes, stream),
  endless: toy('endless'),
  fillNoting: (progress, blocks) => toy('fillNoting', progress, blocks),
  echo: toy('echo'),
  echoLines: toy('echoLines'),
  countInput: toy('countInput'),
  countArgument: (text) => toy('countArgument', text),
  environment: (name) => toy('environment', name),
  commandLines: toy('commandLines'),
  workingDirectory: toy('workingDirectory'),
  terminal: toy('terminal'),
  append: (path, line) => toy('append', path, line),
  read: (path) => toy('read', path),
  exists: (path) => toy('exists', path),
  write: (path, text) => toy('write', path, text),
  makeDirectory: (path) => toy('makeDirectory', path),
  list: () => toy('succeed'),
  temporaryDirectory: toy('temporaryDirectory'),
  removeTree: () => toy('succeed'),
  makeGate: () => toy('succeed'),
  printAndWait: (text, gate) => toy('printAndWait', text, gate),
  openGate: (gate) => toy('openGate', gate),
  readGate: (gate) => toy('readGate', gate),
  meet: (arrivals, departure) => toy('meet', arrivals, departure),
  gather: (arrivals, count) => toy('gather', arrivals, count),
  release: (arrivals, departure, count) => toy('release', arrivals, departure, count),
  processes: (kind, gate) => toy('processes', kind, gate),
  background: (gate, bytes) => toy('background', gate, bytes),
  alive: (ids) => toy('alive', ...ids),
  end: (ids) => toy('end', ...ids),
  typed: { line: 'ask', answer: 'answer=42', leave: 'leave' },
}

function toy(name: string, ...values: readonly (string | number)[]): string {
  return JSON.stringify([name, ...values])
}
