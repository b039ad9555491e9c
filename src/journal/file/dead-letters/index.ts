export { type FileDeadLetters, type FileDeadLettersOptions, openDeadLetters } from './dead-letters.ts';
export { readDeadLetters, type StoredFileLetters } from './stored-letters.ts';
