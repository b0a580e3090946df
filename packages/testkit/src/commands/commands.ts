/**
 * What the cases ask of a far side, in its shell's own words: one table per shell dialect, so that one case serves them all. Each value is
 * a complete command for the login shell; texts and paths hold no newline. A *gate* is a named place where two commands meet.
 */
export interface Commands {
  /** Ends with `code` and says nothing. */
  exit(code: number): string
  /** `text` on stdout as it stands, no newline added. */
  stdout(text: string): string
  /** `out` on stdout and `err` on stderr. */
  both(out: string, err: string, code?: number): string
  /** Ends by a signal that no process can catch. Undefined where the far side has none. */
  readonly killItself: string | undefined
  /** All 256 bytes, twice, the second time backwards. */
  readonly everyByte: string
  /** `bytes` bytes of the lines '0123456789abcde\n', on stdout or stderr. */
  fill(bytes: number, stream: 'stdout' | 'stderr'): string
  /** Lines without end. */
  readonly endless: string
  /** `blocks` MiB, each noted by one more byte in the file `progress`. */
  fillNoting(progress: string, blocks: number): string
  /** stdin back on stdout, to its end. */
  readonly echo: string
  /** 'got:' and the line, for each line of stdin as it comes; 'end' at its end. */
  readonly echoLines: string
  /** The number of bytes of stdin. */
  readonly countInput: string
  /** The number of characters of `text`, which stands in the command. */
  countArgument(text: string): string
  /** The value of a variable of the environment. */
  environment(name: string): string
  /** Its own command line and that of its parent, as every user of the far side may see them. */
  readonly commandLines: string | undefined
  /** The working directory, links resolved. */
  readonly workingDirectory: string
  /** 'yes' where stdout is a terminal, and its rows and columns: 'yes 24 80'. Else 'no'. */
  readonly terminal: string
  /** One more line in a file. */
  append(path: string, line: string): string
  read(path: string): string
  /** 'yes' or 'no'. */
  exists(path: string): string
  /** A file with its mode in octal. */
  write(path: string, text: string, mode: string): string
  makeDirectory(path: string): string
  /** What a directory holds, one name a line; names that are not text are escaped in octal. */
  list(path: string): string
  /** A new directory that every user may use; prints its path. */
  readonly temporaryDirectory: string
  removeTree(path: string): string

  makeGate(path: string): string
  /** Prints `text`, waits at the gate, prints 'done'. */
  printAndWait(text: string, gate: string): string
  /** Waits until somebody stands at the gate, and lets them through. */
  openGate(gate: string): string
  /** Waits for what a command of {@link Commands.processes} says at the gate: the ids of its processes. */
  readGate(gate: string): string
  /** One of several that are there at once: says so at `arrivals`, then waits at `departure`. */
  meet(arrivals: string, departure: string): string
  /** Waits until `count` of them are there. */
  gather(arrivals: string, count: number): string
  /** Lets `count` of them go, and waits until they have gone. */
  release(arrivals: string, departure: string, count: number): string

  /** Processes that never end; they say their ids at the gate, and hold stdout and stderr. */
  processes(kind: ProcessKind, gate: string): string
  /** Ends with code 0, having printed 'started' and left a child behind that holds stdout and stderr and never ends, then `bytes` more. */
  background(gate: string, bytes: number): string
  /** Those of `ids` that are still there, one a line. Zombies are not. */
  alive(ids: readonly string[]): string
  /** Ends them, whatever they do. */
  end(ids: readonly string[]): string

  /** What is typed in a `shell`: a line, what comes of it and is not the line itself, and how to leave. */
  readonly typed: { readonly line: string; readonly answer: string; readonly leave: string }
}

/**
 * 'leader': the command alone. 'tree': with a child and a grandchild. 'session': with a child in a session of its own. 'stubborn': deaf to polite signals.
 * 'talkative': says 'talking' on stdout.
 */
export type ProcessKind = 'leader' | 'tree' | 'session' | 'stubborn' | 'talkative'
