# SPDX-License-Identifier: Apache-2.0
# Completion of tutti for bash: commands, what they do, their options, folders and files.
# Commands and options are asked of the program itself, so that this file knows none that is not there.

_tutti_list() { # A page of the program: what it lists stands two blanks in.
    "${COMP_WORDS[0]}" "$@" --help 2>/dev/null
}

_tutti() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} words=""
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="$(_tutti_list | sed -n 's/^  \([a-z][a-z-]*\)  *[a-z].*/\1/p' | grep -vx tutti) --help --version"
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        return
    fi
    case $before in
    --out | --journal | --llm-record) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    --data | --token-file | --tokens) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --style) mapfile -t COMPREPLY < <(compgen -W "breakout reversion" -- "$current"); return ;;
    --set | --url | --reason | --symbol | --state | --limit | --last | --topic | --key | --source | --since | --until | \
        --correlation | --from-seq | --to-seq | --speed | --differences | --before | --amount | --price | --trigger | \
        --quantity | --stop | --target | --size | --upper | --lower | --leverage | --upper-stop | --upper-target | \
        --lower-stop | --lower-target) return ;;
    esac
    if [[ $current == -* ]]; then
        local page=("$command")
        [ "$command" = journal ] && page+=("${COMP_WORDS[2]}")
        words=$(_tutti_list "${page[@]}" | sed -n 's/^  \(--[a-z-]*\).*/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$current")
        return
    fi
    if [ "$COMP_CWORD" -eq 2 ]; then
        case $command in
        journal) words="dump tail stats verify repair" ;;
        task) words="run enable disable" ;;
        budget) words="reserve release" ;;
        dead) words="list show redrive discard" ;;
        quarantine) words="list release" ;;
        token) words="add list revoke" ;;
        config) words="check show reference" ;;
        store) words="rebuild" ;;
        esac
        if [ -n "$words" ]; then
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
            return
        fi
    fi
    case $command in
    run | backtest | config | scenario | topics)
        mapfile -t COMPREPLY < <(compgen -d -S / -- "$current"; compgen -f -X '!*.yaml' -- "$current") ;;
    verify | compare | replay | journal | store) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    token) [ "$COMP_CWORD" -eq 4 ] && mapfile -t COMPREPLY < <(compgen -W "viewer trader admin" -- "$current") ;;
    esac
}

complete -o filenames -F _tutti tutti
