#!/usr/bin/env node
// The executable. CommonJS on purpose: loading an ES module already starts libuv's thread pool, and its size must be set
// before. The pool serves the journal's syncs, name look-ups and compression; at Node's default of 4 threads a few gzips
// would make every answer wait.
process.env.UV_THREADPOOL_SIZE ??= '16';

void import('./main.js');
