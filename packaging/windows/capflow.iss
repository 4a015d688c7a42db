; Inno Setup's recipe for the Windows installer: for one user, without an administrator, silent with /VERYSILENT.
;   ISCC.exe /DVersion=0.1.0 packaging\windows\capflow.iss        after `make package`
; Installing over an older version replaces the program and touches neither settings nor data; uninstalling keeps them
; too, unless the user says otherwise, or a script says /PURGE=1.

#ifndef Version
  #error Say the version: ISCC.exe /DVersion=...
#endif
#ifndef Programs
  ; Wine does not know the folder of a user's programs: packaging/check_inno.py names it.
  #define Programs "{autopf}"
#endif

[Setup]
AppId={{5B1C3C0E-9C55-4E0B-8E43-2C2B6E0D7A51}
AppName=Capflow
AppVersion={#Version}
AppVerName=Capflow {#Version}
AppPublisher=The Capflow developers
DefaultDirName={#Programs}\Capflow
DefaultGroupName=Capflow
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
DisableProgramGroupPage=yes
DisableDirPage=auto
CloseApplications=yes
RestartApplications=no
ChangesEnvironment=yes
Compression=lzma2
SolidCompression=yes
SourceDir=..\..
OutputDir=dist
OutputBaseFilename=capflow-{#Version}-windows-x64-setup
SetupIconFile=build\icons\capflow.ico
UninstallDisplayIcon={app}\capflow-desktop.exe
UninstallDisplayName=Capflow
LicenseFile=LICENSE
WizardStyle=modern
#ifdef SignTool
SignTool={#SignTool}
SignedUninstaller=yes
#endif

[Tasks]
Name: desktopicon; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: path; Description: "Let scripts find capflow (add it to your PATH)"

[InstallDelete]
; Files of an older version that this one no longer has must not be found beside its own.
Type: filesandordirs; Name: "{app}\_internal"
Type: filesandordirs; Name: "{app}\licences"

[Files]
Source: "dist\capflow\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\Capflow"; Filename: "{app}\capflow-desktop.exe"; AppUserModelID: "io.github.capflow.Capflow"
Name: "{autodesktop}\Capflow"; Filename: "{app}\capflow-desktop.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "{code:EnvironmentKey}"; ValueType: expandsz; ValueName: "Path"; \
  ValueData: "{olddata};{app}"; Tasks: path; Check: NotOnPath

[Run]
Filename: "{app}\capflow-desktop.exe"; Description: "{cm:LaunchProgram,Capflow}"; Flags: nowait postinstall skipifsilent

[Code]
function EnvironmentKey(Param: String): String;
begin
  if IsAdminInstallMode then
    Result := 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  else
    Result := 'Environment';
end;

function OldPath: String;
begin
  if not RegQueryStringValue(HKA, EnvironmentKey(''), 'Path', Result) then
    Result := '';
end;

function NotOnPath: Boolean;
begin
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(OldPath) + ';') = 0;
end;

procedure LeavePath;
var
  Whole, Ours: String;
  At: Integer;
begin
  Whole := ';' + OldPath + ';';
  Ours := ';' + ExpandConstant('{app}') + ';';
  At := Pos(Uppercase(Ours), Uppercase(Whole));
  if At > 0 then
  begin
    Delete(Whole, At, Length(Ours) - 1);
    RegWriteExpandStringValue(HKA, EnvironmentKey(''), 'Path', Copy(Whole, 2, Length(Whole) - 2));
  end;
end;

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
var
  Purge: Boolean;
begin
  if CurUninstallStep <> usPostUninstall then
    exit;
  LeavePath;
  Purge := ExpandConstant('{param:PURGE|0}') = '1';
  if not Purge and not UninstallSilent then
    Purge := MsgBox('Remove your Capflow settings and recorded data as well?', mbConfirmation,
      MB_YESNO or MB_DEFBUTTON2) = IDYES;
  if Purge then
    DelTree(ExpandConstant('{localappdata}\capflow'), True, True, True);
end;
