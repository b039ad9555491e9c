/** Which functions there are where. */
import type { FunctionEnvironment, OttlFunction } from './function.ts';
import { functions } from './functions/index.ts';
import type { Language } from './group.ts';

const byName = (list: readonly OttlFunction[]) => new Map(list.map((one) => [one.name, one]));

const LOG_STATEMENTS = byName(functions);
const STATEMENTS = byName(functions.filter(({ logStatementsOnly }) => !logStatementsOnly));
const CONVERTERS = byName(
  functions.filter(({ kind, logStatementsOnly }) => kind === 'converter' && !logStatementsOnly),
);

/** Statements have every function, conditions those that change nothing. */
export function language(environment: FunctionEnvironment): Language {
  return {
    environment,
    statementFunctions: (context) => (context === 'log' ? LOG_STATEMENTS : STATEMENTS),
    conditionFunctions: () => CONVERTERS,
  };
}
