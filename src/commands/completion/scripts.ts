import type { Shell } from './shells.js';

/**
 * Scripts that make Tab call storewire: each passes the words on and offers the answer
 * (see `completionToText`). So it is never out of date, and knows profiles, too. A program typed as a path is called by that path, everything else
 * (an alias, a function) as the `storewire` of PATH.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Written for bash 3.2, which macOS still has: no mapfile, and compopt only where it is. `=` and `:` end words there
  // (COMP_WORDBREAKS), so words are put together again before, and what stands before the last of them is taken off after.
  bash: `# storewire completion for bash: eval "$(storewire completion bash)" in ~/.bashrc
_storewire() {
  local program=\${COMP_WORDS[0]} piece=\${COMP_WORDS[COMP_CWORD]} last=0 glue=no i word before answer files value about
  local -a words
  words=('')
  [[ $program == */* ]] || program=storewire
  [[ $program == '~/'* ]] && program=$HOME/\${program:2}
  for (( i = 1; i <= COMP_CWORD; i++ )); do
    word=\${COMP_WORDS[i]}
    if [[ $i -eq $COMP_CWORD && -z $word && \${COMP_LINE:COMP_POINT-1:1} == [[:blank:]] ]]; then glue=no; fi
    if (( i > 1 )) && [[ $glue == yes || $word == [=:]* ]]; then
      words[last]+=$word
    else
      (( i > 1 )) && (( last += 1 ))
      words[last]=$word
    fi
    if [[ $word == [=:]* ]]; then glue=yes; else glue=no; fi
  done
  [[ $piece == [=:]* ]] && piece=
  before=\${words[last]}
  before=\${before:0:\${#before}-\${#piece}}
  COMPREPLY=()
  answer=$("$program" completion complete bash -- "\${words[@]}" 2>/dev/null) || return 0
  {
    read -r files
    while IFS=$'\\t' read -r value about; do COMPREPLY+=("\${value#"$before"}"); done
  } <<<"$answer"
  if [[ $files != files ]]; then
    compopt +o default 2>/dev/null
  elif (( \${#COMPREPLY[@]} > 0 )); then
    compopt -o filenames 2>/dev/null
    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$piece")
  fi
  return 0
}
complete -o default -F _storewire storewire
`,
  // -U: what comes back is right already, also where it only differs in case. As a file named _storewire in fpath it runs itself.
  zsh: `#compdef storewire
# storewire completion for zsh: source <(storewire completion zsh) in ~/.zshrc, after compinit
_storewire() {
  local program=\${words[1]} line about
  local -i ret=1
  local -a answer described
  [[ $program == */* ]] || program=storewire
  [[ $program == '~/'* ]] && program=$HOME/\${program:2}
  answer=("\${(@f)$("$program" completion complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  for line in "\${(@)answer[2,-1]}"; do
    about=\${line#*$'\\t'}
    described+=("\${\${line%%$'\\t'*}//:/\\\\:}\${about:+:$about}")
  done
  (( \${#described} )) && _describe -V storewire described -U && ret=0
  [[ \${answer[1]} == files ]] && _files && ret=0
  return ret
}
if [[ \${funcstack[1]} == _storewire ]]; then
  _storewire "$@"
else
  compdef _storewire storewire
fi
`,
  fish: `# storewire completion for fish: storewire completion fish > ~/.config/fish/completions/storewire.fish
function __storewire_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program storewire
    if string match -q '*/*' -- $words[1]
        set program (string replace -r '^~/' "$HOME/" -- $words[1])
    end
    set -l answer ($program completion complete fish -- $words[2..-1] "$current" 2>/dev/null)
    if test "$answer[1]" = files
        __fish_complete_path "$current"
    end
    if test (count $answer) -gt 1
        printf '%s\\n' $answer[2..-1]
    end
end
complete -c storewire -f -k -a '(__storewire_complete)'
`,
  // Written for Windows PowerShell 5.1 and PowerShell 7. The words are splatted, because npm installs a script there, and a script would
  // take an array as one argument. Of a list such as A,B PowerShell replaces the last item only. Where nothing at all is returned, it
  // offers files: right where files are values, and an empty string prevents it elsewhere.
  powershell: `# storewire completion for PowerShell: storewire completion powershell | Out-String | Invoke-Expression in $PROFILE
Register-ArgumentCompleter -Native -CommandName storewire -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $program = [string]$commandAst.GetCommandName()
    if ($program -notmatch '[\\\\/]') { $program = 'storewire' }
    $words = @()
    $begun = ''
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        $extent = $element.Extent
        if ($extent.EndOffset -lt $cursorPosition) {
            if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $words += $element.Value }
            else { $words += $extent.Text }
        } elseif ($extent.StartOffset -lt $cursorPosition) {
            $begun = $extent.Text.Substring(0, $cursorPosition - $extent.StartOffset)
        }
    }
    $before = 0
    if ($begun.EndsWith($wordToComplete)) { $before = $begun.Length - $wordToComplete.Length }
    $answer = @(& $program completion complete powershell '--' @words "=$begun" 2>$null)
    $found = @($answer | Select-Object -Skip 1 | ForEach-Object {
        $value, $about = $_ -split "\`t", 2
        $text = $value.Substring($before)
        if (-not $about) { $about = $text }
        New-Object System.Management.Automation.CompletionResult $text, $text, 'ParameterValue', $about
    })
    if ($answer[0] -eq 'files') {
        if ($found.Count -gt 0) { $found += [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete) }
    } elseif ($found.Count -eq 0) {
        $found = ''
    }
    $found
}
`,
};
