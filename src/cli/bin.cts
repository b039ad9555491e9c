#!/usr/bin/env node
// The executable. CommonJS on purpose: loading an ES module already starts libuv's thread pool, and its size must be set
// before. The pool serves the journal's syncs, name look-ups and compression; at Node's default of 4 threads a few gzips
// would make every answer wait.
process.env.UV_THREADPOOL_SIZE ??= '16';

// What an agent holds does not grow, so its garbage should not either: by default V8 lets the heap grow to several times what
// is alive before it looks. Halves the memory under load for some percent of CPU. Flags of the user's come first.
if (![...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((flag) => flag.includes('heap-growing-percent')))
  require('node:v8').setFlagsFromString('--heap-growing-percent=80');

// What `npm run build` makes of main.ts and everything that it imports: a thousand small files take longer to open than to run.
const bundle: string = '../bundle/main.js';
void import(bundle);
