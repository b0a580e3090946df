// What a family belongs to, as in Train's tree.

const parents: Readonly<Record<string, string>> = {
  debian: 'linux', redhat: 'linux', fedora: 'linux', suse: 'linux', yocto: 'linux', chainguard: 'linux', linux: 'unix', darwin: 'bsd', bsd: 'unix', unix: 'os', windows: 'os',
}

/** From the narrowest to the widest: `['debian', 'linux', 'unix', 'os']`. */
export function familiesOf(family: string): readonly string[] {
  const families: string[] = []
  for (let next: string | undefined = family; next !== undefined; next = parents[next]) families.push(next)
  return families
}
