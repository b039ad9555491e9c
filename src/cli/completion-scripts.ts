/**
 * Scripts that complete command lines, one per shell. All work alike: the words before the cursor tell which command is meant
 * (the value of an option is no command), and that command has its lists.
 */
import type { CompletedCommand, CompletedOption } from './completion-tree.ts';

export const SHELLS = { bash, zsh, fish } as const;

type Tree = readonly CompletedCommand[];

/** In single quotes, where nothing is expanded. */
const posix = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const fishText = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const functionName = (program: string) => `_${program.replaceAll('-', '_')}`;

/** Each command with the options that a test picks, as patterns of `command:option`. */
function patterns(tree: Tree, quoted: (text: string) => string, pick: (option: CompletedOption) => boolean): string[] {
  return tree.flatMap(({ path, options }) =>
    options.filter(pick).flatMap(({ names }) => names.map((name) => quoted(`${path}:${name}`))),
  );
}

const hasValue = ({ value }: CompletedOption) => value !== 'none';
const isFile = ({ value }: CompletedOption) => value === 'file';
const isAny = ({ value }: CompletedOption) => value === 'any';
const hasWords = (option: CompletedOption): option is CompletedOption & { value: readonly string[] } =>
  typeof option.value !== 'string';

/** The arms of a `case` that finds the command. */
function arms(tree: Tree): string {
  const commands = tree.flatMap(({ path, commands }) =>
    commands.map((command) => `      ${posix(`${path}:${command.name}`)}) command=${posix(command.path)} ;;`),
  );
  return [...commands, `      ${patterns(tree, posix, hasValue).join(' | ')}) skip=1 ;;`].join('\n');
}

/** The arms of a `case` over `command:option` for values that are one of a few words. */
function wordArms(tree: Tree, action: (words: readonly string[]) => string): string[] {
  return tree.flatMap((command) =>
    command.options.filter(hasWords).map((option) => {
      const places = patterns([{ ...command, options: [option] }], posix, () => true);
      return `    ${places.join(' | ')}) ${action(option.value)} ;;`;
    }),
  );
}

function bash(program: string, tree: Tree): string {
  const name = functionName(program);
  const files = [...patterns(tree, posix, isFile), ...patterns(tree, posix, isAny)];
  return `# Completion of ${program} for bash: source <(${program} completion bash)
${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' skip='' words='' options='' word i
  COMPREPLY=()
  # bash makes words of their own of --option, = and value.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ $word == '=' ]] && continue
    if [[ -n $skip ]]; then
      skip=''
      continue
    fi
    case "$command:$word" in
${arms(tree)}
    esac
  done
  case "$command:$previous" in
${wordArms(tree, (words) => `COMPREPLY=($(compgen -W ${posix(words.join(' '))} -- "$current")); return`).join('\n')}
    ${files.join(' | ')}) return ;;
  esac
  case "$command" in
${tree
  .map(({ path, commands, options, words }) => {
    const all = [...commands.map(({ name }) => name), ...words].join(' ');
    const names = options.flatMap(({ names }) => names).join(' ');
    return `    ${posix(path)}) words=${posix(all)} options=${posix(names)} ;;`;
  })
  .join('\n')}
  esac
  [[ $current == -* ]] && words="$options"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
# Where there is nothing else to say bash offers files.
complete -o bashdefault -o default -F ${name} ${program}
`;
}

function zsh(program: string, tree: Tree): string {
  const name = functionName(program);
  const files = patterns(tree, posix, isFile);
  const withFiles = tree.filter(({ takesFile }) => takesFile).map(({ path }) => path);
  const described = (items: readonly (readonly [name: string, description: string])[]) =>
    items
      .map(([item, description]) => posix(item.replaceAll(':', '\\:') + (description && `:${description}`)))
      .join(' ');
  return `#compdef ${program}
# Completion of ${program} for zsh: source <(${program} completion zsh)
${name}() {
  local previous="\${words[CURRENT-1]}" command='' skip='' word
  local -a commands options
  integer i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $skip ]]; then
      skip=''
      continue
    fi
    case "$command:$word" in
${arms(tree)}
    esac
  done
  if [[ $PREFIX == --*=* ]]; then
    previous="\${PREFIX%%=*}"
    compset -P '*='
  fi
  case "$command:$previous" in
${wordArms(tree, (words) => `compadd -- ${words.map(posix).join(' ')}; return`).join('\n')}
    ${files.join(' | ')}) _files; return ;;
    ${patterns(tree, posix, isAny).join(' | ')}) return ;;
  esac
  case "$command" in
${tree
  .map((command) => {
    const commands = [
      ...command.commands.map(({ name, description }) => [name, description] as const),
      ...command.words.map((word) => [word, ''] as const),
    ];
    const options = command.options.flatMap(({ names, description }) =>
      names.map((name) => [name, description] as const),
    );
    return `    ${posix(command.path)}) commands=(${described(commands)}) options=(${described(options)}) ;;`;
  })
  .join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  elif ((\${#commands})); then
    _describe command commands
  else
    case "$command" in
      ${withFiles.map(posix).join(' | ')}) _files ;;
    esac
  fi
}
if [[ \${funcstack[1]} == _${program} ]]; then
  ${name} "$@"
else
  compdef ${name} ${program}
fi
`;
}

function fish(program: string, tree: Tree): string {
  const name = `_${functionName(program)}`;
  const lines = tree.flatMap(({ path, commands, options, words }) => {
    const at = `complete -c ${program} -n ${fishText(`${name}_at ${fishText(path)}`)}`;
    return [
      ...commands.map((command) => `${at} -a ${fishText(command.name)} -d ${fishText(command.description)}`),
      ...(words.length > 0 ? [`${at} -a ${fishText(words.join(' '))}`] : []),
      ...options.map(({ names, description, value }) => {
        const flags = names.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        const after = { none: '', any: ' -x', file: ' -r -F' };
        const argument = typeof value === 'string' ? after[value] : ` -x -a ${fishText(value.join(' '))}`;
        return `${at} ${flags.join(' ')}${argument} -d ${fishText(description)}`;
      }),
    ];
  });
  return `# Completion of ${program} for fish: ${program} completion fish | source
function ${name}_command
    set -l command ''
    set -l skip ''
    set -l typed (commandline -opc)
    for word in $typed[2..-1]
        if test -n "$skip"
            set skip ''
            continue
        end
        switch "$command:$word"
${tree
  .flatMap(({ path, commands }) =>
    commands.map(
      (command) =>
        `            case ${fishText(`${path}:${command.name}`)}\n                set command ${fishText(command.path)}`,
    ),
  )
  .join('\n')}
            case ${patterns(tree, fishText, hasValue).join(' ')}
                set skip 1
        end
    end
    echo $command
end
function ${name}_at
    test (${name}_command) = "$argv"
end
${tree
  .filter(({ takesFile }) => !takesFile)
  .map(({ path }) => `complete -c ${program} -n ${fishText(`${name}_at ${fishText(path)}`)} -f`)
  .join('\n')}
${lines.join('\n')}
`;
}
