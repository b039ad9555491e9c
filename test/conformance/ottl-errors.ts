/** Errors of OTTL: theirs are chains from the processor down to the problem, ours name the problem at its place. */

/** What stands in front of the problem. */
const FRONT = [
  /^.*?unable to parse OTTL (?:statement|condition) ".*?[^\\]": /,
  /^.*?unable to infer a valid context \(.*\) from statements .* and conditions \[.*?\]: /,
  /^processors::[^:]*: /,
  /^failed to build pipelines: .*?failed to build skip matcher: /,
  /^(?:failed to create "filter" processor, in pipeline "logs": )?failed to build skip matcher: /,
  /^error reading configuration for "[^"]*": /,
  /^error while parsing arguments for call to "\w+": /,
  /^invalid argument at position \d+: /,
  /^error while parsing list argument at index \d+: /,
  /^couldn't create function: /,
];

/** Wrappers of Go types at run time. */
const WRAPPERS = /error getting value in ottl\.\w+(?:\[\S+\])?: /g;

/** The same problem; undefined where the text is none of OTTL. */
export function isSameOttlProblem(theirs: string, ours: string): boolean | undefined {
  if (
    !/unable to parse OTTL|unable to infer|inferred from the|has invalid syntax|failed to (?:execute|eval)|unknown context ".*" for|skip matcher/.test(
      theirs,
    )
  )
    return undefined;
  if (/(?:statement|condition) has invalid syntax/.test(theirs)) {
    // Where exactly their parser gave up depends on what it tried last.
    const [what] = /(?:statement|condition) has invalid syntax/.exec(theirs) as RegExpExecArray;
    return ours.includes(what);
  }
  if (/unable to infer context from (statements|conditions)/.test(theirs)) {
    return /unable to infer context from (?:statements|conditions), path's first segment must be/.test(ours);
  }
  if (/no value field set/.test(theirs)) return /must be a value, not the name of a function/.test(ours);
  return theirs.split(/\n|; (?=unable to parse OTTL|failed to)/).some((line) => {
    // Theirs shows statements with the context of their group in front of the paths.
    const isRun = /^failed to (?:execute|eval)/.test(line);
    const problem = core(line.replace(WRAPPERS, '').replace(/\[\*github\S+\]/g, ''));
    return (
      problem !== '' && (isRun ? withoutContexts(ours).includes(withoutContexts(problem)) : ours.includes(problem))
    );
  });
}

function core(line: string): string {
  let text = line;
  for (let before = ''; before !== text; ) {
    before = text;
    for (const front of FRONT) text = text.replace(front, '');
  }
  // The list of conditions is not in ours.
  return text.replace(/ from the conditions \[.*\] is not a supported context: .*$/, ' from the conditions');
}

function withoutContexts(text: string): string {
  return text.replace(/\b(?:log|scope|resource)\.(?=[a-z_])/g, '');
}
