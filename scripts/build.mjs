import { build } from './prepare.mjs';

await build({ clean: process.argv.includes('--clean') });
