import type { Options } from 'tsup'

/** What every package builds alike: ESM for Node 20.19, declarations come from `tsc -b`. */
export function packageBuild(entry: Record<string, string>): Options {
  return { entry, format: ['esm'], target: 'node20', platform: 'node', sourcemap: true, splitting: true, dts: false, removeNodeProtocol: false, clean: false, silent: true }
}
