; The Windows installer: for one user, without an administrator, no network. installer/nsis.py gives the names in ${}.
; An upgrade (or an older version) installs over the old one after removing its program files; pages, models and
; settings are never touched. A program that is running is never overwritten: the user is asked to close it, and a
; silent run (/S) ends with error level 2 and changes nothing.
Unicode true
Target amd64-unicode
!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "WordFunc.nsh"
!include "LogicLib.nsh"
!define APP "Inkfall"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${APP}"
!define PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths\inkfall.exe"
!define CLASSES "Software\Classes"
!define PROGRAM "${CLASSES}\Applications\inkfall.exe"
Name "${APP}"
OutFile "${OUTPUT}"
RequestExecutionLevel user
ManifestDPIAware true
ManifestLongPathAware true
InstallDir "$LOCALAPPDATA\Programs\${APP}"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
SetCompressor /SOLID lzma
SetCompressorDictSize 64
VIProductVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "${APP}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${APP} installer"
VIAddVersionKey "CompanyName" "${AUTHORS}"
VIAddVersionKey "LegalCopyright" "${COPYRIGHT}"
!ifdef ICON
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!endif
!ifdef SIGN
!finalize '${SIGN} "%1"' = 0
!uninstfinalize '${SIGN} "%1"' = 0
!endif
!define MUI_FINISHPAGE_RUN "$INSTDIR\inkfall.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Korean"
LangString RUNNING ${LANG_ENGLISH} "${APP} is running. Close its window, then choose Retry. Your pages are saved."
LangString RUNNING ${LANG_KOREAN} "${APP}이(가) 실행 중입니다. 창을 닫은 뒤 다시 시도를 누르십시오. 페이지는 저장되어 있습니다."
LangString NEWER ${LANG_ENGLISH} "Version $0 is installed, which is newer than ${VERSION}. Install ${VERSION} all the same?"
LangString NEWER ${LANG_KOREAN} "설치되어 있는 $0 버전이 ${VERSION} 버전보다 새롭습니다. 그래도 ${VERSION} 버전을 설치하시겠습니까?"
LangString PAGE ${LANG_ENGLISH} "${APP} page"
LangString PAGE ${LANG_KOREAN} "${APP} 페이지"
LangString TEXT ${LANG_ENGLISH} "Text"
LangString TEXT ${LANG_KOREAN} "텍스트"
LangString MODEL ${LANG_ENGLISH} "GGUF language model"
LangString MODEL ${LANG_KOREAN} "GGUF 언어 모델"

; Windows lets nobody write into the file of a running program.
!macro WaitForFile FILE
  ${DoWhile} ${FileExists} "${FILE}"
    ClearErrors
    FileOpen $1 "${FILE}" a
    ${IfNot} ${Errors}
      FileClose $1
      ${ExitDo}
    ${EndIf}
    ${If} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDCANCEL`
      SetErrorLevel 2
      Quit
    ${EndIf}
  ${Loop}
!macroend
!macro WaitUntilClosed
  !insertmacro WaitForFile "$INSTDIR\inkfall.exe"
  !insertmacro WaitForFile "$INSTDIR\inkfall.com"
!macroend

; Only what was installed goes: the folder may be one that the user chose, with files of its own.
!macro RemoveProgram
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\inkfall.exe"
  Delete "$INSTDIR\inkfall.com"
  Delete "$INSTDIR\uninstall.exe"
!macroend

!macro TellDesktop  ; SHCNE_ASSOCCHANGED
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend

; One kind of file that the program opens. The program is offered for it, and takes it over only where it is its own.
!macro Kind CLASS WORDS
  WriteRegStr HKCU "${CLASSES}\${CLASS}" "" "${WORDS}"
  WriteRegStr HKCU "${CLASSES}\${CLASS}\DefaultIcon" "" '"$INSTDIR\inkfall.exe",0'
  WriteRegStr HKCU "${CLASSES}\${CLASS}\shell\open\command" "" '"$INSTDIR\inkfall.exe" "%1"'
!macroend
!macro Offer ENDING CLASS
  WriteRegStr HKCU "${CLASSES}\${ENDING}\OpenWithProgids" "${CLASS}" ""
  WriteRegStr HKCU "${PROGRAM}\SupportedTypes" "${ENDING}" ""
!macroend
!macro Withdraw ENDING CLASS
  DeleteRegValue HKCU "${CLASSES}\${ENDING}\OpenWithProgids" "${CLASS}"
  DeleteRegKey /ifempty HKCU "${CLASSES}\${ENDING}\OpenWithProgids"
  DeleteRegKey /ifnosubkeys /ifempty HKCU "${CLASSES}\${ENDING}"
!macroend

Function .onInit
  ReadRegStr $0 HKCU "${KEY}" "DisplayVersion"
  ${If} $0 != ""
    ${VersionCompare} "$0" "${VERSION}" $1
    ${If} $1 == 1
    ${AndIf} ${Cmd} `MessageBox MB_YESNO|MB_ICONQUESTION "$(NEWER)" /SD IDYES IDNO`
      Quit
    ${EndIf}
  ${EndIf}
FunctionEnd

Section "install"
  !insertmacro WaitUntilClosed
  !insertmacro RemoveProgram
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortCut "$SMPROGRAMS\${APP}.lnk" "$INSTDIR\inkfall.exe"
  WriteRegStr HKCU "${PATHS}" "" "$INSTDIR\inkfall.exe"
  !insertmacro Kind "Inkfall.Page" "$(PAGE)"
  !insertmacro Kind "Inkfall.Model" "$(MODEL)"
  !insertmacro Kind "Inkfall.Text" "$(TEXT)"
  WriteRegStr HKCU "${CLASSES}\.inkfall" "" "Inkfall.Page"
  WriteRegStr HKCU "${PROGRAM}" "FriendlyAppName" "${APP}"
  WriteRegStr HKCU "${PROGRAM}\shell\open\command" "" '"$INSTDIR\inkfall.exe" "%1"'
  !insertmacro Offer ".inkfall" "Inkfall.Page"
  !insertmacro Offer ".gguf" "Inkfall.Model"
  !insertmacro Offer ".txt" "Inkfall.Text"
  !insertmacro Offer ".md" "Inkfall.Text"
  WriteRegStr HKCU "${KEY}" "DisplayName" "${APP}"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\inkfall.exe,0"
  WriteRegStr HKCU "${KEY}" "Publisher" "${AUTHORS}"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" "$0"
  !insertmacro TellDesktop
SectionEnd

Section "Uninstall"
  !insertmacro WaitUntilClosed
  !insertmacro RemoveProgram
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${APP}.lnk"
  ReadRegStr $0 HKCU "${CLASSES}\.inkfall" ""
  ${If} $0 == "Inkfall.Page"
    DeleteRegValue HKCU "${CLASSES}\.inkfall" ""
  ${EndIf}
  !insertmacro Withdraw ".inkfall" "Inkfall.Page"
  !insertmacro Withdraw ".gguf" "Inkfall.Model"
  !insertmacro Withdraw ".txt" "Inkfall.Text"
  !insertmacro Withdraw ".md" "Inkfall.Text"
  DeleteRegKey HKCU "${CLASSES}\Inkfall.Page"
  DeleteRegKey HKCU "${CLASSES}\Inkfall.Model"
  DeleteRegKey HKCU "${CLASSES}\Inkfall.Text"
  DeleteRegKey HKCU "${PROGRAM}"
  DeleteRegKey HKCU "${PATHS}"
  DeleteRegKey HKCU "${KEY}"
  !insertmacro TellDesktop
SectionEnd
