<#
.SYNOPSIS
Installs Stenograf into a virtual environment and starts its server with Windows.

.DESCRIPTION
Run it again to upgrade. Needs Python 3.11 or newer and an elevated PowerShell (5.1 or 7).
The server runs as a scheduled task of LOCAL SERVICE on 127.0.0.1.

.EXAMPLE
.\install.ps1 -Package .\stenograf_local-0.1.0-py3-none-any.whl -WhisperModels D:\models\whisper
#>
[CmdletBinding()]
param(
    # What pip installs: a wheel or a folder with the sources. Never a bare name: `stenograf` on
    # PyPI is another program.
    [Parameter(Mandatory)]
    [ValidateScript({ Test-Path $_ })]
    [string] $Package,
    [string] $Folder = (Join-Path $env:ProgramData 'Stenograf'),
    # Where medium.pt and the like lie already.
    [string] $WhisperModels = (Join-Path $Folder 'models\whisper'),
    [string] $Python = 'py',
    [ValidateRange(1, 65535)]
    [int] $Port = 8000,
    [ValidateRange(1, 64)]
    [int] $Workers = 1
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$TaskName = 'Stenograf'

function Invoke-Checked([string] $Program, [string[]] $Arguments) {
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program ended with status $LASTEXITCODE" }
}

# As .env has it between single quotes: \\server\share stays a share.
function Get-Quoted([string] $Text) {
    "'" + $Text.Replace('\', '\\').Replace("'", "\'") + "'"
}

$me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    throw 'Start PowerShell as administrator.'
}

$venv = Join-Path $Folder 'venv'
$data = Join-Path $Folder 'library'
$models = Join-Path $Folder 'models'
$tokenFile = Join-Path $Folder 'token.txt'
foreach ($each in @($Folder, $data, $models)) {
    New-Item -ItemType Directory -Force -Path $each | Out-Null
}

# Recordings and the token are for administrators, the system and the server only.
# By number, as their names differ by language: S-1-5-32-544 Administrators, S-1-5-18 SYSTEM,
# S-1-5-19 LOCAL SERVICE.
# The server changes its data only, never the program that an administrator starts at the next upgrade.
Invoke-Checked 'icacls.exe' @(
    $Folder, '/inheritance:r',
    '/grant:r', '*S-1-5-32-544:(OI)(CI)F', '*S-1-5-18:(OI)(CI)F', '*S-1-5-19:(OI)(CI)RX'
)
foreach ($each in @($data, $models)) {
    Invoke-Checked 'icacls.exe' @($each, '/grant:r', '*S-1-5-19:(OI)(CI)M')
}
# Models elsewhere are read where they are, also in the folder of a user.
if ((Test-Path $WhisperModels) -and -not $WhisperModels.StartsWith($models)) {
    Invoke-Checked 'icacls.exe' @($WhisperModels, '/grant', '*S-1-5-19:(OI)(CI)RX')
}

if (Get-ScheduledTask -TaskName $TaskName -ErrorAction SilentlyContinue) {
    Stop-ScheduledTask -TaskName $TaskName
}
if (-not (Test-Path (Join-Path $venv 'Scripts\python.exe'))) {
    Invoke-Checked $Python @('-m', 'venv', $venv)
}
$pip = @('-m', 'pip', 'install', '--upgrade', "$Package[server,offline]")
Invoke-Checked (Join-Path $venv 'Scripts\python.exe') $pip

if (-not (Test-Path $tokenFile)) {
    $bytes = New-Object byte[] 32
    [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
    $token = [BitConverter]::ToString($bytes).Replace('-', '').ToLowerInvariant()
    Set-Content -Path $tokenFile -Value $token -Encoding Ascii
}

# Settings that the server reads from its current folder; see docs/settings.md.
$settings = @(
    "STENOGRAF_TOKEN=$((Get-Content $tokenFile -Raw).Trim())",
    "STENOGRAF_PORT=$Port",
    "STENOGRAF_WORKERS=$Workers",
    "STENOGRAF_DATA_DIR=$(Get-Quoted $data)",
    "STENOGRAF_MODELS_DIR=$(Get-Quoted $models)",
    "WHISPER_CACHE_DIR=$(Get-Quoted $WhisperModels)"
)
# Without a byte order mark, also in PowerShell 5.1.
[IO.File]::WriteAllLines((Join-Path $Folder '.env'), $settings)

$action = New-ScheduledTaskAction -Execute (Join-Path $venv 'Scripts\stenograf.exe') `
    -Argument 'serve' -WorkingDirectory $Folder
$trigger = New-ScheduledTaskTrigger -AtStartup
$account = New-ScheduledTaskPrincipal -UserId 'S-1-5-19' -LogonType ServiceAccount
$rules = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) `
    -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
Register-ScheduledTask -TaskName $TaskName -Action $action -Trigger $trigger -Principal $account `
    -Settings $rules -Force | Out-Null
Start-ScheduledTask -TaskName $TaskName

Write-Output "Listening on http://127.0.0.1:$Port in a moment; the token is in $tokenFile"
