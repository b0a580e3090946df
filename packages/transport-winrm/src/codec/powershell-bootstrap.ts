// How a script reaches a PowerShell that was started before it was known: through stdin, at any length, in front of its own input.

/**
 * Reads 12 digits, then as many base64 bytes of UTF-8 script, and not one byte more: the rest of stdin is the script's. Runs it in its own
 * scope, as -EncodedCommand would, and ends with that command's exit code. stdin that ends before the script: nobody wanted us.
 */
export const bootstrapScript = [
  "$ProgressPreference='SilentlyContinue'; $__u=New-Object Text.UTF8Encoding $false",
  'try { [Console]::OutputEncoding=$__u } catch {}; $OutputEncoding=$__u; $__i=[Console]::OpenStandardInput()',
  '$__r={ param($n) $b=New-Object byte[] $n; $p=0',
  '  while ($p -lt $n) { $k=$__i.Read($b,$p,$n-$p); if ($k -le 0) { [Environment]::Exit(0) }; $p+=$k }; [Text.Encoding]::ASCII.GetString($b) }',
  '$__s=$__u.GetString([Convert]::FromBase64String((& $__r ([int](& $__r 12)))))',
  '$__e=$null; $__a=[Management.Automation.Language.Parser]::ParseInput($__s,[ref]$null,[ref]$__e)',
  // A plain -EncodedCommand exits with 1 when the last statement failed; a script block by itself would lose that.
  'if (!$__e -and !$__a.BeginBlock -and !$__a.ProcessBlock -and (!$__a.EndBlock -or $__a.EndBlock.Unnamed)) { $__s+="`nif (-not `$?) { exit 1 }" }',
  '. ([scriptblock]::Create($__s))',
].join('\n')

/** What starts the process: below the 8,191 characters of a line for cmd. */
export const powershellCommandLine = `powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand ${Buffer.from(bootstrapScript, 'utf16le').toString('base64')}`

/** The script as the bootstrap reads it. */
export function scriptFrame(script: string): Buffer {
  const body = Buffer.from(script, 'utf8').toString('base64')
  return Buffer.from(String(body.length).padStart(12, '0') + body, 'latin1')
}
