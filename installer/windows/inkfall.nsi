; The Windows installer: for one user, without an administrator, no network.
; makensis -DVERSION=0.1.0 -DPAYLOAD=folder-of-the-frozen-program -DOUTPUT=file.exe [-DICON=inkfall.ico] inkfall.nsi
; An upgrade installs over the old one after removing its program files; pages, models and settings are never touched.
Unicode true
Target amd64-unicode
!include "MUI2.nsh"
!include "FileFunc.nsh"
!define APP "Inkfall"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${APP}"
!define CLASSES "Software\Classes"
Name "${APP}"
OutFile "${OUTPUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${APP}"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
SetCompressor /SOLID lzma
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${APP}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${APP} installer"
VIAddVersionKey "LegalCopyright" "The Inkfall authors, MIT licence"
!ifdef ICON
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!endif
!define MUI_FINISHPAGE_RUN "$INSTDIR\inkfall.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Korean"

; Only what was installed goes: the folder may be one that the user chose, with files of its own.
!macro RemoveProgram
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\inkfall.exe"
  Delete "$INSTDIR\uninstall.exe"
!macroend

Section "install"
  !insertmacro RemoveProgram
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortCut "$SMPROGRAMS\${APP}.lnk" "$INSTDIR\inkfall.exe"
  WriteRegStr HKCU "${CLASSES}\.inkfall" "" "Inkfall.Page"
  WriteRegStr HKCU "${CLASSES}\Inkfall.Page" "" "Inkfall page"
  WriteRegStr HKCU "${CLASSES}\Inkfall.Page\DefaultIcon" "" '"$INSTDIR\inkfall.exe",0'
  WriteRegStr HKCU "${CLASSES}\Inkfall.Page\shell\open\command" "" '"$INSTDIR\inkfall.exe" "%1"'
  WriteRegStr HKCU "${CLASSES}\Applications\inkfall.exe\shell\open\command" "" '"$INSTDIR\inkfall.exe" "%1"'
  WriteRegStr HKCU "${CLASSES}\.gguf\OpenWithList\inkfall.exe" "" ""
  WriteRegStr HKCU "${KEY}" "DisplayName" "${APP}"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\inkfall.exe"
  WriteRegStr HKCU "${KEY}" "Publisher" "The Inkfall authors"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" "$0"
SectionEnd

Section "Uninstall"
  !insertmacro RemoveProgram
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${APP}.lnk"
  ReadRegStr $0 HKCU "${CLASSES}\.inkfall" ""
  StrCmp $0 "Inkfall.Page" 0 +2
    DeleteRegKey HKCU "${CLASSES}\.inkfall"
  DeleteRegKey HKCU "${CLASSES}\Inkfall.Page"
  DeleteRegKey HKCU "${CLASSES}\Applications\inkfall.exe"
  DeleteRegKey HKCU "${CLASSES}\.gguf\OpenWithList\inkfall.exe"
  DeleteRegKey HKCU "${KEY}"
SectionEnd
